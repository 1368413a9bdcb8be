"""Internal authorisations end with the post they were given for, waivers with the employment; certificates of others never."""

from collections.abc import Collection, Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.kernel.instants import parse_date, parse_instant
from qualsvc.records.documents import Document
from qualsvc.registry.life.drafts import Draft
from qualsvc.registry.life.standing import (
    CERTIFICATE,
    WAIVER,
    day,
    internal_certificates,
    of_person,
    types_named_for,
    types_required_for,
)


async def lapse_with_posts(
    connection: AsyncConnection, draft: Draft, person: str, at: int, last: int, given_up: Collection[str], held: Collection[str]
) -> list[str]:
    """End those of types that count for the positions given up, and from `at` on for none held nor for what all must have.

    `last` is the last date (ordinal) on which they count. Answers the codes of those that end sooner than before.
    """
    if not given_up:
        return []
    types = await types_named_for(connection, given_up) - await types_required_for(connection, held, at)
    return _ended(draft, last, (one for one in await internal_certificates(connection, person) if one["type"] in types))


async def lapse_all(connection: AsyncConnection, draft: Draft, person: str, last: int) -> list[str]:
    """End every internal authorisation of the person."""
    return _ended(draft, last, await internal_certificates(connection, person))


async def revoke_waivers(connection: AsyncConnection, draft: Draft, person: str, at: int) -> list[str]:
    """Waivers have no earlier end that others than admins may write, so those that reach beyond are revoked at once."""
    revoked = [
        waiver["code"]
        for waiver in await of_person(connection, WAIVER, person)
        if waiver["status"] in {"requested", "approved"} and parse_instant(waiver["valid_until"]) > at
    ]
    for code in revoked:
        draft.revoke(code)
    return revoked


def _ended(draft: Draft, last: int, certificates: Iterable[Document]) -> list[str]:
    ended = []
    for certificate in certificates:
        until = certificate["valid_until"]
        if until is not None and parse_date(until) <= last:
            continue
        # Dates have no room for one that ends before its first day.
        counted = parse_date(certificate["valid_from"]) <= last
        draft.put(CERTIFICATE, certificate | ({"valid_until": day(last)} if counted else {"status": "revoked"}))
        ended.append(certificate["code"])
    return ended
