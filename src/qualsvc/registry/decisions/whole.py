"""One decision as a whole: what was put on file when it was answered, and where that stands in the chain."""

import asyncio
import json
import re
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.spool.format import BOOT_ID_LENGTH
from qualsvc.spool.reading import record_of
from qualsvc.store.decisions import one, whole
from qualsvc.store.errors import RecordNotFound

_NAME = re.compile(rf"([a-z2-7]{{{BOOT_ID_LENGTH}}})-(0|[1-9][0-9]{{0,17}})")


def place_named(name: str) -> tuple[str, int] | None:
    """Boot id and sequence of a decision's name; None for what is no such name."""
    named = _NAME.fullmatch(name)
    return None if named is None else (named[1], int(named[2]))


async def found(engine: AsyncEngine, spool: Path, name: str) -> str:
    """The decision with this id, from the table or from this host's files. Raises RecordNotFound."""
    place = place_named(name)
    if place is not None:
        boot_id, sequence = place
        shipped = await _shipped(engine, boot_id, sequence)
        if shipped is None:
            waiting = await asyncio.to_thread(record_of, spool, boot_id, sequence)
            # Not in a file any more either: it may have been shipped between the two looks.
            shipped = await _shipped(engine, boot_id, sequence) if waiting is None else _waiting(boot_id, sequence, waiting)
        if shipped is not None:
            return shipped
    raise RecordNotFound("decision", name)


async def _shipped(engine: AsyncEngine, boot_id: str, sequence: int) -> str | None:
    async with engine.connect() as connection:
        answer = await one(connection, boot_id, sequence)
    return None if answer is None else whole(boot_id, sequence, answer.payload, answer.hash)


def _waiting(boot_id: str, sequence: int, payload: bytes) -> str | None:
    """Openings and closings of a process have names of the same form, and are no decisions."""
    try:
        is_answer = "answer" in json.loads(payload)
    except ValueError:
        return None
    return whole(boot_id, sequence, payload.decode(), None) if is_answer else None
