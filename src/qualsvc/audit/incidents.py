"""What was frozen for incidents, and found: checkpoints sign it, so it is proved when the log has given up its rows."""

import json
from collections.abc import Collection, Sequence
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
_AGES = """
SELECT code, frozen_at < signed.at - signed.within, frozen_at > clock_timestamp() + signed.within,
    concluded_at < signed.at - signed.within, concluded_at > clock_timestamp() + signed.within
FROM incident, (SELECT $1::text::timestamptz AS at, make_interval(secs => $2) AS within) signed ORDER BY code
"""
SORTS = ("frozen", "concluded")
_SIGNED_WITHIN_S = 600
"""By far: clocks differ, and a write may wait for a long one before it."""
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


async def check_incidents(
    connection: asyncpg.Connection, checkpoints: Sequence[Statement], faults: Faults
) -> tuple[int, list[str]]:
    """Each incident is there, frozen and concluded as checkpoints saw it first, and none is there that they did not see.

    Answers how many they saw, and warnings of those too young to tell.
    """
    seen: dict[tuple[str, str], tuple[str, Statement]] = {}
    for each in sorted(checkpoints, key=lambda each: each.n):
        for name, digest in _told(each, faults):
            first, by = seen.setdefault(name, (digest, each))
            if first != digest:
                text = f"incident {name[0]}: checkpoint {each.n} of {each.at} saw another one than checkpoint {by.n} of {by.at}"
                faults.add(Fault("incident_altered", text))
    for (code, sort), (digest, by) in seen.items():
        async with looking_at(connection, f"incident {code}, which checkpoint {by.n} of {by.at} saw,", faults):
            there = await (_frozen if sort == "frozen" else _concluded)(connection, code)
            if there != digest and (there is not None or sort == "frozen"):
                what = "is missing" if there is None else f"is not as it was {sort}"
                faults.add(Fault("incident_altered", f"incident {code} {what}; checkpoint {by.n} of {by.at} saw it"))
    young = []
    if checkpoints:
        young = await _check_unseen(connection, seen.keys(), max(checkpoints, key=lambda each: each.n), faults)
    return len({code for code, _ in seen}), young


def _told(checkpoint: Statement, faults: Faults) -> list[tuple[tuple[str, str], str]]:
    """What a checkpoint says of incidents: code and sort, and the digest."""
    told = said(checkpoint).get("incidents")
    try:
        return [((str(code), sort), str(digest)) for sort in SORTS for code, digest in (told[sort] if told else [])]
    except (TypeError, KeyError, ValueError):
        text = f"checkpoint {checkpoint.n} of {checkpoint.at} says nothing readable of incidents"
        faults.add(Fault("checkpoint_unreadable", text))
        return []


async def _check_unseen(
    connection: asyncpg.Connection, seen: Collection[tuple[str, str]], last: Statement, faults: Faults
) -> list[str]:
    """What was written by the service is signed within a minute: what later checkpoints did not see, somebody else wrote.

    Answers warnings of what no checkpoint is late enough for.
    """
    young = []
    async with looking_at(connection, "what is there of incidents", faults):
        for code, *ages in await connection.fetch(_AGES, last.at, _SIGNED_WITHIN_S):
            for sort, (is_old, is_ahead) in zip(SORTS, (ages[:2], ages[2:]), strict=True):
                if is_old is None or (code, sort) in seen:
                    continue
                deed = "put in, or dated otherwise" if sort == "frozen" else "concluded by others than the service"
                if is_old or is_ahead:
                    text = f"incident {code} was {deed}: no checkpoint up to {last.n} of {last.at} saw it"
                    faults.add(Fault("incident_altered", text))
                else:
                    young.append(f"incident {code} as it was {sort} is signed by no checkpoint yet")
                break
    return young


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
