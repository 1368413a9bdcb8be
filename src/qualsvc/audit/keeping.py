"""What is done for the log beside shipping it: checkpoints, the witness, retention."""

import asyncio
import contextlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time_ns
from typing import Self

import asyncpg

from qualsvc.audit.checkpoints import checkpoint
from qualsvc.audit.faults import Faults
from qualsvc.audit.memory import MEMORY_FILE, Memory
from qualsvc.audit.retention import NotSound, retain
from qualsvc.audit.signing import SigningKey, configured_key, read_key
from qualsvc.audit.standing import strangers
from qualsvc.audit.statements import last
from qualsvc.audit.trust import CONTRADICTED, believed, said
from qualsvc.audit.witness import WitnessError, require_writable, tell, witnesses
from qualsvc.kernel.instants import format_instant
from qualsvc.settings import Settings
from qualsvc.store.engine import LOST, close, connect

logger = logging.getLogger("qualsvc.audit")

_TURN_S, _LEAST_S = 60.0, 1.0
"""From turn to turn, at most and at least."""
_DAY_S, _HOUR_S = 86_400.0, 3600.0
_LAST_S = 5.0
"""For the last checkpoint, when the service stops."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """By whom and how the log is signed, witnessed and shortened."""

    key: SigningKey
    checkpoint_interval_s: float
    witness_file: Path | None = None
    witness_url: str | None = None
    retention_months: int | None = None
    memory: Path | None = None

    @classmethod
    def configured(cls, settings: Settings) -> Self:
        """As the settings say; makes the signing key where there is none. Raises SettingsError and OSError."""
        key = configured_key(settings, making=True)
        assert key is not None
        months, memory = settings.decision_retention_months, settings.data_dir.absolute() / MEMORY_FILE
        return cls(key, settings.checkpoint_interval_s, settings.witness_file, settings.witness_url, months, memory)

    def line(self) -> bytes:
        """As one line, for the process that ships. It holds the secret key: not for logs nor command lines."""
        file, memory = (None if path is None else str(path) for path in (self.witness_file, self.memory))
        told = [self.key.seed, self.checkpoint_interval_s, file, self.witness_url, self.retention_months, memory]
        return json.dumps(told).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        """What `line` wrote."""
        seed, interval, file, url, months, memory = json.loads(line)
        places = (None if path is None else Path(path) for path in (file, memory))
        return cls(read_key(seed), interval, next(places), url, months, next(places))


class Keeper:
    """Does it all turn by turn, through every failure of database and witness."""

    def __init__(self, database_url: str, keeping: Keeping) -> None:
        self._url = database_url
        self._keeping = keeping
        self._retained_at = float("-inf")
        self._memory = Memory(keeping.memory)
        self._witnesses = witnesses(keeping.witness_file, keeping.witness_url, self._memory)
        self._silent = ""
        self._gone: list[str] = []
        self._strangers: set[str] = set()
        self._known = 0
        self._begun = False

    def contradict(self, found: str) -> None:
        """What the next checkpoint is to say that the database has otherwise than this host."""
        self._memory.find(found)

    async def run(self) -> None:
        """Turn by turn, until cancelled."""
        interval = self._keeping.checkpoint_interval_s
        while True:
            await self._turn(interval)
            await asyncio.sleep(max(_LEAST_S, min(interval or _TURN_S, _TURN_S)))

    async def finish(self) -> None:
        """A last checkpoint of what has been shipped since the one before; no month is given up any more."""
        self._retained_at = monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_S):
                await self._turn(0)

    async def _turn(self, interval_s: float) -> None:
        try:
            connection = await connect(self._url)
            try:
                await self.once(connection, interval_s)
            finally:
                await close(connection)
        except LOST as error:
            logger.warning("the log is not kept for now: %s", str(error) or type(error).__name__)
        except Exception:  # what somebody made of the tables must not end it, nor the shipping beside it
            logger.exception("the log is not kept for now")
        else:
            if not self._silent:
                self._memory.fail(None)
                return
        self._memory.fail(format_instant(time_ns() // 1000))

    async def once(self, connection: asyncpg.Connection, interval_s: float) -> None:
        """One turn: what is due. A witness that does not take what it is told is told again at the next one."""
        keeping = self._keeping
        if not self._begun:
            await self._begin()
        try:
            await self._look_for_strangers(connection)
            if keeping.checkpoint_interval_s:
                await self._sign(connection, interval_s)
            if keeping.retention_months is not None and monotonic() - self._retained_at >= _DAY_S:
                await self._retain(connection, keeping.retention_months)
        finally:  # whatever somebody planted to be stumbled over, the witness is told
            await self._tell(connection)

    async def _tell(self, connection: asyncpg.Connection) -> None:
        try:
            gone = await tell(connection, self._witnesses)
        except WitnessError as error:
            if str(error) != self._silent:
                logger.warning("statements are not witnessed for now: %s", error)
            self._silent, gone = str(error), error.gone
        else:
            if self._silent:
                logger.info("statements are witnessed again")
            self._silent = ""
        if gone and gone != self._gone:
            logger.error("a witness was told otherwise: %s; all that is here is told anew", "; ".join(gone))
        self._gone = gone

    async def _sign(self, connection: asyncpg.Connection, interval_s: float) -> None:
        found = self._memory.found
        made = await checkpoint(connection, self._keeping.key, interval_s, self._memory.signed, found)
        if made is not None:
            self._memory.say(found)
            if (wrong := said(made).get(CONTRADICTED)) is not None:
                logger.error("what was signed is not there any more: %s; checkpoint %d says so", wrong, made.n)
            self._memory.sign(made)
            return
        # Of another host with our key: what it signed is ours to remember, too. A greater number only, for a memory that goes
        # back forgets.
        latest, signed = await last(connection, "checkpoint"), self._memory.signed
        if latest is not None and (signed is None or latest.n > signed.n):
            for genuine in believed([latest], frozenset([self._keeping.key.public]), Faults()):
                self._memory.sign(genuine)

    async def _look_for_strangers(self, connection: asyncpg.Connection) -> None:
        """Of two hosts that sign by keys of their own each tells of the other, whoever came first."""
        latest = await last(connection, "checkpoint")
        n = 0 if latest is None else latest.n
        found = await strangers(connection, self._keeping.key, min(n, self._known))
        self._known = n
        if new := [key for key in found if key not in self._strangers]:
            mine, others = self._keeping.key.public, ", ".join(new)
            logger.error("checkpoints are signed by %s from now on, to whom %s did not hand over", mine, others)
            self._strangers.update(new)

    async def _begin(self) -> None:
        """Say at once what an auditor would find out too late."""
        if self._keeping.witness_file is not None:
            try:
                await asyncio.to_thread(require_writable, self._keeping.witness_file)
            except WitnessError as error:
                logger.warning("statements will not be witnessed: %s", error)
        self._begun = True

    async def _retain(self, connection: asyncpg.Connection, months: int) -> None:
        try:
            async for gone in retain(connection, self._keeping.key, months):
                logger.info("the decisions of %s are given up: %d rows of %d boots", gone.month, gone.rows, gone.boots)
        except NotSound as error:
            logger.error("a month is not given up: %s; `qualsvc audit verify` tells more", error)  # noqa: TRY400 -- it says all there is
        except asyncpg.LockNotAvailableError:
            # Somebody reads the log at length. Whoever ships waits as long as we do, so not at each turn.
            self._retained_at = monotonic() - _DAY_S + _HOUR_S
            return
        self._retained_at = monotonic()
