"""The chain over a boot's rows: what is hashed, and how. Whoever reads the table out can recompute it by these three.

The text of a row is the very line that `COPY … TO STDOUT` gives for its columns, in this order, with times in UTC.
"""

from hashlib import sha256

COLUMNS = (
    "boot_id",
    "sequence",
    "logged_at",
    "kind",
    "site",
    "person",
    "equipment",
    "process",
    "decision",
    "purpose",
    "key",
    "at",
    "revision",
    "reasons",
    "payload",
)
"""The columns that are hashed, in this order; `hash` comes after them."""


def genesis(boot_id: str) -> bytes:
    """The hash before the first row of a boot."""
    return sha256(b"qualsvc decision log " + boot_id.encode()).digest()


def chained(before: bytes, line: bytes) -> bytes:
    """The hash of a row that follows on another one."""
    return sha256(before + line).digest()


AS_TEXT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
"""An instant in SQL as it is hashed and signed: text, in UTC, to the microsecond."""
