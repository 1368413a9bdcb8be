"""Requests done once: an idempotency key and what was answered to it, in the transaction of what was done.

INVARIANT: the caller holds the writer lock, so of two requests with one key the second finds the first, or its absence.
"""

from datetime import timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.store.errors import KeyReused
from qualsvc.store.ledger_tables import idempotency
from qualsvc.store.operations import Actor, Answered, Once, Written

REMEMBERED = timedelta(days=7)
"""How long a key stands for its request; asked again later, it is a new one."""


async def done_before(connection: AsyncConnection, actor: Actor, once: Once) -> Written | None:
    """What this key's request was answered, if it was done. Raises KeyReused when it was another request."""
    known = idempotency.c
    query = select(known.fingerprint, known.revision, known.status, known.answer).where(
        known.actor == actor.key_id, known.key == once.key, known.at > func.clock_timestamp() - REMEMBERED
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    fingerprint, revision, status, answer = row
    if fingerprint != once.fingerprint:
        raise KeyReused(once.key)
    return Written(revision, [], Answered(status, answer))


async def remember(connection: AsyncConnection, actor: Actor, once: Once, written: Written) -> None:
    """Keep what is answered now, and drop what is old."""
    await connection.execute(delete(idempotency).where(idempotency.c.at <= func.clock_timestamp() - REMEMBERED))
    answered = once.answer(written)
    row = {
        "actor": actor.key_id,
        "key": once.key,
        "fingerprint": once.fingerprint,
        "revision": written.revision,
        "status": answered.status,
        "answer": answered.body,
    }
    await connection.execute(insert(idempotency).values(row))
