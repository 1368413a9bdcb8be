"""Checkpoints: where every chain stood at an instant, and the incidents since the one before, signed.

What a checkpoint saw cannot be rewritten unseen any more.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg

from qualsvc.audit.faults import Faults
from qualsvc.audit.incidents import SORTS, signed_since
from qualsvc.audit.signing import SigningKey
from qualsvc.audit.standing import contradiction
from qualsvc.audit.statements import Statement, last, last_by, lock, state
from qualsvc.audit.trust import CONTRADICTED, PREDECESSOR, SUCCESSOR, believed, said

# One statement, so that heads and links are of one instant. A boot that was closed is named once more, at its end.
_STANDING = """
SELECT latest.n, latest.link, boot.boot_id, boot.sequence, boot.hash
FROM (SELECT n, link FROM decision_link ORDER BY n DESC LIMIT 1) latest
LEFT JOIN decision_boot boot ON NOT boot.closed
    OR boot.boot_id IN (SELECT boot_id FROM decision_link WHERE event = 'close' AND n > $1)
ORDER BY boot.boot_id
"""
# One from the future, made while the clock was wrong, must not keep us silent until then.
_FRESH = """
SELECT at BETWEEN clock_timestamp() - make_interval(secs => $1) AND clock_timestamp() FROM checkpoint ORDER BY n DESC LIMIT 1
"""


async def checkpoint(
    connection: asyncpg.Connection,
    key: SigningKey,
    interval_s: float,
    signed: Statement | None = None,
    found: Sequence[str] = (),
) -> Statement | None:
    """Sign where the chains stand; None when the last checkpoint says the same, or is not older than the interval.

    `signed` is one that is known to have been signed before. Where the database is not as that one saw it, or as was `found`
    elsewhere, a checkpoint is made at once, and says so.
    """
    async with connection.transaction():
        await lock(connection)
        before = await last(connection, "checkpoint")
        gone = None if signed is None else await contradiction(connection, signed, key)
        wrong = [*found, *([] if gone is None else [gone])]
        told = await _told(connection, key)
        standing = await _standing(connection, told)
        if wrong:
            return await state(connection, "checkpoint", before, standing | {CONTRADICTED: "; ".join(wrong)}, key)
        if not standing or not _is_new(standing, told):
            return None
        # Evidence is signed at once.
        if before is not None and not _tells_incidents(standing) and await connection.fetchval(_FRESH, interval_s):
            return None
        return await state(connection, "checkpoint", before, standing, key)


async def hand_over(connection: asyncpg.Connection, old: SigningKey, new: SigningKey) -> tuple[Statement, Statement]:
    """Two checkpoints: by the old key that names the new one, and by the new one that names the old one."""
    async with connection.transaction():
        await lock(connection)
        before = await last(connection, "checkpoint")
        standing = await _standing(connection, await _told(connection, old))
        handed = await state(connection, "checkpoint", before, standing | {SUCCESSOR: new.public}, old)
        return handed, await state(connection, "checkpoint", handed, standing | {PREDECESSOR: old.public}, new)


async def _told(connection: asyncpg.Connection, key: SigningKey) -> dict[str, Any]:
    """What our last checkpoint says: one that somebody else made must not say what we leave out."""
    own = await last_by(connection, key.public)
    ours = [] if own is None else believed([own], frozenset([key.public]), Faults())
    return said(ours[0]) if ours else {}


async def _standing(connection: asyncpg.Connection, told: dict[str, Any]) -> dict[str, Any]:
    """Where the chains stand, of boots closed only those since the checkpoint that told this; empty before there is a boot."""
    link = told.get("link")
    rows = await connection.fetch(_STANDING, link["n"] if isinstance(link, dict) else 0)
    if not rows:
        return {}
    heads = [[row["boot_id"], row["sequence"], row["hash"].hex()] for row in rows if row["boot_id"] is not None]
    incidents = await signed_since(connection, told)
    return {"link": {"n": rows[0]["n"], "link": rows[0]["link"].hex()}, "heads": heads} | incidents


def _is_new(standing: dict[str, Any], told: dict[str, Any]) -> bool:
    known = {tuple(head) for head in told.get("heads", [])}
    if standing["link"] != told.get("link") or _tells_incidents(standing):
        return True
    return any(tuple(head) not in known for head in standing["heads"])


def _tells_incidents(standing: dict[str, Any]) -> bool:
    return any(standing.get("incidents", {}).get(sort) for sort in SORTS)
