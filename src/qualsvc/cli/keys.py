"""`qualsvc keys`: who may ask, read, maintain, approve."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar, get_args

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.access import issuing
from qualsvc.cli.bringing_up import bring_up, require_made
from qualsvc.cli.failure import EXIT_USAGE, fail, say
from qualsvc.cli.refusals import told
from qualsvc.database import Database
from qualsvc.records.faults import InvalidRecord, quote
from qualsvc.records.fields import is_code
from qualsvc.records.keys import Scope
from qualsvc.records.kinds import KINDS
from qualsvc.settings import load_settings
from qualsvc.store import reading
from qualsvc.store.engine import make_engine
from qualsvc.store.errors import RecordNotFound

commands = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")
R = TypeVar("R")

_COLUMNS = ("ID", "SCOPES", "STATE", "PERSON", "NAME")


@commands.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, e.g. `door-3` or `mes`.")],
    scope: Annotated[list[str], typer.Option(help="ask, ask:at, read, maintain, approve or admin; may be repeated.")],
    person: Annotated[
        str | None, typer.Option(help="Code of the person who uses it: nobody approves a waiver of their own.")
    ] = None,
) -> None:
    """Make a key and print its token, once. A door or machine needs `--scope ask` and nothing else."""
    known = get_args(Scope)
    scopes = tuple(one for one in known if one in scope)
    unknown = sorted(set(scope) - set(known))
    if unknown:
        what = ", ".join(quote(one) for one in unknown)
        fail("no key was made", f"unknown scope {what}", f"use {', '.join(known)}", EXIT_USAGE)

    if person is not None and not is_code(person):
        why = f"{quote(person)} is no code of a person"
        fail("no key was made", why, "use 1 to 64 printable characters without space, / ? # %", EXIT_USAGE)

    async def made(engine: AsyncEngine) -> tuple[issuing.Issued, bool]:
        return await issuing.issue(engine, name, scopes, person), person is None or await _is_there(engine, person)

    try:
        issued, is_there = _with_engine(made, making=True)
    except InvalidRecord as error:
        fail("no key was made", str(error), "mend what it names", EXIT_USAGE)
    used = f", used by {person}" if person else ""
    if not is_there:
        say(f"there is no person {quote(person)} yet; the key says so all the same")
    say(f"key {issued.code} for {name}, scopes {', '.join(scopes)}{used}; the token is shown this once:")
    print(issued.token)


@commands.command(name="list")
def list_keys() -> None:
    """List the keys: id, scopes, whether revoked, who uses it, name."""
    keys = _with_engine(issuing.keys)
    if not keys:
        say("there are no keys yet; make one with `qualsvc keys create NAME --scope ask`")
        return
    rows = [_COLUMNS]
    for key in keys:
        state = f"revoked {key['revoked_at']}" if key["revoked_at"] else "good"
        rows.append((key["code"], ",".join(key["scopes"]), state, key.get("person") or "-", key["name"]))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS) - 1)]
    for row in rows:
        print("  ".join([*(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)), row[-1]]))


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
        fail(f"no key {quote(code)}", "there is none with this id", "see `qualsvc keys list`")
    print(f"key {code} is revoked")


async def _is_there(engine: AsyncEngine, person: str) -> bool:
    try:
        await reading.get(engine, KINDS["person"], person)
    except RecordNotFound:
        return False
    return True


def _with_engine(work: Callable[[AsyncEngine], Awaitable[R]], *, making: bool = False) -> R:
    async def run(url: str) -> R:
        await bring_up(url)
        engine = make_engine(url)
        try:
            return await work(engine)
        finally:
            await engine.dispose()

    with told():
        database = Database(load_settings(os.environ))
        if not making:
            require_made(database)
        new = database.standing is not None and not database.standing.made
        with database as url:
            if new:
                say("there was no database here yet; a new one is made. Was another one meant? Name it as the service does")
            say(f"database: {database.name}")  # with other variables set it would be another one, without a word
            return asyncio.run(run(url))
    raise AssertionError
