"""A database at the schema of this version, or three lines why it cannot be brought there."""

from qualsvc.cli.failure import fail
from qualsvc.doctor.fitness import unfit
from qualsvc.store.migrate import upgrade


async def bring_up(url: str) -> None:
    """Run the migrations that are missing. A database that does not fit is refused before anything in it is changed."""
    for finding in await unfit(url):
        fail(finding.what, finding.why, finding.do)
    await upgrade(url)
