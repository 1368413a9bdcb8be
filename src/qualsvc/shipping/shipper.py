"""The shipper of a host: every spool file in a directory, of the living and of the dead, goes into the database."""

import asyncio
import contextlib
import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import asyncpg

from qualsvc.audit.signing import SigningKey
from qualsvc.shipping.boot import Boot
from qualsvc.shipping.comparing import compared
from qualsvc.shipping.days import Days
from qualsvc.spool.format import segments
from qualsvc.spool.life import clear
from qualsvc.store.decision_log import OutOfStep, cursor_of, make_partitions, while_connected
from qualsvc.store.engine import LOST, close, connect
from qualsvc.store.errors import said

logger = logging.getLogger("qualsvc.shipping")

LOCK = "shipper.lock"
IDLE_S = 0.2
"""How long it waits when nothing is left to ship; so late may an answer be in the table."""
_AGAIN_S = 1.0
_HOUSEKEEPING_S = 60.0
_MONTHS_AHEAD = 2
_OF_THE_SERVER = (TimeoutError, ConnectionError, asyncpg.ReadOnlySQLTransactionError)
"""What another server, or another connection, may mend; all else is of the one boot."""
_REFUSED_S, _REFUSED_AT_MOST_S = 0.2, 60.0
_MOST_DOUBLED = 10
"""So many times the pause grows, which is past the most; for ever the power would outgrow a float."""
_TOLD_AT = 2
"""The first time it may be a month that was given up meanwhile, which is made anew."""


class _Refused(NamedTuple):
    """So many times for this reason, and when it is tried again."""

    times: int
    why: str
    again_at: float


class Shipper:
    """Ships until it is told to stop. One at a time works on a directory; others wait to take over."""

    def __init__(
        self, directory: Path, database_url: str, signer: SigningKey, contradicted: Callable[[str], None] = lambda _: None
    ) -> None:
        """`signer` signs the opening and closing of boots. `contradicted` is told what the database has otherwise than we."""
        self._directory = directory
        self._url = database_url
        self._signer = signer
        self._contradicted = contradicted
        self._refused: dict[str, _Refused] = {}
        self._aside: dict[str, str] = {}
        self._stopping = asyncio.Event()
        self._days = Days()
        self._months: set[date] = set()
        self._kept_at = float("-inf")

    def stop(self) -> None:
        """Ship what is there, and return."""
        self._stopping.set()

    async def run(self) -> None:
        """Ship, through every failure of the database, until stopped; then once more, for it may just be back."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _lock(self._directory / LOCK) as held:
            while not held() and not await self._stopped_within(_AGAIN_S):
                pass
            while held():
                last = self._stopping.is_set()
                try:
                    await self._connected()
                    return  # noqa: TRY300 -- what follows is for another attempt
                except OutOfStep as error:
                    logger.error("%s", error)  # noqa: TRY400 -- it says all there is
                except LOST as error:
                    logger.warning("not shipping for now: %s", said(error))
                self._months.clear()  # one may have been given up meanwhile
                if last:
                    return
                await self._stopped_within(_AGAIN_S)

    async def _connected(self) -> None:
        connection = await connect(self._url)
        try:
            boots: dict[str, Boot] = {}
            while True:
                async with while_connected(connection):
                    shipped = await self.once(connection, boots)
                if shipped == 0 and self._stopping.is_set():
                    return
                if shipped == 0:
                    await self._stopped_within(IDLE_S)
        finally:
            await close(connection)

    async def once(self, connection: asyncpg.Connection, boots: dict[str, Boot]) -> int:
        """One batch of each boot there is; answers how many rows. `boots` are those under way."""
        if monotonic() - self._kept_at >= _HOUSEKEEPING_S:
            await self._keep_house(connection)
        shipped = 0
        there = segments(self._directory)
        for boot_id in there:
            if boot_id in self._refused and monotonic() < self._refused[boot_id].again_at:
                continue
            try:
                if boot_id not in boots:
                    boots[boot_id] = await self._begin(connection, boot_id)
                shipped += await boots[boot_id].step(connection)
            except (asyncpg.PostgresError, OSError) as error:
                if connection.is_closed() or isinstance(error, _OF_THE_SERVER):
                    raise
                self._refuse(boot_id, error)
                boots.pop(boot_id, None)
            else:
                self._refused.pop(boot_id, None)
        for boot_id in boots.keys() - there.keys():
            del boots[boot_id]
        return shipped

    def _refuse(self, boot_id: str, error: Exception) -> None:
        """What cannot be shipped of one boot keeps no other one waiting; it is tried again, and told once it fails so again."""
        self._months.clear()  # a month that was given up since has to be made anew
        before = self._refused.get(boot_id)
        times = before.times + 1 if before is not None and before.why == str(error) else 1
        pause = min(_REFUSED_S * (2 ** min(times, _MOST_DOUBLED) - 2), _REFUSED_AT_MOST_S)
        self._refused[boot_id] = _Refused(times, str(error), monotonic() + pause)
        if times == _TOLD_AT:
            logger.error("what boot %s answered cannot be shipped: %s; it stays on file", boot_id, error)

    async def _begin(self, connection: asyncpg.Connection, boot_id: str) -> Boot:
        cursor = await cursor_of(connection, boot_id)
        differing = None
        if cursor is not None:
            differing = await compared(connection, self._directory, boot_id, cursor.sequence, self._signer)
        if differing is not None and self._aside.get(boot_id) != differing.told:
            self._aside[boot_id] = differing.told
            if differing.is_altered:
                logger.error("%s: the database was altered, or restored; the boot's files are set aside", differing.told)
                self._contradicted(differing.told)
            else:
                logger.warning("%s; the boot's files are set aside", differing.told)
        aside = differing is not None
        return Boot(self._directory, boot_id, cursor, self._signer, self._days, self._months, set_aside=aside)

    async def _keep_house(self, connection: asyncpg.Connection) -> None:
        """Partitions are there before the month begins; days are counted in the zones of today; no lock outlives its boot."""
        month, months = datetime.now(UTC).date().replace(day=1), []
        for _ in range(_MONTHS_AHEAD + 1):
            months.append(month)
            month = (month + timedelta(days=32)).replace(day=1)
        await make_partitions(connection, months)
        self._months.update(months)
        clear(self._directory)
        self._days.update(dict(await connection.fetch("SELECT code, time_zone FROM site")))
        self._kept_at = monotonic()

    async def _stopped_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()


@contextlib.contextmanager
def _lock(path: Path) -> Iterator["_Held"]:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _Held(file)
    finally:
        os.close(file)


class _Held:
    """Whether the lock is ours; asks for it as long as it is not."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._ours = False

    def __call__(self) -> bool:
        if not self._ours:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._ours = True
        return self._ours
