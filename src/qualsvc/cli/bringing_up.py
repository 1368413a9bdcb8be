"""A database that is there and at the schema of this version, or three lines why not."""

from qualsvc.cli.failure import fail
from qualsvc.database import Database
from qualsvc.doctor.fitness import unfit
from qualsvc.store.engine import close, connect
from qualsvc.store.migrate import upgrade
from qualsvc.store.reckoning import reckon


def require_made(database: Database) -> None:
    """See that there is a database to look into: making an empty one would hide that another one was meant."""
    here = database.standing
    if here is not None and not here.made:
        why = f"nothing is in `{here.place}`"
        fail("there is no database yet", why, "name it as the service does (QUALSVC_DATA_DIR or QUALSVC_DATABASE_URL)")


async def bring_up(url: str) -> None:
    """Run the migrations that are missing, and reckon what they cannot.

    A database that does not fit is refused before anything in it is changed.
    """
    for finding in await unfit(url):
        fail(finding.what, finding.why, finding.do)
    await upgrade(url)
    connection = await connect(url)
    try:
        await reckon(connection)
    finally:
        await close(connection)
