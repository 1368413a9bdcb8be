"""Whether the facts are what was written through the service."""

import asyncpg

from qualsvc.doctor.findings import Finding, ok, problem, several
from qualsvc.replica.held import Held
from qualsvc.store.reckoning import altered

_NAMED = 5


async def fact_findings(connection: asyncpg.Connection, held: Held, number: int) -> list[Finding]:
    """Of so many records, as they were loaded: whether their checksum is that of the ledger, and if not, which differ."""
    told = f"{several(number, 'record')} at revision {held.snapshot.revision}"
    if not held.altered_by:
        return [ok("facts", told)]
    differing = await altered(connection)
    named = ", ".join(f"{kind} {code}" for kind, code in differing[:_NAMED]) + (", …" if len(differing) > _NAMED else "")
    what = f"{told}, of which {len(differing) or 'some'} were written past the service"
    why = f"the history does not tell what is answered from: {named or 'the checksum of the tables is another one'}"
    do = "put them right by SQL; or take them as they are, into the history, with `qualsvc db accept`"
    return [problem("facts", what, why, do)]
