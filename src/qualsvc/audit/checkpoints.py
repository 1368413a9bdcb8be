"""Checkpoints: where every chain stood at an instant, signed. What a checkpoint saw cannot be rewritten unseen any more."""

import json
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from qualsvc.audit.signing import SigningKey
from qualsvc.audit.statements import Statement, last, lock, state

# One statement, so that heads and links are of one instant. A boot that was closed is named once more, at its end.
_STANDING = """
SELECT latest.n, latest.link, boot.boot_id, boot.sequence, boot.hash
FROM (SELECT n, link FROM decision_link ORDER BY n DESC LIMIT 1) latest
LEFT JOIN decision_boot boot ON NOT boot.closed
    OR boot.boot_id IN (SELECT boot_id FROM decision_link WHERE event = 'close' AND n > $1)
ORDER BY boot.boot_id
"""


async def checkpoint(connection: asyncpg.Connection, key: SigningKey, interval_s: float) -> Statement | None:
    """Sign where the chains stand; None when the last checkpoint says the same, or is not older than the interval."""
    async with connection.transaction():
        await lock(connection)
        before = await last(connection, "checkpoint")
        said = {} if before is None else json.loads(before.body)
        fresh = "SELECT at > clock_timestamp() - make_interval(secs => $1) FROM checkpoint ORDER BY n DESC LIMIT 1"
        if before is not None and await connection.fetchval(fresh, interval_s):
            return None
        standing = await _standing(connection, said.get("link", {}).get("n", 0))
        if standing is None or not _is_new(standing, said):
            return None
        return await state(connection, "checkpoint", before, standing, key)


async def _standing(connection: asyncpg.Connection, link: int) -> dict[str, Any] | None:
    rows = await connection.fetch(_STANDING, link)
    if not rows:
        return None
    heads = [[row["boot_id"], row["sequence"], row["hash"].hex()] for row in rows if row["boot_id"] is not None]
    return {"link": {"n": rows[0]["n"], "link": rows[0]["link"].hex()}, "heads": heads}


def _is_new(standing: dict[str, Any], said: dict[str, Any]) -> bool:
    known = {tuple(head) for head in said.get("heads", [])}
    return standing["link"] != said.get("link") or any(tuple(head) not in known for head in standing["heads"])
