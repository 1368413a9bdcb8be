"""All checks in their order, each as far as those before it let it go."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import asyncpg

from qualsvc import zones
from qualsvc.clocks import Clock
from qualsvc.database import Database
from qualsvc.doctor.audit import audit_findings
from qualsvc.doctor.disk import data_dir_findings, disk_findings, spool_findings
from qualsvc.doctor.facts import fact_findings
from qualsvc.doctor.findings import Finding, ok, problem, warning
from qualsvc.doctor.installation import installation
from qualsvc.doctor.keys import key_findings
from qualsvc.doctor.pairs import pair_findings
from qualsvc.doctor.refusals import explained
from qualsvc.doctor.schema import drift_findings, schema_findings
from qualsvc.doctor.server import clock_findings, is_too_old, server_findings
from qualsvc.embedded.standing import Standing, startable
from qualsvc.replica.held import Held
from qualsvc.settings import PREFIX, SettingsError, load_settings
from qualsvc.store import feed
from qualsvc.store.engine import close, connect

CHECKS = (
    "installation",
    "settings",
    "data",
    "spool",
    "disk",
    "audit",
    "database",
    "clock",
    "migrations",
    "facts",
    "keys",
    "pairs",
)

Tell = Callable[[Finding], None]


async def examine(environment: Mapping[str, str], spool: str, clock: Clock, tell: Tell) -> None:
    """Tell what each check finds, in the order of CHECKS; `spool` is the decision log's folder in the data directory.

    A check that needs what an earlier one found missing has nothing to look at, and tells nothing.
    """
    _tell(installation(), tell)
    try:
        settings = load_settings(environment)
    except SettingsError as error:
        for line in str(error).splitlines():
            tell(problem("settings", "a setting is not right", line, "mend or unset it; docs/settings.md lists them all"))
        return
    tell(ok("settings", _set(environment)))
    with _telling("data", tell):
        _tell(data_dir_findings(settings.data_dir), tell)
        _tell(spool_findings(settings.data_dir / spool), tell)
        _tell(disk_findings([settings.data_dir / spool, settings.data_dir]), tell)
    with _telling("audit", tell):
        _tell(audit_findings(settings), tell)
    with _telling("database", tell):
        here = Database(settings).standing
        if here is not None:
            tell(_embedded(here))
        url = settings.database_url if here is None else here.address
        if url is not None:
            await _examine_database(url, clock, tell)


async def _examine_database(url: str, clock: Clock, tell: Tell) -> None:
    connection = await connect(url)
    try:
        await _examine_connected(connection, url, clock, tell)
    finally:
        await close(connection)


async def _examine_connected(connection: asyncpg.Connection, url: str, clock: Clock, tell: Tell) -> None:
    _tell(await server_findings(connection), tell)
    if is_too_old(connection):
        return
    with _telling("clock", tell):
        _tell(await clock_findings(connection, clock), tell)
    schema = []
    with _telling("migrations", tell):
        schema = await schema_findings(connection)
        _tell(schema, tell)
    if [finding.level for finding in schema] != ["ok"]:
        return
    with _telling("migrations", tell):
        _tell(await drift_findings(url), tell)
    with _telling("facts", tell):
        loaded = await feed.load(connection)
        held = Held.build(zones.load, loaded.ledger_id, loaded.revision, loaded.records, loaded.checksum)
        _tell(await fact_findings(connection, held, len(loaded.records)), tell)
        keys = [document for kind, _, document in loaded.records if kind == "api_key"]
        _tell(key_findings(keys, held.snapshot.persons), tell)
        _tell(pair_findings(held.snapshot, clock.wall()), tell)


def _embedded(here: Standing) -> Finding:
    """Whether the embedded server runs, and if not, whether it could."""
    if here.address is not None:
        return ok("database", f"embedded PostgreSQL, running in `{here.place}`")
    bin_dir, major = startable(here)
    later = "clock, migrations, keys and rules are not looked at"
    again = "start it with `qualsvc serve`, and run `qualsvc doctor` again while it runs"
    if not here.made:
        why = f"nothing was started yet with this QUALSVC_DATA_DIR; {later}"
        do = f"{again}; or set QUALSVC_DATA_DIR to where the database is (that of `qualsvc demo` is in its folder `demo`)"
        return warning("database", f"there is no database in `{here.place}` yet", why, do)
    if here.status is not None:
        return warning(
            "database", f"the embedded PostgreSQL in `{here.place}` is {here.status}", later, "try again in a moment"
        )
    why = f"it runs while the service does, by PostgreSQL {major} of `{bin_dir}`; {later}"
    return warning("database", f"the embedded PostgreSQL in `{here.place}` is not running", why, again)


def _set(environment: Mapping[str, str]) -> str:
    names = sorted(name for name in environment if name.upper().startswith(PREFIX))
    return f"{', '.join(names)} set, all else by default" if names else "none set, all by default"


def _tell(findings: Iterable[Finding], tell: Tell) -> None:
    for finding in findings:
        tell(finding)


@contextmanager
def _telling(check: str, tell: Tell) -> Iterator[None]:
    """Tell what stops a check, and let the others go on; a defect of ours is not swallowed."""
    try:
        yield
    except Exception as error:
        finding = explained(error, check)
        if finding is None:
            raise
        tell(finding)
