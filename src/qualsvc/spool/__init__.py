"""The local decision log: an answer is on file before it leaves."""
