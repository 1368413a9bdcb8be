"""A replica: follows the change log of one database and says how fresh it is."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, tzinfo

import asyncpg
import structlog

from qualsvc.access.keys import Keyring
from qualsvc.clocks import Clock
from qualsvc.records.moments import instant_of
from qualsvc.replica.held import GapError, Held
from qualsvc.replica.lease import MAX_SKEW, Lease, NotFreshError, Sighting
from qualsvc.store import feed, past
from qualsvc.store.engine import LOST, close, connect
from qualsvc.store.errors import DatabaseAway

logger = structlog.get_logger("qualsvc.replica")

POLL_S = 1.0
_FIRST_PAUSE_S = 0.05
QUERY_TIMEOUT_S = 5.0
APPLY_TIMEOUT_S = 30.0
"""How long a write waits to be applied here; the largest bulk takes a few seconds."""
LARGE = 500
"""More changes than this are applied to a copy, aside, which then takes the place of what was held."""


class Replica:
    """The one place a process asks for facts. `follow` keeps it true; everything else only reads."""

    def __init__(
        self,
        url: str,
        zone: Callable[[str], tzinfo],
        clock: Clock,
        max_staleness_s: float,
        revive: Callable[[], object] | None = None,
    ) -> None:
        """`revive` brings a database of our own back when it has died; it may block and may fail."""
        self._url = url
        self._revive = revive
        self._zone = zone
        self._clock = clock
        self._max_staleness_s = max_staleness_s
        self._waiting: set[tuple[int, asyncio.Future[None]]] = set()
        self._wake = asyncio.Event()
        self._promised = 0
        self._in_step = False
        self._mark: tuple[int, datetime | None] | None = None
        self.lease = Lease(clock, max_staleness_s)
        self.held: Held | None = None
        self.head = 0
        """The last revision the database was seen to have."""

    @property
    def revision(self) -> int:
        """The revision held, -1 before the first load."""
        return self.held.snapshot.revision if self.held else -1

    def keys(self) -> Keyring:
        """The keys that are good at this instant, whatever the wall clock says. Raises NotFreshError."""
        return self._in_touch().keyring

    def fresh(self) -> Held:
        """What may be answered from at this instant. Raises NotFreshError."""
        held = self._in_touch()
        skew = self.lease.skew()
        if abs(skew) > MAX_SKEW:
            raise NotFreshError("clock_skew", f"this host's clock is {skew / 1e6:+.1f} s off the database's; set it right")
        return held

    def _in_touch(self) -> Held:
        if self.held is None:
            raise NotFreshError("stale", "the facts are not loaded yet; try again")
        if not self.lease.fresh():
            raise NotFreshError("stale", f"no word from the database for {self.lease.age():.1f} s; try again")
        if self._promised > self.revision:
            raise NotFreshError("stale", f"revision {self._promised} was written here and is not applied yet; try again")
        return self.held

    def is_fresh(self) -> bool:
        """Whether `fresh` would not raise."""
        try:
            self.fresh()
        except NotFreshError:
            return False
        return True

    async def reached(self, revision: int, timeout_s: float) -> bool:
        """Wait until `revision` is held; whether it is in time."""
        if self.revision >= revision:
            return True
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = (revision, reached)
        self._waiting.add(waiter)
        self._wake.set()
        try:
            async with asyncio.timeout(timeout_s):
                await reached
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(waiter)
        return True

    async def applied(self, revision: int) -> None:
        """Wait after a write here until it is applied, so that no ask that follows its answer is answered without it.

        Asks meanwhile may still be answered from before: nobody has been told of the write yet. If it cannot be applied
        in time it is promised instead, and from then on nothing older is answered.
        """
        if not await self.reached(revision, APPLY_TIMEOUT_S):
            self._promised = max(self._promised, revision)
            logger.warning("write_not_applied_yet", revision=revision, held=self.revision)

    async def follow(self) -> None:
        """Follow the log until cancelled, reconnecting for ever."""
        pause = _FIRST_PAUSE_S
        while True:
            try:
                connection = await connect(self._url)
                try:
                    await self._follow(connection)
                finally:
                    await close(connection)
            except LOST as error:
                if self._in_step:
                    self._in_step, pause = False, _FIRST_PAUSE_S
                logger.warning("database_lost", error=str(error) or type(error).__name__, retry_s=pause)
            except Exception:
                # A fact that cannot be read must not be passed over: nothing is renewed until a load succeeds.
                self.held = None
                logger.exception("replica_broken", retry_s=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
            await self._revived()

    async def _revived(self) -> None:
        if self._revive is not None:
            try:
                await asyncio.to_thread(self._revive)
            except Exception:
                logger.exception("database_not_revived")

    async def _follow(self, connection: asyncpg.Connection) -> None:
        await self._reconsider(connection)
        await connection.add_listener(feed.CHANNEL, lambda *_: self._wake.set())
        connection.add_termination_listener(lambda *_: self._wake.set())
        while True:
            self._wake.clear()
            await self._catch_up(connection)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()

    async def _reconsider(self, connection: asyncpg.Connection) -> None:
        """On a new connection: whether what we hold, and what we wrote, is in this server's past."""
        promised = self._promised
        async with asyncio.timeout(QUERY_TIMEOUT_S):
            if await past.is_standby(connection):
                raise DatabaseAway(
                    "this is a standby, which may lag; name the primary or add `target_session_attrs=read-write`"
                )
            head = await feed.head(connection)
            held_at = await past.written_at(connection, self.revision)
        if head.revision < promised == self._promised:
            logger.warning("write_lost", revision=promised, head=head.revision)
            self._promised = head.revision
        if self.held is not None and self._mark != (self.revision, held_at):
            logger.warning("reloading", reason=f"revision {self.revision} is not the one that was followed")
            await self._load(connection)

    async def _catch_up(self, connection: asyncpg.Connection) -> None:
        """Hold at least the head as it was when asked for, and renew the lease by it."""
        while True:
            promised, asked = self._promised, self._clock.monotonic()
            async with asyncio.timeout(QUERY_TIMEOUT_S):
                head = await feed.head(connection)
            seen = Sighting(asked, self._clock.monotonic(), instant_of(head.at), head.revision)
            self.head = head.revision
            if head.revision < promised:
                raise DatabaseAway(f"revision {promised} was written, and the server followed does not have it")
            held = self.held
            if held is None:
                await self._load(connection)
            elif held.ledger_id != head.ledger_id or held.snapshot.revision > head.revision:
                # Another database, or this one restored from before: what was promised by the old one is void.
                logger.error("database_went_back", held=held.snapshot.revision, head=head.revision)
                self._promised = 0
                await self._load(connection)
            else:
                try:
                    while held.snapshot.revision < head.revision:
                        held = await self._advance(connection, held)
                except GapError as gap:
                    logger.warning("reloading", reason=str(gap))
                    await self._load(connection)
            if self.revision >= head.revision:
                self.lease.renew(seen)
                self._in_step = True
                self._release()
                if self._mark is None or self._mark[0] != self.revision:
                    self._mark = (self.revision, await past.written_at(connection, self.revision))
                if self._clock.monotonic() - asked < self._max_staleness_s / 2:
                    return  # otherwise the sighting is old already: look again at once

    async def _load(self, connection: asyncpg.Connection) -> None:
        loaded = await feed.load(connection)
        self.held = await asyncio.to_thread(Held.build, self._zone, loaded.ledger_id, loaded.revision, loaded.records)
        logger.info("loaded", revision=loaded.revision, records=len(loaded.records))

    async def _advance(self, connection: asyncpg.Connection, held: Held) -> Held:
        rows = await feed.change_rows(connection, held.snapshot.revision)
        if not rows:
            raise GapError(f"no changes after revision {held.snapshot.revision}")
        if len(rows) <= LARGE:
            try:
                held.apply(feed.read_changes(rows))
            except GapError:
                raise
            except Exception:
                self.held = None  # before anybody can ask: a revision applied by half is never answered from
                raise
            return held
        self.held = await asyncio.to_thread(_built_aside, held, rows)
        return self.held

    def _release(self) -> None:
        for revision, reached in self._waiting:
            if revision <= self.revision and not reached.done():
                reached.set_result(None)


def _built_aside(held: Held, rows: list[asyncpg.Record]) -> Held:
    twin = held.copy()
    twin.apply(feed.read_changes(rows))
    return twin
