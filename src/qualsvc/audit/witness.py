"""The witness: every statement is also told to somebody whom the owner of the database cannot make forget it."""

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import httpx
import msgspec

from qualsvc.audit.statements import KINDS, Kind, Statement

logger = logging.getLogger("qualsvc.audit")

TIMEOUT_S = 5.0
_AT_ONCE = 100
_LOCK = 0x71776974
_FIELDS = """n, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), body, key, signature"""

_Teller = Callable[[list[Statement]], Awaitable[None]]


class WitnessError(Exception):
    """A witness did not take what it was told; it is told again."""


async def tell(connection: asyncpg.Connection, file: Path | None, url: str | None) -> None:
    """Tell each witness what it has not been told yet, in order. Raises WitnessError when one of them does not take it."""
    silent = []
    if file is not None:
        try:
            await _tell(connection, "in_file", _AT_ONCE, lambda told: asyncio.to_thread(_append, file, told))
        except WitnessError as error:
            silent.append(str(error))
    if url is not None:
        try:
            async with httpx.AsyncClient() as client:
                await _tell(connection, "sent", 1, lambda told: _post(client, url, told))
        except WitnessError as error:
            silent.append(str(error))
    if silent:
        raise WitnessError("; ".join(silent))


async def _tell(connection: asyncpg.Connection, column: str, most: int, to: _Teller) -> None:
    for kind in KINDS:
        while await _tell_some(connection, kind, column, most, to):
            pass


async def _tell_some(connection: asyncpg.Connection, kind: Kind, column: str, most: int, to: _Teller) -> bool:
    """One transaction: what was told is marked, and told twice at most when we die in between."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        select = f"SELECT {_FIELDS} FROM {kind} WHERE NOT {column} ORDER BY n LIMIT {most}"  # noqa: S608
        told = [Statement(kind, *row) for row in await connection.fetch(select)]
        if not told:
            return False
        await to(told)
        await connection.execute(f"UPDATE {kind} SET {column} = true WHERE n = ANY($1)", [each.n for each in told])  # noqa: S608
        return len(told) == most


def require_writable(file: Path) -> None:
    """See that the file can be written; it is made where it is not there. Raises WitnessError."""
    _append(file, [])


def _append(file: Path, told: list[Statement]) -> None:
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


async def _post(client: httpx.AsyncClient, url: str, told: list[Statement]) -> None:
    try:
        for each in told:
            async with asyncio.timeout(TIMEOUT_S):  # the client's own is for each read, of however many
                answer = await client.post(url, json=asdict(each))
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
