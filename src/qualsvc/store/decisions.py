"""Reading the decision log: answers that are in the table, in the order they were given, and how many there were."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import msgspec
from sqlalchemy import Row, Select, Text, any_, func, literal, null, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qualsvc.kernel.instants import format_instant
from qualsvc.records.documents import Document
from qualsvc.records.moments import instant_of, moment_of
from qualsvc.store.changing import to_json
from qualsvc.store.decision_tables import decision, decision_count
from qualsvc.store.pacing import paced
from qualsvc.store.tables import Timestamp, any_of

_PART = 500
"""So many rows are read in one step: the driver makes them in a millisecond or two."""

Place = tuple[int, str, int]
"""Where an answer stands among all: when it was given (microseconds), boot id, sequence."""
By = Literal["day", "site"]


@dataclass(frozen=True, slots=True)
class Sought:
    """Which answers: columns with their values, a reason among theirs, given in `[since, before)` (microseconds)."""

    equal: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    since: int | None = None
    before: int | None = None
    processes: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the log; `payload` as it was put on file, and the hash of its row in the chain of its boot."""

    place: Place
    summary: Document
    payload: str
    hash: bytes

    @property
    def decision_id(self) -> str:
        return decision_id(*self.place[1:])


class _Question(msgspec.Struct):
    at_given: bool | None = False
    known_at: str | None = None


class _Record(msgspec.Struct):
    question: _Question


_read_record = msgspec.json.Decoder(_Record).decode


def decision_id(boot_id: str, sequence: int) -> str:
    """What names an answer for ever."""
    return f"{boot_id}-{sequence}"


def whole(boot_id: str, sequence: int, payload: str, digest: bytes | None) -> str:
    """The decision as JSON, its payload as it was put on file; without hash as long as it is not in the table."""
    head = {
        "decision_id": decision_id(boot_id, sequence),
        "shipped": digest is not None,
        "boot_id": boot_id,
        "sequence": sequence,
        "hash": None if digest is None else digest.hex(),
    }
    return f"{to_json(head)[:-1]},{payload.lstrip()[1:]}"


_SUMMARY = ("site", "person", "equipment", "process", "decision", "purpose", "key", "revision")


def _answers(sought: Sought) -> Select[Any]:
    columns = decision.c
    query = select(columns.boot_id, columns.sequence, columns.logged_at, columns.at, columns.reasons)
    query = query.add_columns(*(columns[name] for name in _SUMMARY), columns.payload, columns.hash)
    query = query.where(columns.kind == "answer", *(columns[name] == value for name, value in sought.equal.items()))
    if sought.reason is not None:
        query = query.where(literal(sought.reason, Text) == any_(columns.reasons))
    if sought.processes is not None:
        query = query.where(columns.process == any_of(sought.processes))
    if sought.since is not None:
        query = query.where(columns.logged_at >= _moment(sought.since))
    if sought.before is not None:
        query = query.where(columns.logged_at < _moment(sought.before))
    return query


async def page(
    connection: AsyncConnection, sought: Sought, limit: int, after: Place | None = None, *, oldest_first: bool = False
) -> list[Answer]:
    """The next `limit` answers, newest first, after the place of another one.

    The order never changes, so a page neither skips nor repeats what was there; what is shipped later is where it belongs.
    """
    columns = decision.c
    order = (columns.logged_at, columns.boot_id, columns.sequence)
    query = _answers(sought).limit(limit).order_by(*(each if oldest_first else each.desc() for each in order))
    if after is not None:
        moment = _moment(after[0])
        stands, last = tuple_(*order), tuple_(moment, *after[1:])
        query = query.where(stands > last if oldest_first else stands < last)
        # Said apart, for of a comparison of rows the planner passes over partitions for nothing.
        query = query.where(columns.logged_at >= moment if oldest_first else columns.logged_at <= moment)
    return [_read(row) async for row in paced((await connection.execute(query)).all())]


async def every(engine: AsyncEngine, sought: Sought) -> AsyncIterator[list[Answer]]:
    """All of these answers, oldest first, in parts; between two of them nothing is held of the database.

    A cursor would stay open for as long as the reader takes: whoever drops the partition of an old month would wait for it, and
    all who ship and read would wait for them.
    """
    after = None
    while True:
        async with engine.connect() as connection:
            part = await page(connection, sought, _PART, after, oldest_first=True)
        if part:
            yield part
        if len(part) < _PART:
            return
        after = part[-1].place


async def one(connection: AsyncConnection, boot_id: str, sequence: int) -> Answer | None:
    """The answer with this place in its boot, None where the table does not have it."""
    row = (await connection.execute(_answers(Sought({"boot_id": boot_id})).where(decision.c.sequence == sequence))).first()
    return None if row is None else _read(row)


def _read(row: Row[Any]) -> Answer:
    logged_at = instant_of(row.logged_at)
    question = _question(row.payload)
    summary = {
        "decision_id": decision_id(row.boot_id, row.sequence),
        "asked_at": format_instant(logged_at),
        "at": format_instant(instant_of(row.at)),
        "at_given": question.at_given,
        "known_at": question.known_at,
        **{name: getattr(row, name) for name in _SUMMARY},
        "reasons": row.reasons,
    }
    return Answer((logged_at, row.boot_id, row.sequence), summary, row.payload, row.hash)


def _question(payload: str) -> _Question:
    """What was asked; of a payload that somebody has put something else into, nothing: the other rows are read all the same."""
    try:
        return _read_record(payload).question
    except msgspec.DecodeError:
        return _Question(at_given=None)


def _moment(instant: int) -> Any:
    return literal(moment_of(instant), Timestamp)


@dataclass(frozen=True, slots=True)
class Counted:
    """So many: of `what` (answers by decision, denials by reason or by purpose), named, of a day, of a site.

    The day or the site is None where all are added up; an empty site is none.
    """

    day: date | None
    site: str | None
    what: str
    name: str
    number: int


async def counts(
    engine: AsyncEngine, first: date, last: date, site: str | None = None, by: By | None = None
) -> AsyncIterator[Counted]:
    """What was counted from the first to the last day, local to the sites, by day and site or by one of them."""
    counted = decision_count.c
    keys = (counted.day if by != "site" else null(), counted.site if by != "day" else null())
    within = [counted.day.between(first, last), *([] if site is None else [counted.site == site])]
    denied = counted.decision == "deny"
    sorts = {
        "answers": (counted.decision, [counted.reason == ""]),
        "denials_by_reason": (counted.reason, [denied, counted.reason != ""]),
        "denials_by_purpose": (counted.purpose, [denied, counted.reason == ""]),
    }
    parts = [
        select(
            keys[0].label("day"),
            keys[1].label("site"),
            literal(what).label("what"),
            name.label("name"),
            func.sum(counted.number).label("number"),
        )
        .where(*within, *which)
        .group_by(*([counted.day] if by != "site" else []), *([counted.site] if by != "day" else []), name)
        for what, (name, which) in sorts.items()
    ]
    union = union_all(*parts).subquery()
    query = select(union).order_by(union.c.day, union.c.site, union.c.what, union.c.number.desc(), union.c.name)
    async with engine.connect() as connection:
        found = await connection.stream(query.execution_options(yield_per=_PART))
        async for rows in found.partitions():
            for row in rows:
                yield Counted(row.day, row.site, row.what, row.name, int(row.number))
