"""`qualsvc db`: the schema of the database."""

import asyncio
import os

import typer

from qualsvc.cli.bringing_up import bring_up, require_made
from qualsvc.cli.failure import fail
from qualsvc.cli.refusals import told
from qualsvc.database import Database
from qualsvc.settings import load_settings
from qualsvc.store import migrate
from qualsvc.store.engine import close, connect
from qualsvc.store.reckoning import altered, reckon

commands = typer.Typer(no_args_is_help=True, help="Bring the database to this version, and check that it is there.")


@commands.command()
def upgrade() -> None:
    """Run the migrations that are missing; harmless when none are."""
    with told(), Database(load_settings(os.environ)) as url:
        asyncio.run(bring_up(url))
        print("the database is at this version")


@commands.command()
def check() -> None:
    """Compare the database with the tables of this version; changes nothing."""
    with told():
        database = Database(load_settings(os.environ))
        require_made(database)
        with database as url:
            differences = asyncio.run(migrate.check(url))
    if differences:
        listed = "; ".join(differences)
        fail(
            "the database has drifted from the code",
            listed,
            "run `qualsvc db upgrade`; if that does not help, a migration is missing",
        )
    print("the database is what this version expects")


@commands.command()
def accept() -> None:
    """Take the tables for right as they are, where somebody has written past the service; names what differs from the log."""
    with told():
        database = Database(load_settings(os.environ))
        require_made(database)
        with database as url:
            differing = asyncio.run(_accepted(url))
    for kind, code in differing:
        print(f"taken as it is: {kind} {code}")
    print("the checksum is that of the tables; write what was taken through the service, so that the history tells it too")


async def _accepted(url: str) -> list[tuple[str, str]]:
    await bring_up(url)
    connection = await connect(url)
    try:
        differing = await altered(connection)
        await reckon(connection, anew=True)
    finally:
        await close(connection)
    return differing
