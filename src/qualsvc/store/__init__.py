"""The store: PostgreSQL tables, the ledger of revisions, the one function that writes, and reads."""
