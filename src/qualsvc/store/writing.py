"""The one function through which every write goes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NoReturn

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qualsvc.records.checksum import read, written
from qualsvc.records.faults import Fault
from qualsvc.store.changing import append_changes, change_rows
from qualsvc.store.checks import check
from qualsvc.store.errors import AdminRequired, Busy, DatabaseAway, OutcomeUnknown, StillReferenced, WriteRefused, said
from qualsvc.store.feed import CHANNEL, HEAD
from qualsvc.store.once import done_before, remember
from qualsvc.store.operations import Actor, Decide, Once, Operation, Outcome, Step, Written
from qualsvc.store.pacing import paced
from qualsvc.store.planning import plan
from qualsvc.store.waivers import Terms

MAX_FAULTS = 200_000
"""As many as a bulk has lines: each bad one is named."""
LOCK_TIMEOUT_S = 60
"""Longer than the largest bulk holds the writer lock."""

_USUAL_TERMS = Terms()
WRITER_LOCK = 0x7175616C  # "qual"
_TRY_AGAIN = frozenset({"40001", "40P01"})  # serialization failure, deadlock
_LOCK_NOT_AVAILABLE = "55P03"
_CANNOT = ("53", "25006")
"""Sorts of states in which the server can do nothing for now: no room on its disk, no memory, read-only."""
_HEAD = text(f"SELECT revision, checksum FROM ({HEAD}) AS head")  # noqa: S608 -- made of nothing but our own text
COUNT_UP = """
WITH counted AS (UPDATE head SET revision = revision + 1 RETURNING revision)
UPDATE revision
   SET at = greatest(
           clock_timestamp(),
           (SELECT before.at + interval '1 microsecond' FROM revision before WHERE before.revision = counted.revision - 1)
       )
  FROM counted
 WHERE revision.revision = counted.revision
RETURNING revision.revision
"""
"""Counts the head up to the revision that was put in, and says when that was recorded; the last statement before the commit."""


@dataclass(frozen=True, slots=True)
class _Request:
    actor: Actor
    operations: Sequence[Operation] | Decide
    request_id: str | None
    once: Once | None
    terms: Terms


async def write(
    engine: AsyncEngine,
    actor: Actor,
    operations: Sequence[Operation] | Decide,
    *,
    request_id: str | None = None,
    once: Once | None = None,
    terms: Terms = _USUAL_TERMS,
) -> Written:
    """Do all of the operations, or none, in one transaction that makes one revision.

    Each record may be named once. Where nothing changes, no revision is made and the current one is answered.
    Raises `RecordNotFound`, `PreconditionFailed`, `WriteRefused` (`StillReferenced`, `Conflict`, `Forbidden`,
    `AdminRequired`), `KeyReused`, `Busy`, `DatabaseAway`; after `OutcomeUnknown` the write may have happened, after all
    others nothing has.
    """
    request = _Request(actor, operations, request_id, once, terms)
    try:
        return await _attempt(engine, request)
    except DBAPIError as error:
        if _sqlstate(error) not in _TRY_AGAIN:
            _raise_translated(error)
    try:
        return await _attempt(engine, request)
    except DBAPIError as error:
        _raise_translated(error)


async def _attempt(engine: AsyncEngine, request: _Request) -> Written:
    committing = False
    try:
        async with engine.connect() as connection, connection.begin() as transaction:
            written = await _transact(connection, request)
            committing = True
            async with _heeding(connection) as warned:
                await transaction.commit()
            if warned:  # of a commit it is only that: somebody made it go on without the standby it has to wait for
                raise OutcomeUnknown(f"the database warned while committing ({warned[0]})")
            return written
    except OSError as error:  # time-outs too
        if committing:
            raise OutcomeUnknown("the connection was lost while committing") from error
        raise DatabaseAway(f"the database stopped answering: {said(error)}") from error
    except DBAPIError as error:
        if committing and error.connection_invalidated:
            raise OutcomeUnknown("the connection was lost while committing") from error
        raise
    except PoolExhausted as error:
        raise Busy("all connections to the database are in use") from error


@asynccontextmanager
async def _heeding(connection: AsyncConnection) -> AsyncIterator[list[str]]:
    """What the server warns of meanwhile."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    warned: list[str] = []

    def listen(_: object, message: asyncpg.PostgresLogMessage) -> None:
        if message.severity_en == "WARNING":
            warned.append(str(message))

    driver.add_log_listener(listen)
    try:
        yield warned
    finally:
        driver.remove_log_listener(listen)


async def _transact(connection: AsyncConnection, request: _Request) -> Written:
    # INVARIANT: one writer at a time. Trees, statutory rules and badges are checked against a state nobody else changes,
    # and the revision read here is still the last one when it is counted up below.
    await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'"))
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER_LOCK})
    if request.once is not None:
        before = await done_before(connection, request.actor, request.once)
        if before is not None:
            return before
    head, checksum = await _head(connection)
    asked = request.operations
    operations = await asked(connection) if callable(asked) else asked
    steps, faults = await plan(connection, request.actor, operations, request.terms)
    faults += await check(connection, steps)
    if faults:
        raise _refusal(faults)
    changed = [step async for step in paced(steps.values()) if step.outcome is not Outcome.UNCHANGED]
    done = Written(head + 1 if changed else head, list(steps.values()))
    if changed:
        await _put(connection, request, done.revision, changed, checksum)
    if request.once is not None:
        await remember(connection, request.actor, request.once, done)
    if changed:
        await _count_up(connection, done.revision)
    return done


async def _head(connection: AsyncConnection) -> tuple[int, int | None]:
    """The last revision and its checksum, None where nobody has reckoned it."""
    head, checksum = (await connection.execute(_HEAD)).one()
    return head, read(head, checksum)


async def _put(
    connection: AsyncConnection, request: _Request, revision: int, changed: Sequence[Step], checksum: int | None
) -> None:
    await change_rows(connection, changed)
    after = await append_changes(connection, revision, changed, checksum)
    await connection.execute(
        text("INSERT INTO revision (revision, actor, request_id, checksum) VALUES (:revision, :actor, :request_id, :checksum)"),
        {
            "revision": revision,
            "actor": request.actor.key_id,
            "request_id": request.request_id,
            "checksum": None if after is None else written(after),
        },
    )
    notice = {"channel": CHANNEL, "revision": str(revision)}
    await connection.execute(text("SELECT pg_notify(:channel, :revision)"), notice)


async def _count_up(connection: AsyncConnection, revision: int) -> None:
    # INVARIANT: nothing but the commit itself comes after the instant of recording, or what nobody could see yet would count as
    # known; so what the commit would check is checked before. And no revision is recorded before the one it follows on, even if
    # the clock was set back.
    await connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    counted = await connection.execute(text(COUNT_UP))
    assert int(counted.scalar_one()) == revision


def _refusal(faults: Sequence[Fault]) -> WriteRefused:
    sort = {"still_referenced": StillReferenced, "admin_required": AdminRequired}
    codes = {fault.code for fault in faults}
    refusal = sort.get(codes.pop(), WriteRefused) if len(codes) == 1 else WriteRefused
    in_order = sorted(faults, key=lambda fault: fault.line or 0)
    return refusal(in_order[:MAX_FAULTS], len(faults))


def _sqlstate(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    return state if isinstance(state, str) else None


def _raise_translated(error: DBAPIError) -> NoReturn:
    if _sqlstate(error) == _LOCK_NOT_AVAILABLE:
        raise Busy("another write holds the ledger") from error
    if _sqlstate(error) in _TRY_AGAIN:
        raise Busy("other work on the database was in the way twice") from error
    if (_sqlstate(error) or "").startswith(_CANNOT):
        raise DatabaseAway(f"the database takes no writes now: {error.orig}") from error
    if error.connection_invalidated:
        raise DatabaseAway("the connection to the database was lost before anything was committed") from error
    raise error
