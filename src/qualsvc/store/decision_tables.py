"""The decision log's tables: answers by month, boots with the heads of their chains, what ties boots, counts, statements."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, Index, LargeBinary, Table, Text, func, text

from qualsvc.store.tables import CodeText, Timestamp, metadata

LOST = """kind IN ('gap', 'unreadable') OR kind = 'close' AND payload ~ '"torn_bytes": [1-9]'"""
"""Rows that stand for answers nobody can read any more; so may the end of a file that is torn."""

decision = Table(
    "decision",
    metadata,
    # Exactly once: a record is named by the life of the process that gave the answer, and its number in it.
    Column("boot_id", CodeText, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    # When it was answered, by the answering process; partitions go by it.
    Column("logged_at", Timestamp, primary_key=True),
    # open, answer, close, gap, unreadable
    Column("kind", Text, nullable=False),
    Column("site", CodeText),
    Column("person", CodeText),
    Column("equipment", CodeText),
    Column("process", CodeText),
    Column("decision", Text),
    Column("purpose", Text),
    Column("key", CodeText),
    Column("at", Timestamp),
    Column("revision", BigInteger),
    Column("reasons", ARRAY(Text)),
    # As it was put on file before the answer left, to the byte.
    Column("payload", Text, nullable=False),
    # SHA-256 over the hash before it and all of the columns above.
    Column("hash", LargeBinary, nullable=False),
    Index("ix_decision_person", "person", "logged_at"),
    Index("ix_decision_equipment", "equipment", "logged_at"),
    Index("ix_decision_logged_at", "logged_at"),
    # Hardly any, it is hoped; each is looked for when evidence is frozen.
    Index("ix_decision_lost", "logged_at", postgresql_where=text(LOST)),
    postgresql_partition_by="RANGE (logged_at)",
)

decision_boot = Table(
    "decision_boot",
    metadata,
    # Written in the transaction that ships: how far it is, and the hash of the last row.
    Column("boot_id", CodeText, primary_key=True),
    # Its first record, for replays: the row may be given up while the process still answers. Null: it was lost.
    Column("opened", Text),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("logged_at", Timestamp, nullable=False),
    Column("closed", Boolean, nullable=False, server_default=text("false")),
)

decision_link = Table(
    "decision_link",
    metadata,
    # A chain over all boots: one row when a boot is opened and one when it is closed, signed by the host that does it.
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Timestamp, nullable=False),
    Column("event", Text, nullable=False),
    Column("boot_id", CodeText, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    # Of an opening: SHA-256 of what it says. Null: that was lost.
    Column("opened", LargeBinary),
    # SHA-256 over the link before it and all of the columns above.
    Column("link", LargeBinary, nullable=False),
    Column("key", Text, nullable=False),
    Column("signature", Text, nullable=False),
)

decision_count = Table(
    "decision_count",
    metadata,
    # By the local date at the site. Empty text: no site, no purpose; an empty reason counts answers, others denials.
    Column("day", Date, primary_key=True),
    Column("site", CodeText, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("decision", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
)


def _statements(kind: str) -> Table:
    """Signed statements of a kind, numbered from one without a hole."""
    return Table(
        kind,
        metadata,
        Column("n", BigInteger, primary_key=True, autoincrement=False),
        Column("at", Timestamp, nullable=False, server_default=func.clock_timestamp()),
        # Canonical JSON, to the byte as it was signed.
        Column("body", Text, nullable=False),
        # Public key and signature, Ed25519, in hexadecimal.
        Column("key", Text, nullable=False),
        Column("signature", Text, nullable=False),
    )


# Where the chains stood, and rows that were given up by policy.
checkpoint = _statements("checkpoint")
tombstone = _statements("tombstone")
