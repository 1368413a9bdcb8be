"""Internal authorisations end with the post they were given for; certificates of others are never touched."""

from collections.abc import Collection, Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.kernel.instants import parse_date
from qualsvc.records.documents import Document
from qualsvc.registry.life.drafts import Draft
from qualsvc.registry.life.standing import CERTIFICATE, day, internal_certificates, types_counting_for


async def lapse_with_posts(
    connection: AsyncConnection, draft: Draft, person: str, last: int, given_up: Collection[str], held: Collection[str]
) -> list[str]:
    """End those of types that count for the positions given up, and for none held nor for what is asked of everyone.

    `last` is the last date (ordinal) on which they count. Answers the codes of those that end sooner than before.
    """
    if not given_up:
        return []
    types = await types_counting_for(connection, given_up, anyone=False)
    types -= await types_counting_for(connection, held, anyone=True)
    return _ended(draft, last, (one for one in await internal_certificates(connection, person) if one["type"] in types))


async def lapse_all(connection: AsyncConnection, draft: Draft, person: str, last: int) -> list[str]:
    """End every internal authorisation of the person."""
    return _ended(draft, last, await internal_certificates(connection, person))


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
