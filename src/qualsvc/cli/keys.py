"""`qualsvc keys`: who may ask, read, maintain, approve."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar, get_args

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.access import issuing
from qualsvc.cli.failure import EXIT_USAGE, fail, say
from qualsvc.cli.refusals import told
from qualsvc.database import Database
from qualsvc.records.keys import Scope
from qualsvc.settings import load_settings
from qualsvc.store.engine import make_engine
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.migrate import upgrade

commands = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")
R = TypeVar("R")


@commands.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, e.g. `door-3` or `mes`.")],
    scope: Annotated[list[str], typer.Option(help="ask, ask:at, read, maintain, approve or admin; may be repeated.")],
) -> None:
    """Make a key and print its token, once. A door or machine needs `--scope ask` and nothing else."""
    known = get_args(Scope)
    scopes = tuple(one for one in known if one in scope)
    unknown = sorted(set(scope) - set(known))
    if unknown:
        fail("no key was made", f"unknown scope {', '.join(unknown)}", f"use {', '.join(known)}", EXIT_USAGE)
    issued = _with_engine(lambda engine: issuing.issue(engine, name, scopes))
    say(f"key {issued.code} for {name}, scopes {', '.join(scopes)}; the token is shown this once:")
    print(issued.token)


@commands.command(name="list")
def list_keys() -> None:
    """List the keys: id, scopes, whether revoked, name."""
    for key in _with_engine(issuing.keys):
        state = f"revoked {key['revoked_at']}" if key["revoked_at"] else "good"
        print(f"{key['code']:<14}{','.join(key['scopes']):<28}{state:<37}{key['name']}")


@commands.command()
def revoke(code: Annotated[str, typer.Argument(help="The id of the key, as `qualsvc keys list` shows it.")]) -> None:
    """Revoke a key for ever; every process refuses it within its staleness bound."""

    async def revoked(engine: AsyncEngine) -> bool:
        try:
            await issuing.revoke(engine, code)
        except RecordNotFound:
            return False
        return True

    if not _with_engine(revoked):
        fail(f"no key `{code}`", "there is none with this id", "see `qualsvc keys list`")
    print(f"key {code} is revoked")


def _with_engine(work: Callable[[AsyncEngine], Awaitable[R]]) -> R:
    async def run(url: str) -> R:
        engine = make_engine(url)
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    with told():
        database = Database(load_settings(os.environ))
        with database as url:
            say(f"database: {database.name}")  # with other variables set it would be another one, without a word
            asyncio.run(upgrade(url))
            return asyncio.run(run(url))
    raise AssertionError
