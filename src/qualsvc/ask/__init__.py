"""The ask path: bytes of a query in, bytes of an answer out. No database and no framework on it."""
