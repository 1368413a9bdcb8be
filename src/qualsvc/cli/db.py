"""`qualsvc db`: the schema of the database."""

import asyncio
import os

import typer

from qualsvc.cli.bringing_up import bring_up, require_made
from qualsvc.cli.failure import fail
from qualsvc.cli.refusals import told
from qualsvc.database import Database
from qualsvc.settings import load_settings
from qualsvc.store import migrate, reckoning
from qualsvc.store.engine import close, connect

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
    """Take the tables as they are, where somebody has written past the service; the history tells it from then on."""
    with told():
        database = Database(load_settings(os.environ))
        require_made(database)
        with database as url:
            taken, revision = asyncio.run(_accepted(url))
    for kind, code in taken:
        print(f"taken as it is: {kind} {code}")
    print(f"written as revision {revision}" if taken else "nothing was written past the service")


async def _accepted(url: str) -> tuple[list[tuple[str, str]], int]:
    await bring_up(url)
    connection = await connect(url)
    try:
        return await reckoning.accept(connection)
    finally:
        await close(connection)
