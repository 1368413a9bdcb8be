"""What a process answers from: the facts of one revision, and whether they are fresh enough to be answered from."""

import asyncio
from collections import Counter
from typing import Literal, get_args

import structlog

from qualsvc.access.keys import Keyring
from qualsvc.clocks import Clock
from qualsvc.replica.held import Held
from qualsvc.replica.lease import MAX_SKEW, Lease, NotFreshError

logger = structlog.get_logger("qualsvc.replica")

APPLY_TIMEOUT_S = 30.0
"""How long a write waits to be applied here; the largest bulk takes a few seconds."""

Reload = Literal["gap", "checksum", "timeline", "another_past", "went_back", "altered"]
"""Changes are missing; what is held is not what the database has; a failover; it has lost what was followed; it is another;
its tables were written past the service, and may have been again."""
RELOADS: tuple[Reload, ...] = get_args(Reload)


class Replica:
    """The one place a process asks for facts. Its follower keeps it true; everything else only reads."""

    def __init__(self, clock: Clock, max_staleness_s: float) -> None:
        self._clock = clock
        self.lease = Lease(clock, max_staleness_s)
        self.held: Held | None = None
        self.head = 0
        """The last revision the database was seen to have."""
        self.promised = 0
        """The last revision that was written here and could not be applied in time."""
        self.reloads = Counter[Reload]()
        """How often everything was loaded anew, by why."""
        self.others_known_from = float("-inf")
        """Monotonic seconds from which on the database knows of everybody who may answer."""
        self.wake = asyncio.Event()
        """Set when there may be something new to apply."""
        self._waiting: set[tuple[int, asyncio.Future[None]]] = set()

    @property
    def revision(self) -> int:
        """The revision held, -1 while nothing is."""
        return self.held.snapshot.revision if self.held else -1

    @property
    def is_altered(self) -> bool:
        """Whether the tables, when they were loaded, were not what the ledger had put there."""
        return self.held is not None and self.held.altered_by != 0

    def keys(self) -> Keyring:
        """The keys that are good at this instant, whatever the wall clock says. Raises NotFreshError."""
        return self._in_touch().keyring

    def fresh(self) -> Held:
        """What may be answered from at this instant. Raises NotFreshError."""
        held = self._in_touch()
        self.believe(self._clock.wall())
        return held

    def answerable(self, wall: int) -> tuple[Held, int]:
        """As `fresh`, where the wall clock was just read, with the age in whole milliseconds. Raises NotFreshError."""
        elapsed = self._clock.monotonic()
        held = self._in_touch(elapsed)
        self.believe(wall, elapsed)
        return held, self.lease.age_ms(elapsed)

    def believe(self, wall: int, elapsed: float | None = None) -> int:
        """A reading of the wall clock, taken now, which must not be far off the database's. Raises NotFreshError.

        Of the very reading: a clock may be stepped, and stepped back, at any moment. `elapsed` is a reading of the other clock.
        """
        skew = self.lease.skew(wall, elapsed)
        if abs(skew) > MAX_SKEW:
            raise NotFreshError("clock_skew", f"this host's clock is {skew / 1e6:+.1f} s off the database's; set it right")
        return wall

    def _in_touch(self, elapsed: float | None = None) -> Held:
        if self.held is None:
            raise NotFreshError("stale", "the facts are not loaded yet; try again")
        if not self.lease.fresh(elapsed):
            raise NotFreshError("stale", f"no word from the database for {self.lease.silence():.1f} s; try again")
        if self.promised > self.revision:
            raise NotFreshError("stale", f"revision {self.promised} was written here and is not applied yet; try again")
        return self.held

    def age_ms(self) -> int:
        """Milliseconds since what is held was known to be all there is. Of what is fresh, which is not of any age."""
        return self.lease.age_ms(self._clock.monotonic())

    def is_fresh(self) -> bool:
        """Whether `fresh` would not raise."""
        try:
            self.fresh()
        except NotFreshError:
            return False
        return True

    async def reached(self, revision: int, timeout_s: float) -> bool:
        """Wait until `revision` is held; whether it is in time."""
        if self.revision >= revision or timeout_s <= 0:
            return self.revision >= revision
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = (revision, reached)
        self._waiting.add(waiter)
        self.wake.set()
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
            self.promised = max(self.promised, revision)
            logger.warning("write_not_applied_yet", revision=revision, held=self.revision)

    def release(self) -> None:
        """Let those go on who waited for what is held now."""
        for revision, reached in self._waiting:
            if revision <= self.revision and not reached.done():
                reached.set_result(None)
