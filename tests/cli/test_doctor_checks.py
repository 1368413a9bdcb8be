"""Each check of the doctor, on the database, disk, keys and rules it is meant for."""

import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from qualsvc import zones
from qualsvc.doctor.disk import data_dir_findings, disk_findings, spool_findings
from qualsvc.doctor.findings import Finding
from qualsvc.doctor.fitness import unfit
from qualsvc.doctor.keys import key_findings
from qualsvc.doctor.pairs import pair_findings
from qualsvc.doctor.schema import drift_findings, schema_findings
from qualsvc.doctor.server import clock_findings, server_findings
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.records.documents import to_document
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record
from qualsvc.store import migrate
from qualsvc.store.engine import connect
from tests.cli.commands import short_directory
from tests.conftest import with_database
from tests.serving import PLANT, HandClock, changed

pytestmark = pytest.mark.anyio
UNPRIVILEGED = 65534
NOW = 1_795_000_000_000_000

Said = list[tuple[str, str]]


def said(findings: Iterable[Finding]) -> Said:
    """What was found, each in its level; whatever is not in order says why and what to do, too."""
    listed = list(findings)
    assert all(finding.level == "ok" or (finding.why and finding.do) for finding in listed)
    return [(finding.level, finding.what) for finding in listed]


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def execute(url: str, *statements: str) -> None:
    async with connected(url) as connection:
        for statement in statements:
            await connection.execute(statement)


async def of_schema(url: str) -> Said:
    async with connected(url) as connection:
        return said(await schema_findings(connection))


async def of_server(url: str) -> Said:
    async with connected(url) as connection:
        return said(await server_findings(connection))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.7, ("warning", "this host's clock is 0.7 s ahead of the database's")),
        (-0.7, ("warning", "this host's clock is 0.7 s behind the database's")),
        (2.5, ("problem", "this host's clock is 2.5 s ahead of the database's")),
        (-86_400, ("problem", "this host's clock is 86400.0 s behind the database's")),
    ],
)
async def test_clock(database_url: str, seconds: float, expected: tuple[str, str]) -> None:
    """A clock half a second off is worth a word; past the two seconds at which asks stop, it is a problem."""
    clock = HandClock()
    async with connected(database_url) as connection:
        assert ["ok"] == [finding.level for finding in await clock_findings(connection, clock)]
        clock.step_wall(seconds)
        assert [expected] == said(await clock_findings(connection, clock))


async def test_encoding(server_url: str) -> None:
    """A database that cannot keep Chinese names is a problem, told before anything is made in it."""
    name = f"latin_{uuid4().hex}"
    await execute(server_url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING LATIN1 LOCALE 'C'")
    url = with_database(server_url, name)
    expected = [("problem", f"the database `{name}` is in LATIN1, not in UTF8")]
    assert (expected, expected) == (await of_server(url), said(await unfit(url)))
    await execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


async def test_read_only(database_url: str) -> None:
    """A database that takes no writes is a problem, though everything can be read."""
    name = urlsplit(database_url).path[1:]
    await execute(database_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    expected = [("problem", f"the database `{name}` takes no writes")]
    assert (expected, expected) == (await of_server(database_url), said(await unfit(database_url)))


async def test_schema_of_this_version(database_url: str) -> None:
    """A migrated database is in order, until somebody changes a table by hand."""
    assert (["ok"], []) == ([level for level, _ in await of_schema(database_url)], await drift_findings(database_url))
    await execute(database_url, "ALTER TABLE person ADD COLUMN shoe_size integer")
    expected = [("warning", "the tables differ from those of this version in 1 place")]
    assert expected == said(await drift_findings(database_url))


async def test_schema_behind(database_url: str) -> None:
    """An older schema is worth a word; a start mends it."""
    await migrate.downgrade(database_url, "0001")
    ((level, what),) = await of_schema(database_url)
    assert ("warning", "the schema is at 0001, and this version is at ") == (level, what[:-4])
    assert [] == await unfit(database_url)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT 1", [("warning", "the database has no schema yet")]),
        ("CREATE TABLE lorry ()", [("warning", "the database is not ours alone, and has no schema of ours yet")]),
        ("CREATE TABLE person ()", [("problem", "the database has tables of others that go by the names of ours")]),
        (
            "CREATE TABLE alembic_version AS SELECT 'a1b2c3' AS version_num",
            [("problem", "the database is of another program")],
        ),
    ],
)
async def test_schema_of_nobody(empty_database_url: str, statement: str, expected: Said) -> None:
    """An empty database is to be filled; one that others use is refused where their tables and ours would meet."""
    await execute(empty_database_url, statement)
    assert expected == await of_schema(empty_database_url)
    assert [each for each in expected if each[0] == "problem"] == said(await unfit(empty_database_url))


async def test_schema_ahead(database_url: str) -> None:
    """A schema of a newer version is a problem: this one must not work on it."""
    await execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    expected = [("problem", "the database is of a newer qualsvc")]
    assert (expected, expected) == (await of_schema(database_url), said(await unfit(database_url)))


async def test_rights(empty_database_url: str) -> None:
    """A user who may not make tables, as any but the owner may not since PostgreSQL 15, is told before it is tried."""
    role = f"reader_{uuid4().hex}"
    async with connected(empty_database_url) as connection:
        await connection.execute(f"CREATE ROLE {role}")
        await connection.execute(f"SET ROLE {role}")
        findings = await schema_findings(connection)
        await connection.execute("RESET ROLE")
        await connection.execute(f"DROP ROLE {role}")
    assert ("problem", f"the database user `{role}` cannot run them") == said(findings)[-1]
    assert f"GRANT CREATE, USAGE ON SCHEMA public TO {role}" in findings[-1].do


@pytest.fixture
def directory() -> Iterator[Path]:
    with short_directory() as directory:
        yield directory


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be a user to whom modes apply; root's files are all open to root."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(UNPRIVILEGED)
    try:
        yield
    finally:
        os.seteuid(me)


def test_room(tmp_path: Path) -> None:
    """Room is told once for each disk: little is worth a word, next to none is a problem, and nothing need be there yet."""
    places = [tmp_path / "data" / "spool", tmp_path / "data"]
    everything = 2**62
    assert ["ok"] == [level for level, _ in said(disk_findings(places, least=0, low=0))]
    assert ["warning"] == [level for level, _ in said(disk_findings(places, least=0, low=everything))]
    assert ["problem"] == [level for level, _ in said(disk_findings(places, least=everything, low=everything))]
    assert [] == list(tmp_path.iterdir())


def test_closed_directories(directory: Path) -> None:
    """A directory that is another's, or none at all, is a problem that says whose it is; nothing is tried out in it."""
    closed = directory / "data"
    (closed / "spool").mkdir(parents=True)
    (closed / "spool").chmod(0o500)
    closed.chmod(0o555)
    (directory / "file").write_text("")
    with unprivileged():
        for place in (closed, closed / "not-there-yet"):
            assert [("problem", f"no file can be made in `{closed}`")] == said(data_dir_findings(place))
        assert [("problem", f"no file can be made in `{closed / 'spool'}`")] == said(spool_findings(closed / "spool"))
    for findings in (data_dir_findings(directory / "file"), spool_findings(directory / "file")):
        assert [("problem", f"`{directory / 'file'}` is not a directory")] == said(findings)


def test_spool(tmp_path: Path) -> None:
    """Of the decision log it tells how much there is, and warns of a folder that is open to others or very large."""
    spool = tmp_path / "spool"
    assert [("ok", "no answer has been put on record here yet")] == said(spool_findings(spool))
    spool.mkdir(mode=0o700)
    for name in ("a", "b"):
        (spool / f"{name}.spool").write_bytes(bytes(700))
    assert [("ok", "2 files of answers, 1,400 bytes")] == said(spool_findings(spool))
    assert [("warning", "1,400 bytes of answers are only here")] == said(spool_findings(spool, large=1000))
    spool.chmod(0o755)
    assert [("warning", f"`{spool}` is open to others")] == said(spool_findings(spool))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_spool_of_two_users(tmp_path: Path) -> None:
    """Files that a start as another user has left are told: the usual user cannot ship them."""
    spool = tmp_path / "spool"
    spool.mkdir(mode=0o700)
    (spool / "a.spool").write_bytes(b"")
    os.chown(spool, UNPRIVILEGED, -1)
    assert [("warning", f"1 file in `{spool}` is not nobody's")] == said(spool_findings(spool))


def key(code: str, *scopes: str, **fields: Any) -> dict[str, Any]:
    return {"code": code, "name": code, "scopes": list(scopes), "revoked_at": None, **fields}


BOOTSTRAP = key("bootstrap", "admin")
DOOR = key("door", "ask")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (
            [BOOTSTRAP, DOOR, key("old", "read", revoked_at="2026-01-01T00:00:00Z")],
            ("ok", "2 keys in use, 1 of them admin, 1 revoked"),
        ),
        ([], ("problem", "no key has the scope `admin`")),
        ([key("a", "admin", revoked_at="2026-01-01T00:00:00Z"), DOOR], ("problem", "no key has the scope `admin`")),
        ([BOOTSTRAP], ("warning", "the bootstrap key is the only one")),
        ([BOOTSTRAP, key("mes", "ask", "read")], ("warning", "no key may ask and nothing else")),
        ([BOOTSTRAP, DOOR, key("chief", "approve")], ("warning", "1 key may approve and says no person")),
        ([BOOTSTRAP, DOOR, key("chief", "approve", person="E9")], ("warning", "1 key names a person who is not there")),
        ([BOOTSTRAP, DOOR, key("chief", "approve", person="E1")], ("ok", "3 keys in use, 1 of them admin, 0 revoked")),
    ],
)
def test_keys(keys: Sequence[dict[str, Any]], expected: tuple[str, str]) -> None:
    """Somebody must be able to administer, doors must not, and who approves must be somebody."""
    assert expected == said(key_findings(keys, {"E1"}))[0]


def snapshot_of(records: Iterable[Mapping[str, Any]]) -> Snapshot:
    snapshot = Snapshot(zones.load)
    for record in records:
        fields = {name: value for name, value in record.items() if name != "kind"}
        document = to_document(read_record(KINDS[record["kind"]].model, fields))
        snapshot.apply(record["kind"], record["code"], document)
    return snapshot


def test_pairs() -> None:
    """A machine in service that no grant opens is worth a word; one that is retired is not."""
    spare = changed("FORK-07") | {"code": "FORK-08"}
    retired = spare | {"status": "retired"}
    grant = changed("R1", equipment_class=None, equipment="FORK-07")
    rest = [record for record in PLANT if record["code"] != "R1"]
    open_to_nobody = [("warning", "1 machine in service is open to nobody")]
    assert open_to_nobody == said(pair_findings(snapshot_of([*rest, grant, spare]), NOW))
    assert ["ok"] == [level for level, _ in said(pair_findings(snapshot_of([*rest, grant, retired]), NOW))]
    assert ["ok"] == [level for level, _ in said(pair_findings(Snapshot(zones.load), NOW))]
