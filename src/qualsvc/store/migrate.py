"""Bringing a database to the schema of this version, and finding out whether it is there."""

from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from qualsvc.store import decision_tables, ledger_tables  # noqa: F401 -- complete the metadata
from qualsvc.store.engine import make_engine
from qualsvc.store.tables import metadata

_MIGRATION_LOCK = 0x7175616D


def migrations_path() -> Path:
    """The migrations inside the installed package, or at the root of the repository."""
    package = Path(__file__).resolve().parent.parent
    for path in (package / "migrations", package.parent.parent / "migrations"):
        if (path / "env.py").is_file():
            return path
    raise FileNotFoundError(f"no migrations beside `{package}`; the installation is incomplete")


async def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations up to `revision`; processes that start at the same time wait for one another."""
    await _run(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str) -> None:
    """Run the migrations back down to `revision`; `base` leaves nothing."""
    await _run(url, lambda config: command.downgrade(config, revision))


async def check(url: str) -> list[str]:
    """What is different between the database and the tables of this version, in words; empty when nothing is."""
    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(_differences)
    finally:
        await engine.dispose()
    if sum(difference[0] == "add_table" for difference in found) == len(metadata.tables):
        return ["none of its tables is there"]
    return [_in_words(difference) for difference in found]


def _in_words(difference: Any) -> str:
    """One finding of alembic: a tuple that begins with what it would do, or a list of those about one column."""
    if isinstance(difference, list):
        return "; ".join(map(_in_words, difference))
    deed, *about = difference
    named = (str(getattr(each, "name", each)) for each in about if each is not None and not isinstance(each, dict))
    return f"{deed.replace('_', ' ')} {' '.join(named)}"


def compared(
    item: Any,  # noqa: ARG001 -- alembic's signature
    name: str | None,
    type_: str,
    reflected: bool,
    compare_to: Any,  # noqa: ARG001 -- the same
) -> Literal[True, False]:
    """What alembic compares: not the tables of others in the same database (partitions, extensions)."""
    return not (type_ == "table" and reflected and name not in metadata.tables)


async def _run(url: str, run: Any) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_path()).replace("%", "%%"))

    def work(connection: Connection) -> None:
        config.attributes["connection"] = connection
        run(config)

    engine = make_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            await connection.run_sync(work)
    finally:
        await engine.dispose()


def _differences(connection: Connection) -> list[Any]:
    options = {"include_object": compared, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))
