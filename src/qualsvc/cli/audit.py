"""`qualsvc audit`: the decision log as evidence."""

import asyncio
import json
import os
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import asyncpg
import typer

from qualsvc.audit import retention
from qualsvc.audit.checkpoints import hand_over
from qualsvc.audit.memory import MEMORY_FILE, Memory
from qualsvc.audit.signing import SigningKey, configured_key, key_in, public_keys
from qualsvc.audit.verdict import Witnessed
from qualsvc.audit.verifying import verify
from qualsvc.audit.witness import WitnessError, tell, witnessed, witnesses
from qualsvc.cli.audit_report import Progressing, as_document, summary
from qualsvc.cli.bringing_up import bring_up, require_made
from qualsvc.cli.failure import EXIT_USAGE, fail, say
from qualsvc.cli.refusals import told
from qualsvc.cli.replay import replay
from qualsvc.database import Database
from qualsvc.records.faults import quote
from qualsvc.settings import Settings, load_settings
from qualsvc.store.engine import close, connect

commands = typer.Typer(
    no_args_is_help=True, help="Verify the decision log, its signatures and witnesses; shorten it by policy."
)
commands.command(name="replay")(replay)
R = TypeVar("R")

EXIT_UNSOUND = 1
EXIT_NOT_VERIFIED = 2
_MAKE_ONE = "make one with `openssl rand -base64 32` or `openssl genpkey -algorithm ed25519`"


@commands.command(name="verify")
def verify_command(
    witness: Annotated[
        list[Path] | None,
        typer.Option(help="What a witness was told, a JSON object a line; may be repeated. QUALSVC_WITNESS_FILE is one too."),
    ] = None,
    public_key: Annotated[
        list[str] | None, typer.Option(help="A public key to trust instead of this installation's, or a file of them.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """Verify every row, boot and statement; name what was edited, deleted, inserted or cut off. Changes nothing.

    Leaves with 0 when the log is sound, 1 when it is not, 2 when it could not be verified.
    """
    with _or_not_verified(), told(EXIT_NOT_VERIFIED):
        settings = load_settings(os.environ)
        keys = [key for one in public_key or () for key in _public(one)]
        own = None if keys else configured_key(settings)
        keys += [own.public] if own is not None else []
        memory = Memory(settings.data_dir / MEMORY_FILE)
        heard = _witnesses(settings, memory, witness or ())
        progress = Progressing()
        try:
            verdict = _with_database(settings, lambda url: verify(url, keys, heard, progress))
        except asyncpg.UndefinedTableError as error:
            fail("there is no decision log to verify", str(error), "run `qualsvc db upgrade`", EXIT_NOT_VERIFIED)
    told_to = settings.witness_file
    if told_to is not None and not told_to.exists():
        verdict.warnings.append(f"QUALSVC_WITNESS_FILE: `{told_to}` is not there: what it was told is held against nothing")
    if (since := memory.failing_since) is not None:
        verdict.warnings.append(f"since {since} this host could not sign what the log says, or a witness did not take it")
    print(json.dumps(as_document(verdict), ensure_ascii=False, indent=1) if as_json else summary(verdict), flush=True)
    if not verdict.is_sound:
        raise SystemExit(EXIT_UNSOUND)


@commands.command()
def key() -> None:
    """Print the public key that checkpoints of this installation are signed by, for the auditor to keep."""
    with told():
        own = _own_key(load_settings(os.environ))
    print(own.public)


@commands.command()
def rotate(
    new: Annotated[Path, typer.Argument(help="A file with the new private key: 32 bytes in Base64, or PEM.")],
) -> None:
    """Have the signing key in use sign that the new one takes over. Then put the new one in its place, and restart."""
    with told():
        settings = load_settings(os.environ)
        old = _own_key(settings)
        try:
            successor = key_in(new)
        except OSError as error:
            fail("the key was not changed", f"`{new}`: {error.strerror}", "name the file that holds the new one", EXIT_USAGE)
        except ValueError as error:
            fail("the key was not changed", f"`{new}`: {error}", _MAKE_ONE, EXIT_USAGE)
        if successor.public == old.public:
            fail("the key was not changed", f"`{new}` holds the key that is in use", _MAKE_ONE, EXIT_USAGE)

        async def handed_over(connection: asyncpg.Connection) -> None:
            await hand_over(connection, old, successor)
            try:
                memory = Memory(settings.data_dir / MEMORY_FILE)
                await tell(connection, witnesses(settings.witness_file, settings.witness_url, memory))
            except WitnessError as error:
                say(f"not witnessed yet, the service will go on trying: {error}")

        _with_connection(settings, handed_over)
    print(f"{old.public} hands over to {successor.public}")
    say("now put the new key where the old one is (QUALSVC_SIGNING_KEY, or its file), and restart the service")


@commands.command()
def retain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which months would go.")] = False,
) -> None:
    """Give up the months older than QUALSVC_DECISION_RETENTION_MONTHS, as the service does once a day."""
    with told():
        settings = load_settings(os.environ)
        months = settings.decision_retention_months
        if months is None:
            fail("nothing was given up", "QUALSVC_DECISION_RETENTION_MONTHS is not set", "set it", EXIT_USAGE)
        own = _own_key(settings)

        async def given_up(connection: asyncpg.Connection) -> int:
            number = 0
            async for each in retention.retain(connection, own, months, dry_run=dry_run):
                done = "would be" if dry_run else "are"
                print(f"{each.month}: {each.rows:,} rows of {each.boots} boots {done} given up", flush=True)
                number += 1
            return number

        try:
            number = _with_connection(settings, given_up)
        except retention.NotSound as error:
            fail("a month was not given up", str(error), "see `qualsvc audit verify`")
        except asyncpg.LockNotAvailableError as error:
            fail("a month was not given up", f"somebody reads the log at length: {error}", "try again later")
    if not number:
        print(f"no month is older than those that are kept: this one and the {months} before")


@contextmanager
def _or_not_verified() -> Iterator[None]:
    """Whatever else befalls it, a defect of ours too, it is not to be taken for a verdict."""
    try:
        yield
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 -- as it says
        traceback.print_exception(error)
        raise SystemExit(EXIT_NOT_VERIFIED) from None


def _own_key(settings: Settings) -> SigningKey:
    own = configured_key(settings)
    if own is None:
        why = f"neither QUALSVC_SIGNING_KEY nor QUALSVC_SIGNING_KEY_FILE is set, and nothing in `{settings.data_dir}`"
        fail("there is no signing key here", why, "name it as the service does; its first start makes one where none is set")
    return own


def _public(text: str) -> list[str]:
    is_file = Path(text).is_file()
    try:
        return public_keys(Path(text).read_text("ascii", "replace") if is_file else text)
    except (ValueError, OSError) as error:
        why = f"--public-key {quote(text)}: {error}" + ("" if is_file else ", nor is there such a file")
        fail("the log was not verified", why, "give the key that `qualsvc audit key` prints, or a file", EXIT_NOT_VERIFIED)


def _witnesses(settings: Settings, memory: Memory, given: Sequence[Path]) -> list[Witnessed]:
    """Those given, the one that this host tells, and what this host itself remembers."""
    files = list(given)
    own = settings.witness_file
    if own is not None and own.exists() and not any(file.exists() and own.samefile(file) for file in files):
        files.append(own)
    heard = [_heard(file) for file in files]
    if memory.signed is not None:
        heard.append(
            Witnessed(f"what this host remembers (`{settings.data_dir / MEMORY_FILE}`)", [memory.signed], is_whole=False)
        )
    return heard


def _heard(file: Path) -> Witnessed:
    try:
        text = file.read_text("utf-8", "replace")
    except OSError as error:
        fail("the log was not verified", f"--witness `{file}`: {error.strerror}", "name a file", EXIT_NOT_VERIFIED)
    statements, unreadable = witnessed(text)
    return Witnessed(f"witness `{file}`", statements, unreadable)


def _with_connection(settings: Settings, work: Callable[[asyncpg.Connection], Awaitable[R]]) -> R:
    async def run(url: str) -> R:
        await bring_up(url)
        connection = await connect(url)
        try:
            return await work(connection)
        finally:
            await close(connection)

    return _with_database(settings, run)


def _with_database(settings: Settings, work: Callable[[str], Awaitable[R]]) -> R:
    async def run(url: str) -> R:
        return await work(url)

    database = Database(settings)
    require_made(database)
    with database as url:
        say(f"database: {database.name}")
        return asyncio.run(run(url))
    raise AssertionError
