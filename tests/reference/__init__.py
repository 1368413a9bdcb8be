"""A second, naive reading of the decision semantics, shared with nothing: what the kernel is checked against."""
