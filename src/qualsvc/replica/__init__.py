"""Following the change log: the facts in memory, and how sure we are that they are fresh."""
