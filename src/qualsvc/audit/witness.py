"""The witness: every statement is also told to somebody whom the owner of the database cannot make forget it.

INVARIANT: how far a witness was told is never read from the database: its owner would only have to say `all of it`.
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import asyncpg
import httpx
import msgspec

from qualsvc.audit.memory import Mark, Memory
from qualsvc.audit.statements import KINDS, Statement, after, numbered

TIMEOUT_S = 5.0


class WitnessError(Exception):
    """A witness did not take what it was told; it is told again. `gone` is what others were told that is not there any more."""

    def __init__(self, why: str, gone: Sequence[str] = ()) -> None:
        super().__init__(why)
        self.gone = list(gone)


class Witness(Protocol):
    """Somebody to tell."""

    name: str
    at_once: int

    async def last(self, kind: str) -> Mark | None:
        """The statement of a kind that it was told last. Raises WitnessError."""

    async def tell(self, told: Sequence[Statement]) -> None:
        """Tell it these, all of one kind, in order. Raises WitnessError."""


def mark_of(statement: Statement) -> Mark:
    """By what a statement is known again."""
    return statement.n, sha256(f"{statement.key} {statement.signature} {statement.body}".encode()).hexdigest()


async def tell(connection: asyncpg.Connection, witnesses: Sequence[Witness]) -> list[str]:
    """Tell each witness what it has not been told yet, in order; answers what it was told and is not there any more.

    Where that is so, all that is there is told anew: so it has both pasts. Raises WitnessError when one does not take it.
    """
    silent, gone = [], []
    for witness in witnesses:
        try:
            for kind in KINDS:
                mark = await witness.last(kind)
                if mark is not None:
                    there = await numbered(connection, kind, mark[0])
                    if there is None or mark_of(there) != mark:
                        state = "is missing" if there is None else "is another one now"
                        gone.append(f"{kind} {mark[0]}, which {witness.name} was told of, {state}")
                        mark = None
                while told := await after(connection, kind, None if mark is None else mark[0], witness.at_once):
                    await witness.tell(told)
                    mark = mark_of(told[-1])
        except WitnessError as error:
            silent.append(str(error))
    if silent:
        raise WitnessError("; ".join(silent), gone)
    return gone


def witnesses(file: Path | None, url: str | None, memory: Memory) -> list[Witness]:
    """Those that are set."""
    found: list[Witness] = []
    if file is not None:
        found.append(FileWitness(file))
    if url is not None:
        found.append(Webhook(url, memory))
    return found


class FileWitness:
    """A file, perhaps of several hosts. It says itself what it was told last: by its last line of each kind."""

    at_once = 100

    def __init__(self, file: Path) -> None:
        """It need not be there yet."""
        self.name = f"`{file}`"
        self._file = file
        self._read_of: tuple[int, int] | None = None
        self._offset = 0
        self._last: dict[str, Mark] = {}

    async def last(self, kind: str) -> Mark | None:
        """Read on from where it was read to."""
        await asyncio.to_thread(self._read_on)
        return self._last.get(kind)

    async def tell(self, told: Sequence[Statement]) -> None:
        """Append."""
        await asyncio.to_thread(_append, self._file, told)

    def _read_on(self) -> None:
        try:
            with self._file.open("rb") as file:
                status = os.fstat(file.fileno())
                if self._read_of != (status.st_dev, status.st_ino) or status.st_size < self._offset:
                    self._offset, self._last = 0, {}  # another file than before
                self._read_of = status.st_dev, status.st_ino
                file.seek(self._offset)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self._offset += len(line)
                    with contextlib.suppress(msgspec.MsgspecError, UnicodeError):
                        statement = _read(line)
                        self._last[statement.kind] = mark_of(statement)
        except FileNotFoundError:
            self._read_of, self._offset, self._last = None, 0, {}
        except OSError as error:
            raise WitnessError(f"QUALSVC_WITNESS_FILE: `{self._file}` cannot be read: {error.strerror}") from error


class Webhook:
    """A URL each statement is posted to; what it was told is remembered by this host."""

    at_once = 20
    name = "the webhook"

    def __init__(self, url: str, memory: Memory) -> None:
        """What another URL was told does not count: it is another witness."""
        self._url = url
        self._memory = memory
        self._whom = sha256(url.encode()).hexdigest()  # a URL may hold a secret

    async def last(self, kind: str) -> Mark | None:
        """As it is remembered."""
        return self._memory.told(self._whom, kind)

    async def tell(self, told: Sequence[Statement]) -> None:
        """Post one after the other."""
        taken: Statement | None = None
        try:
            async with httpx.AsyncClient() as client:
                for each in told:
                    await _post(client, self._url, each)
                    taken = each
        finally:
            if taken is not None:
                self._memory.tell(self._whom, taken.kind, mark_of(taken))


def require_writable(file: Path) -> None:
    """See that the file can be written; it is made where it is not there. Raises WitnessError."""
    _append(file, [])


def _append(file: Path, told: Sequence[Statement]) -> None:
    lines = "".join(json.dumps(asdict(each)) + "\n" for each in told).encode()
    try:
        place = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            size = os.fstat(place).st_size
            if lines and size and os.pread(place, 1, size - 1) != b"\n":
                lines = b"\n" + lines  # half a line of a write that was cut off
            while lines:
                lines = lines[os.write(place, lines) :]
            os.fsync(place)
        finally:
            os.close(place)
    except OSError as error:
        raise WitnessError(f"QUALSVC_WITNESS_FILE: `{file}` cannot be written: {error.strerror}") from error


async def _post(client: httpx.AsyncClient, url: str, told: Statement) -> None:
    try:
        async with asyncio.timeout(TIMEOUT_S):  # the client's own is for each read, of however many
            answer = await client.post(url, json=asdict(told))
        if not answer.is_success:
            raise WitnessError(f"QUALSVC_WITNESS_URL: the witness answers {answer.status_code}")
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise WitnessError(f"QUALSVC_WITNESS_URL: the witness does not answer: {str(error) or type(error).__name__}") from error


def witnessed(text: str) -> tuple[list[Statement], list[int]]:
    """What a witness' file tells, and the numbers of lines that cannot be read. Told twice is told once."""
    statements: dict[Statement, None] = {}
    unreadable = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                statements[_read(line)] = None
            except msgspec.DecodeError:
                unreadable.append(number)
    return list(statements), unreadable


_read = msgspec.json.Decoder(Statement).decode
