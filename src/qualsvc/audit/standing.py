"""What a signer remembers, against what the database has now: it does not sign over a contradiction without a word."""

from contextlib import suppress

import asyncpg

from qualsvc.audit.claims import contradicted, of_checkpoints
from qualsvc.audit.faults import Faults
from qualsvc.audit.signing import SigningKey
from qualsvc.audit.statements import Statement, every, numbered, those
from qualsvc.audit.tombstones import Runs, is_given_up, runs_told
from qualsvc.audit.trust import believed, said, trusted_keys

_KEYS = "SELECT key FROM checkpoint WHERE n > $1 UNION SELECT key FROM tombstone ORDER BY key"
_HANDING_OVER = """WHERE body LIKE '%"successor":%' OR body LIKE '%"predecessor":%' ORDER BY n"""
_LINK = "SELECT link FROM decision_link WHERE n = $1"


async def strangers(connection: asyncpg.Connection, key: SigningKey, since: int = 0) -> list[str]:
    """The keys that signed checkpoints after number `since`, or tombstones, and that no handover ties to this one."""
    keys = {public for (public,) in await connection.fetch(_KEYS, since)} - {key.public}
    return sorted(keys - await _trusted(connection, key)) if keys else []


async def contradiction(connection: asyncpg.Connection, signed: Statement, key: SigningKey) -> str | None:
    """In what the database is not as this checkpoint, which was signed here, saw it; None when it is."""
    name = f"checkpoint {signed.n} of {signed.at}"
    there = await numbered(connection, "checkpoint", signed.n)
    if there is None:
        return f"{name}, which was signed here, is missing"
    if (there.body, there.key, there.signature) != (signed.body, signed.key, signed.signature):
        return f"{name} is not the one that was signed here"
    link = said(signed).get("link")
    if isinstance(link, dict) and link.get("n"):
        found = await connection.fetchval(_LINK, link["n"])
        if found is None or found.hex() != link.get("link"):
            return f"link {link['n']} between boots is not as {name} saw it"
    heads = [claim for claim in of_checkpoints([signed], Faults()) if claim.sequence >= 0]
    gone = await contradicted(connection, heads)
    if not gone:
        return None
    runs = await given_up(connection, key)
    for claim in gone:
        if not is_given_up(runs, claim.boot_id, claim.sequence):
            return f"row {claim.sequence} of boot {claim.boot_id} is not as {name} saw it"
    return None


async def given_up(connection: asyncpg.Connection, key: SigningKey | None) -> Runs:
    """The rows that tombstones stand for, by keys that this one has to do with; by any key, where it is None."""
    trusted = None if key is None else await _trusted(connection, key)
    runs: Runs = {}
    for each in believed(await every(connection, "tombstone"), trusted, Faults()):
        with suppress(ValueError):  # verifying tells of it
            for boot_id, of in runs_told([each]).items():
                runs.setdefault(boot_id, {}).update(of)
    return runs


async def _trusted(connection: asyncpg.Connection, key: SigningKey) -> frozenset[str]:
    return trusted_keys([key.public], await those(connection, "checkpoint", _HANDING_OVER))
