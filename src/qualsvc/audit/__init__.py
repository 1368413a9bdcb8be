"""The decision log as evidence: verified from outside, its heads signed and witnessed, its oldest months given up with a word."""
