"""All of the log but its rows, as one snapshot of the database has it."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from qualsvc.audit.statements import Statement, every
from qualsvc.store.chain import AS_TEXT

# One look into the index for each boot, however many rows it has.
_EXTENTS = """
WITH RECURSIVE boot AS (
    SELECT min(boot_id) AS boot_id FROM decision
    UNION ALL
    SELECT (SELECT min(boot_id) FROM decision WHERE boot_id > boot.boot_id) FROM boot WHERE boot.boot_id IS NOT NULL
)
SELECT boot_id, (SELECT min(sequence) FROM decision WHERE boot_id = boot.boot_id) AS first,
    (SELECT max(sequence) FROM decision WHERE boot_id = boot.boot_id) AS last
FROM boot WHERE boot_id IS NOT NULL
"""
_TIES = f"""
SELECT n, coalesce({AS_TEXT.format("at")}, at::text), event, boot_id, sequence, hash, opened, link, key, signature
FROM decision_link ORDER BY n
"""  # noqa: S608 -- all words are ours
_RECORDS = """
SELECT boot_id, boot.sequence, boot.hash, closed, sha256(convert_to(opened, 'UTF8')), decision.logged_at <> boot.logged_at
FROM decision_boot boot LEFT JOIN decision USING (boot_id, sequence)
"""
# Kept a second time for those who replay, and to be the same as long as the row is there.
_OPENED_OTHERWISE = """
SELECT boot_id FROM decision_boot JOIN decision USING (boot_id)
WHERE decision.sequence = 0 AND kind = 'open' AND opened IS DISTINCT FROM payload
"""
# Years that no clock of ours ever shows, and no date of Python's can.
_WITHIN = "logged_at >= '0001-01-02Z' AND logged_at < '9999-12-31Z'"
_BEYOND = """
SELECT boot_id, sequence, logged_at::text FROM decision WHERE logged_at < '0001-01-02Z' OR logged_at >= '9999-12-31Z'
ORDER BY boot_id, sequence LIMIT 1000
"""
_MONTHS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'decision'::regclass"


@dataclass(frozen=True, slots=True)
class Record:
    """What `decision_boot` says: how far the boot was shipped; of what it says of its opening the SHA-256.

    `is_moved`: the last row is there, and bears another time than the record says.
    """

    sequence: int
    hash: bytes
    closed: bool
    opened: bytes | None
    is_moved: bool | None


@dataclass(frozen=True, slots=True)
class Tie:
    """A row of `decision_link`; `at` as it is hashed."""

    n: int
    at: str
    event: str
    boot_id: str
    sequence: int
    hash: bytes
    opened: bytes | None
    link: bytes
    key: str
    signature: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is there. `extents` are the least and the greatest sequence there is a row of, by boot.

    `months` is how many partitions hold rows; `opened_otherwise` are the boots whose record says of their opening what row 0
    does not; `out_of_time` are the rows that were logged at no time there is.
    """

    records: dict[str, Record]
    ties: list[Tie]
    extents: dict[str, tuple[int, int]]
    checkpoints: list[Statement]
    tombstones: list[Statement]
    opened_otherwise: list[str]
    out_of_time: list[tuple[str, int, str]]
    months: int
    now: datetime
    since: datetime | None
    until: datetime | None

    @property
    def statements(self) -> list[Statement]:
        """Of both kinds."""
        return [*self.checkpoints, *self.tombstones]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all to verify."""
        return not (self.boots or self.statements)

    @property
    def boots(self) -> list[str]:
        """Every boot that is named anywhere."""
        return sorted({*self.records, *self.extents, *(tie.boot_id for tie in self.ties)})


async def gathered(connection: asyncpg.Connection) -> Evidence:
    """Read it."""
    records = await connection.fetch(_RECORDS)
    ties = await connection.fetch(_TIES)
    extents = await connection.fetch(_EXTENTS)
    since, until = await connection.fetchrow(f"SELECT min(logged_at), max(logged_at) FROM decision WHERE {_WITHIN}")  # noqa: S608 -- so they are
    months = [month for (month,) in await connection.fetch(_MONTHS)]
    return Evidence(
        records={boot_id: Record(*rest) for boot_id, *rest in records},
        ties=[Tie(*row) for row in ties],
        extents={boot_id: (first, last) for boot_id, first, last in extents},
        checkpoints=await every(connection, "checkpoint"),
        tombstones=await every(connection, "tombstone"),
        opened_otherwise=[boot_id for (boot_id,) in await connection.fetch(_OPENED_OTHERWISE)],
        out_of_time=[tuple(row) for row in await connection.fetch(_BEYOND)],
        now=await connection.fetchval("SELECT clock_timestamp()"),
        months=sum([await connection.fetchval(f"SELECT EXISTS (SELECT FROM {month})") for month in months]),  # noqa: S608 -- quoted
        since=since,
        until=until,
    )
