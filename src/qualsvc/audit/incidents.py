"""What was frozen for incidents, and found: checkpoints sign it, so it is proved when the log has given up its rows."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import asyncpg

from qualsvc.audit.faults import Fault, Faults
from qualsvc.audit.looking import looking_at
from qualsvc.audit.statements import Statement
from qualsvc.audit.trust import said

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

_CHANGED = (
    "SELECT code, revision, before IS NULL FROM change WHERE kind = 'incident' AND revision > $1 ORDER BY revision, ordinal"
)
_REPORTED = """
SELECT equipment, process, (extract(epoch FROM occurred_at) * 1000000)::bigint AS occurred_at, "window", description,
    (extract(epoch FROM frozen_at) * 1000000)::bigint AS frozen_at, revision, answers, persons::text AS persons, complete,
    (extract(epoch FROM complete_until) * 1000000)::bigint AS complete_until
FROM incident WHERE code = $1
"""
_CONCLUDED = """
SELECT (extract(epoch FROM concluded_at) * 1000000)::bigint AS concluded_at, conclusion, restrictions::text AS restrictions,
    suspended::text AS suspended
FROM incident WHERE code = $1
"""
_PARTS = "SELECT sort, part, lines FROM incident_evidence WHERE incident = $1 ORDER BY sort, part"


async def signed_since(connection: asyncpg.Connection, told: dict[str, Any]) -> dict[str, Any]:
    """The incidents reported and concluded since the checkpoint that told this, digested; empty where there never was one."""
    before = told.get("incidents")
    upto = before["upto"] if isinstance(before, dict) else 0
    frozen, concluded = [], []
    for code, revision, is_new in await connection.fetch(_CHANGED, upto):
        if is_new:
            frozen.append([code, await _frozen(connection, code)])
        else:
            concluded.append([code, await _concluded(connection, code)])
        upto = revision
    return {"incidents": {"upto": upto, "frozen": frozen, "concluded": concluded}} if upto else {}


async def check_incidents(connection: asyncpg.Connection, checkpoints: Iterable[Statement], faults: Faults) -> int:
    """Each incident is there, frozen and concluded as checkpoints saw it; answers how many they saw."""
    seen: dict[tuple[str, str], tuple[str, Statement]] = {}
    for each in checkpoints:
        told = said(each).get("incidents")
        try:
            for sort in ("frozen", "concluded"):
                seen |= {(str(code), sort): (str(digest), each) for code, digest in (told[sort] if told else [])}
        except (TypeError, KeyError, ValueError):
            faults.add(Fault("checkpoint_unreadable", f"checkpoint {each.n} of {each.at} says nothing readable of incidents"))
    for (code, sort), (digest, by) in seen.items():
        async with looking_at(connection, f"incident {code}, which checkpoint {by.n} of {by.at} saw,", faults):
            there = await (_frozen if sort == "frozen" else _concluded)(connection, code)
            if there != digest and (there is not None or sort == "frozen"):
                what = "is missing" if there is None else f"is not as it was {sort}"
                faults.add(Fault("incident_altered", f"incident {code} {what}; checkpoint {by.n} of {by.at} saw it"))
    return len({code for code, _ in seen})


async def _frozen(connection: asyncpg.Connection, code: str) -> str | None:
    """SHA-256 over the report and every line of the evidence; None where there is no such incident."""
    incident = await connection.fetchrow(_REPORTED, code)
    if incident is None:
        return None
    digest = _digest(code, incident)
    for sort, part, lines in await connection.fetch(_PARTS, code):
        digest.update(f"\n{sort} {part} {len(lines.encode())}\n{lines}".encode())
    return digest.hexdigest()


async def _concluded(connection: asyncpg.Connection, code: str) -> str | None:
    """SHA-256 over what was found and done; None where there is no such incident."""
    incident = await connection.fetchrow(_CONCLUDED, code)
    return None if incident is None else _digest(code, incident).hexdigest()


def _digest(code: str, fields: asyncpg.Record) -> "Hash":
    return sha256(json.dumps([code, *fields], separators=(",", ":")).encode())
