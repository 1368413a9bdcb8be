"""What tombstones say: runs of rows that were given up, with the hashes before and after each."""

import json
from collections.abc import Iterable

import asyncpg  # type: ignore[import-untyped]

from qualsvc.audit.lines import Link
from qualsvc.audit.statements import Statement

KIND = "given up"

Runs = dict[str, dict[int, Link]]
"""By boot and by the row each begins with."""


def runs_told(tombstones: Iterable[Statement]) -> Runs:
    """All runs of these tombstones, as links of their boots' chains. Raises ValueError where a body says no such thing."""
    found: Runs = {}
    for each in tombstones:
        for boot_id, first, last, before, after in json.loads(each.body)["runs"]:
            found.setdefault(boot_id, {})[first] = Link(first, last, bytes.fromhex(after), KIND, None, bytes.fromhex(before))
    return found


async def runs_of(connection: asyncpg.Connection, boot_id: str) -> list[Link]:
    """The runs of one boot."""
    select = """
    SELECT (run ->> 1)::bigint, (run ->> 2)::bigint, run ->> 4, run ->> 3
    FROM tombstone, jsonb_array_elements(body::jsonb -> 'runs') run WHERE run ->> 0 = $1
    """
    rows = await connection.fetch(select, boot_id)
    return [Link(first, last, bytes.fromhex(after), KIND, None, bytes.fromhex(before)) for first, last, after, before in rows]
