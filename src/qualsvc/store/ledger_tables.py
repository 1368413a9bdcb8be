"""The ledger's tables: the head, one row per revision, what each revision changed, and requests done once."""

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from qualsvc.store.tables import CodeText, Timestamp, metadata

head = Table(
    "head",
    metadata,
    # One row for ever: it is written last in every writing transaction, so revisions are dense and in commit order.
    Column("singleton", Boolean, primary_key=True, server_default=text("true")),
    Column("revision", BigInteger, nullable=False, server_default=text("0")),
    Column("ledger_id", Uuid, nullable=False, server_default=func.gen_random_uuid()),
    CheckConstraint("singleton", name="singleton"),
)

revision = Table(
    "revision",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    # When it was recorded: set last of all before the commit, and always later than that of the revision before.
    Column("at", Timestamp, nullable=False, server_default=func.clock_timestamp()),
    Column("actor", Text, nullable=False),
    Column("request_id", Text),
    # Of all that replicas hold at this revision (records.checksum), to compare theirs with; null where nobody reckoned it.
    Column("checksum", Text),
)

change = Table(
    "change",
    metadata,
    Column(
        "revision",
        BigInteger,
        ForeignKey("revision.revision", deferrable=True, initially="DEFERRED"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("code", CodeText, nullable=False),
    # Documents without personal fields; null before a creation and after a deletion.
    Column("before", JSONB(none_as_null=True)),
    Column("after", JSONB(none_as_null=True)),
    # The names, never the values, of the personal fields that changed with it.
    Column("personal", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Index("ix_change_record", "kind", "code", "revision"),
    # All that ever was about a person: their state at an instant is read along it.
    Index("ix_change_person", text("(after ->> 'person')"), postgresql_where=text("(after ->> 'person') IS NOT NULL")),
)

replica = Table(
    "replica",
    metadata,
    # Each process that answers, by the boot id of its decision log.
    Column("replica", CodeText, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("started_at", Timestamp, nullable=False, server_default=func.clock_timestamp()),
    # Seconds for which it may go on answering after it was seen here.
    Column("lease_s", Double, nullable=False),
    # What it held when it was seen last; -1 before its first load.
    Column("revision", BigInteger, nullable=False),
    Column("checksum", Text),
    Column("seen_at", Timestamp, nullable=False, server_default=func.clock_timestamp()),
    # Counted up each time, so that silence can be told without believing any wall clock.
    Column("sightings", BigInteger, nullable=False, server_default=text("0")),
    # Silent for longer than its lease: it answers no more, until it has registered again.
    Column("lapsed", Boolean, nullable=False, server_default=text("false")),
    postgresql_with={"fillfactor": 50},
)

idempotency = Table(
    "idempotency",
    metadata,
    # Written in the transaction of the request it remembers: either both are there or neither.
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("at", Timestamp, nullable=False, server_default=func.clock_timestamp(), index=True),
    Column("revision", BigInteger, nullable=False),
    Column("status", Integer, nullable=False),
    # Codes only, never personal fields.
    Column("answer", JSON(none_as_null=True)),
)
