"""Following the change log of one database: what is held, and how sure we are of it, is brought about here alone."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Callable
from datetime import datetime, tzinfo

import asyncpg
import structlog

from qualsvc.clocks import Clock
from qualsvc.records.checksum import written
from qualsvc.records.moments import instant_of
from qualsvc.replica.held import GapError, Held
from qualsvc.replica.lease import Sighting
from qualsvc.replica.replica import Reload, Replica
from qualsvc.replica.silence import MARGIN, Silence
from qualsvc.store import feed, reporting
from qualsvc.store.engine import LOST, close, connect
from qualsvc.store.errors import DatabaseAway, said
from qualsvc.store.pacing import batches
from qualsvc.store.past import is_standby, past

logger = structlog.get_logger("qualsvc.replica")

POLL_S = 0.5
REPORT_S = 1.0
SOON_S = 0.2
"""After a change, what is held is reported as soon as this; and at once when somebody waits for it."""
SWEEP_S = 2.0
ALTERED_S = 30.0
"""As long as the tables are not what was written through the service, they are loaded so often: nothing else tells of them."""
LARGE = 500
"""More changes than this are applied to a copy, aside, which then takes the place of what was held."""

_SLICE = 25
"""So many of them are read and applied in a row: that takes less than a millisecond."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0
_ANSWER_S, _LONGEST_ANSWER_S = 0.75, 5.0
_CONNECT_S, _LONGEST_CONNECT_S = 2.0, 10.0
_LAST_WORD_S = 1.0
_PIECES = 200
"""Of what was held before, so many are let go of in a row: that takes less than a tenth of a second."""
_LOADS_ALTERED = 10
"""But no more than a tenth of the time goes into it."""
_CANNOT_WRITE = (asyncpg.DiskFullError, asyncpg.ReadOnlySQLTransactionError)


class Follower:
    """Keeps a replica true: gap-free and in order, and never longer than its lease without a sighting on record."""

    def __init__(
        self,
        replica: Replica,
        url: str,
        zone: Callable[[str], tzinfo],
        clock: Clock,
        who: reporting.Identity,
        revive: Callable[[], object] | None = None,
    ) -> None:
        """`revive` brings a database of our own back when it has died; it may block and may fail."""
        self._replica = replica
        self._url = url
        self._zone = zone
        self._clock = clock
        self._who = who
        self._revive = revive
        self._often = who.lease_s / 4
        self._mark: tuple[int, datetime | None] | None = None
        self._timeline: str | None = None
        self._lost = 0
        self._in_step = False
        self._asked_to_report = False
        self._reported, self._reported_at = -1, float("-inf")
        self._silence = Silence()
        self._load_again_at = float("inf")
        self._swept_at = float("-inf")
        self._can_report = True
        self._former: list[object] = []

    async def run(self) -> None:
        """Follow the log until cancelled, reconnecting for ever."""
        pause = _FIRST_PAUSE_S
        while True:
            try:
                connection = await connect(
                    self._url,
                    timeout_s=self._patience(_CONNECT_S, _LONGEST_CONNECT_S),
                    statement_timeout_s=_LONGEST_ANSWER_S,
                )
                try:
                    await self._follow(connection)
                finally:
                    await self._leave(connection)
            except LOST as error:
                self._lost += 1
                if self._in_step:
                    self._in_step, pause = False, _FIRST_PAUSE_S
                logger.warning("database_lost", error=said(error), retry_s=pause)
            except Exception:
                # A fact that cannot be read must not be passed over: nothing is renewed until a load succeeds.
                self._hold(None)
                logger.exception("replica_broken", retry_s=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
            await self._revived()

    def _patience(self, first: float, longest: float) -> float:
        """Seconds to wait for the database, more each time it was too late: a dead one is noticed soon, a slow one borne."""
        return min(first * (1 << min(self._lost, 8)), longest)

    async def _revived(self) -> None:
        if self._revive is not None:
            try:
                await asyncio.to_thread(self._revive)
            except Exception:
                logger.exception("database_not_revived")

    async def _leave(self, connection: asyncpg.Connection) -> None:
        task = asyncio.current_task()
        if task is None or not task.cancelling():
            connection.terminate()  # who did not answer in time would let us wait for a farewell as well
            return
        self._replica.held = None  # INVARIANT: who has left answers no more
        with contextlib.suppress(*LOST):
            async with asyncio.timeout(_LAST_WORD_S):
                await reporting.leave(connection, self._who.replica)
        await close(connection)

    async def _follow(self, connection: asyncpg.Connection) -> None:
        async with self._in_time():
            moved = await self._reconsider(connection)
            await reporting.begin(connection)
            self._can_report = True
            with contextlib.suppress(*_CANNOT_WRITE):  # which is told when it is to report
                await reporting.register(connection, self._who)
            await connection.add_listener(feed.CHANNEL, self._told)
        connection.add_termination_listener(lambda *_: self._replica.wake.set())
        self._silence = Silence()  # of what another server said nothing follows
        if moved is not None:
            # Who was on record with the other server may be missing here, and answer for as long as a lease.
            self._replica.others_known_from = self._clock.monotonic() + self._who.lease_s * MARGIN
            await self._reload(connection, "timeline", moved)
        while True:
            self._replica.wake.clear()
            late = await self._catch_up(connection)
            await self._sweep(connection)
            if self._replica.is_altered and self._clock.monotonic() >= self._load_again_at:
                await self._reload(connection, "altered", "the tables were written past the service, and may have been again")
            if late or self._asked_to_report:  # the sighting is old already, or somebody waits: look again at once
                continue
            await self._let_go(_PIECES)
            rest = SOON_S if self._reported != self._replica.revision else POLL_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(rest, self._often)):
                    await self._replica.wake.wait()

    def _told(self, _connection: object, _pid: int, _channel: str, word: object) -> None:
        self._asked_to_report = self._asked_to_report or word == reporting.REPORT
        self._replica.wake.set()

    def _in_time(self) -> asyncio.Timeout:
        return asyncio.timeout(self._patience(min(_ANSWER_S, self._who.lease_s / 2), _LONGEST_ANSWER_S))

    async def _reconsider(self, connection: asyncpg.Connection) -> str | None:
        """On a new connection: whether what we hold, and what we wrote, is in this server's past; why to look at all of it."""
        replica = self._replica
        promised = replica.promised
        if await is_standby(connection):
            raise DatabaseAway("this is a standby, which may lag; name the primary or add `target_session_attrs=read-write`")
        head = await feed.head(connection)
        here = await past(connection, replica.revision)
        if head.revision < promised == replica.promised:
            logger.warning("write_lost", revision=promised, head=head.revision)
            replica.promised = head.revision
        if replica.held is not None and self._mark != (replica.revision, here.made_at):
            self._distrust("another_past", f"revision {replica.revision} is not the one that was followed")
        followed, self._timeline = self._timeline, here.timeline
        if replica.held is None or followed == here.timeline:
            return None
        return f"the server writes timeline {here.timeline}, and {followed} was followed"

    async def _catch_up(self, connection: asyncpg.Connection) -> bool:
        """Hold at least the head as it was when asked for, and renew the lease by it; whether that took too long."""
        replica = self._replica
        promised, asked = replica.promised, self._clock.monotonic()
        async with self._in_time():
            head, on_record = await self._look(connection, asked)
        seen = Sighting(asked, self._clock.monotonic(), instant_of(head.now), head.revision)
        replica.head = head.revision
        if head.revision < promised:
            raise DatabaseAway(f"revision {promised} was written, and the server followed does not have it")
        await self._advance(connection, head)
        if replica.revision < head.revision:
            return True
        replica.lease.renew(seen, on_record=on_record)
        self._in_step, self._lost = True, 0
        replica.release()
        if replica.revision == head.revision:
            self._mark = (head.revision, head.made_at)
        return self._clock.monotonic() - asked >= self._who.lease_s / 2

    async def _look(self, connection: asyncpg.Connection, now: float) -> tuple[feed.Head, bool]:
        """The head, and whether it is on record that it was seen."""
        replica, since = self._replica, now - self._reported_at
        soon = SOON_S if self._reported != replica.revision else REPORT_S
        if not self._asked_to_report and since < min(soon, self._often):
            return await feed.head(connection), False
        wanted, self._asked_to_report = self._asked_to_report, False
        self._reported, self._reported_at = replica.revision, now
        held = None if replica.held is None else written(replica.held.checksum)
        try:
            head, on_record = await reporting.sight(connection, self._who.replica, self._reported, held)
            if not on_record:  # we were silent for too long, and somebody may have gone on without us
                await reporting.register(connection, self._who)
                head, on_record = await reporting.sight(connection, self._who.replica, self._reported, held)
        except _CANNOT_WRITE as error:
            # Doors need not stop for a disk that is full. From the second look on: by then nobody gives us up any more.
            if not self._can_report:
                return await reporting.look(connection, self._who.replica)
            logger.warning("not_reported", error=str(error))
            self._can_report = False
            await reporting.hold_out(connection, self._who.replica)
            return await feed.head(connection), False
        if not self._can_report:
            self._can_report, self._silence = True, Silence()  # others were not on record either
            await reporting.reports_again(connection, self._who.replica)
        if wanted and head.revision > self._reported:
            self._asked_to_report = True  # once more, when that is held
        return head, on_record

    async def _advance(self, connection: asyncpg.Connection, head: feed.Head) -> None:
        """Bring what is held to the head, or past it where all has to be loaded."""
        replica = self._replica
        held = replica.held
        if held is not None and (held.ledger_id != head.ledger_id or held.snapshot.revision > head.revision):
            # Another database, or this one restored from before: what was promised by the old one is void.
            logger.error("database_went_back", held=held.snapshot.revision, head=head.revision)
            replica.promised = 0
            self._distrust("went_back", "the database went back")
            held = None
        if held is not None:
            try:
                held = await self._applied(connection, held, head)
            except GapError as gap:
                await self._reload(connection, "gap", str(gap))
                return
            # INVARIANT: no await stands between what was applied and this.
            if held.agrees(head):
                if replica.held is not held:
                    self._hold(held)
                return
            reason = f"what is held is not what the database has at revision {head.revision}"
            if held.altered_by:  # and somebody has put right, or accepted, what was written past the service
                self._distrust("altered", reason)
            else:
                logger.error("checksum_differs", revision=head.revision)
                self._distrust("checksum", reason)
        await self._load(connection)

    async def _applied(self, connection: asyncpg.Connection, held: Held, head: feed.Head) -> Held:
        """What was held, or a twin of it that nobody asks yet, at the head. Raises GapError."""
        if held.snapshot.revision == head.revision:
            return held
        changes = feed.change_pages(connection, held.snapshot.revision, upto=head.revision, in_time=self._in_time)
        async with contextlib.aclosing(changes) as pages:
            first = await anext(pages)
            if len(first) > LARGE:
                held = await _built_aside(held.copy(), first, pages)
            else:
                self._apply(held, first)
        if held.snapshot.revision < head.revision:
            raise GapError(f"no changes after revision {held.snapshot.revision}")
        return held

    def _apply(self, held: Held, rows: list[asyncpg.Record]) -> None:
        try:
            held.apply(feed.read_changes(rows))
        except GapError:
            raise
        except Exception:
            self._hold(None)  # before anybody can ask: a revision applied by half is never answered from
            raise

    async def _reload(self, connection: asyncpg.Connection, why: Reload, reason: str) -> None:
        """Load all anew; what is held was true of its revision, and is answered from until then, or its lease runs out."""
        logger.warning("reloading", reason=reason)
        self._replica.reloads[why] += 1
        await self._load(connection)

    def _distrust(self, why: Reload, reason: str) -> None:
        """What is held never was so, or is so no more: nothing is answered until all is loaded."""
        logger.warning("reloading", reason=reason)
        self._hold(None)
        self._replica.reloads[why] += 1

    def _hold(self, held: Held | None) -> None:
        """Answer from this instead from now on, or from nothing.

        What was held is let go of later, bit by bit: a million facts freed at once hold up every door for a quarter of a
        second. And facts are trees, freed by counting: the collector of cycles need never walk over them.
        """
        if self._replica.held is not None:
            self._former += self._replica.held.pieces()
        self._replica.held = held
        gc.freeze()

    async def _let_go(self, most: int) -> None:
        """Free what was held before, at most so many pieces of it."""
        for _ in range(min(most, len(self._former))):
            self._former.pop()
            await asyncio.sleep(0)

    async def _load(self, connection: asyncpg.Connection) -> None:
        if self._replica.held is None:
            await self._let_go(len(self._former))  # else there would be three of them for a while
        began = self._clock.monotonic()
        number = 0
        async with feed.loading(connection) as (at, slices):
            held = Held.empty(self._zone, at.ledger_id)
            async for kind, documents in slices:
                held.take(kind, documents)
                number += len(documents)
        held.complete(at.revision, at.checksum)
        if held.altered_by:
            logger.error("tables_altered", revision=at.revision)
        took = self._clock.monotonic() - began
        self._load_again_at = self._clock.monotonic() + max(ALTERED_S, _LOADS_ALTERED * took)
        self._hold(held)
        logger.info("loaded", revision=at.revision, records=number, took_s=round(took, 3))

    async def _sweep(self, connection: asyncpg.Connection) -> None:
        """See who else has fallen silent, so that nobody waits for them."""
        asked = self._clock.monotonic()
        if not self._can_report or asked - self._swept_at < min(SWEEP_S, self._who.lease_s / 2):
            return
        self._swept_at = asked
        async with self._in_time():
            signs = await reporting.signs(connection)
            silent = self._silence.past_lease(signs, asked, self._clock.monotonic())
            if silent:
                await reporting.lapse(connection, silent)


async def _built_aside(twin: Held, first: list[asyncpg.Record], pages: AsyncIterator[list[asyncpg.Record]]) -> Held:
    """Apply them to a twin that nobody asks yet, little at a time: asks go on meanwhile."""
    going_on = False
    rows: list[asyncpg.Record] | None = first
    while rows is not None:
        for some in batches(rows, _SLICE):
            twin.apply(feed.read_changes(some), going_on=going_on)
            going_on = True
            await asyncio.sleep(0)
        rows = await anext(pages, None)
    return twin
