"""The schema of the database against the migrations of this version."""

import asyncpg
from alembic.config import Config
from alembic.script import ScriptDirectory

from qualsvc.doctor.findings import Finding, ok, problem, several, warning
from qualsvc.store import migrate
from qualsvc.store.tables import metadata

_UPGRADE = "run `qualsvc db upgrade`; a start of the service does it as well"
_OWN = "make a database for qualsvc alone and name it in QUALSVC_DATABASE_URL"


async def schema_findings(connection: asyncpg.Connection) -> list[Finding]:
    """Whether the migrations of this version have been run, or can be."""
    script = ScriptDirectory.from_config(_config())
    head = script.get_current_head()
    known = {each.revision for each in script.walk_revisions()}
    found = await _revisions(connection)
    if found == {head}:
        return [ok("migrations", f"the schema is at {head}, that of this version")]
    tables = {name for (name,) in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}
    ours = tables & set(metadata.tables)
    named = ", ".join(sorted(found))
    if not found:
        findings = _without_schema(tables, ours)
    elif found <= known:
        what = f"the schema is at {named}, and this version is at {head}"
        findings = [warning("migrations", what, "migrations of this version have not been run", _UPGRADE)]
    elif {"head", "change"} <= ours:
        why = f"a newer version of qualsvc has brought the schema to {named}; this one knows it up to {head}"
        do = "install that version or a newer one; there is no way back without loss"
        return [problem("migrations", "the database is of a newer qualsvc", why, do)]
    else:
        why = f"its table `alembic_version` says {named}, which is no migration of ours"
        return [problem("migrations", "the database is of another program", why, _OWN)]
    return findings + await _rights(connection)


async def drift_findings(url: str) -> list[Finding]:
    """Whether somebody has changed tables by hand: a schema at the right migration that is not what they make."""
    differences = await migrate.check(url)
    if not differences:
        return []
    why = "; ".join(str(difference) for difference in differences)
    do = "undo what was changed by hand; `qualsvc db check` looks again"
    return [
        warning("migrations", f"the tables differ from those of this version in {several(len(differences), 'place')}", why, do)
    ]


def _without_schema(tables: set[str], ours: set[str]) -> list[Finding]:
    if ours:
        why = f"it has {', '.join(f'`{name}`' for name in sorted(ours)[:3])}, and no record of our migrations"
        return [problem("migrations", "the database has tables of others that go by the names of ours", why, _OWN)]
    if tables:
        why = f"it holds {several(len(tables), 'table')} of others"
        return [warning("migrations", "the database is not ours alone, and has no schema of ours yet", why, _OWN)]
    return [warning("migrations", "the database has no schema yet", "it is new", _UPGRADE)]


async def _rights(connection: asyncpg.Connection) -> list[Finding]:
    schema, user, may = await connection.fetchrow(
        "SELECT current_schema(), current_user, coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"
    )
    if may:
        return []
    why = f"it lacks the right CREATE on the schema `{schema}`" if schema else "it may use no schema of its `search_path`"
    do = f"ALTER DATABASE … OWNER TO {user}, or GRANT CREATE, USAGE ON SCHEMA {schema or 'public'} TO {user}"
    return [problem("migrations", f"the database user `{user}` cannot run them", why, do)]


async def _revisions(connection: asyncpg.Connection) -> set[str]:
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return set()
    return {revision for (revision,) in await connection.fetch("SELECT version_num FROM alembic_version")}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrate.migrations_path()).replace("%", "%%"))
    return config
