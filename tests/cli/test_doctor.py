"""`qualsvc doctor` as it is run: what it says, what it leaves with, and that it changes nothing."""

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from qualsvc.doctor.examination import CHECKS
from qualsvc.doctor.findings import Finding
from qualsvc.store.engine import connect
from tests.cli.commands import run, serving, short_directory
from tests.serving import ADMIN_KEY


def told(out: str) -> dict[str, list[str]]:
    """The checks that each level was told of, in order."""
    lines = [line.split() for line in out.splitlines() if line.startswith(("ok ", "warning ", "problem "))]
    return {level: [line[1] for line in lines if line[0] == level] for level in ("ok", "warning", "problem")}


def revision_of(url: str) -> int:
    async def fetch() -> int:
        connection = await connect(url)
        try:
            return int(await connection.fetchval("SELECT revision FROM head"))
        finally:
            await connection.close()

    return asyncio.run(fetch())


def test_healthy(database_url: str, tmp_path: Path) -> None:
    """A good installation has a line for each check, no problem, and is as it was before."""
    given = {"QUALSVC_DATABASE_URL": database_url}
    for name, scope in (("chief", "admin"), ("door-3", "ask")):
        assert 0 == run(tmp_path, "keys", "create", name, "--scope", scope, **given).returncode
    before = revision_of(database_url)
    done = run(tmp_path, "doctor", **given)
    assert (0, "") == (done.returncode, done.stderr)
    assert {"ok": list(CHECKS), "warning": [], "problem": []} == told(done.stdout)
    assert "nothing wrong was found" == done.stdout.splitlines()[-1]
    assert (before, []) == (revision_of(database_url), list(tmp_path.iterdir()))


@pytest.mark.parametrize(
    ("name", "value", "level", "what"),
    [
        ("QUALSVC_SIGNING_KEY", "x", "problem", "the signing key cannot be used"),
        ("QUALSVC_SIGNING_KEY_FILE", "/nowhere/key", "problem", "the signing key cannot be"),
        ("QUALSVC_WITNESS_FILE", "/nowhere/witness", "warning", "checkpoints will not be witnessed"),
        ("QUALSVC_WITNESS_FILE", "witness", "problem", "a setting is not right"),
    ],
)
def test_how_the_log_is_signed_and_witnessed(tmp_path: Path, name: str, value: str, level: str, what: str) -> None:
    """A key the service would not start with, and a witness that would hear nothing."""
    found = json.loads(run(tmp_path, "doctor", "--json", **{name: value}).stdout)["findings"]
    assert [what] == [each["what"][: len(what)] for each in found if each["level"] == level and name in each["why"]]


def test_before_the_first_start(tmp_path: Path) -> None:
    """Where nothing was ever started it says so and makes nothing: no directory, no database."""
    place = tmp_path / "data"
    done = run(place, "doctor")
    assert (0, ["database"], []) == (done.returncode, told(done.stdout)["warning"], told(done.stdout)["problem"])
    assert f"there is no database in `{place}/postgres` yet" in done.stdout
    assert "1 warning; not looked at: clock, migrations, facts, keys, pairs" == done.stdout.splitlines()[-1]
    assert not place.exists()


def test_beside_a_service() -> None:
    """It looks into the embedded PostgreSQL while a service runs it, leaves both running, and starts none afterwards."""
    with short_directory() as directory:
        with serving(directory, QUALSVC_BOOTSTRAP_API_KEY=ADMIN_KEY) as (_, base):
            beside = run(directory, "doctor")
            assert 200 == httpx.get(f"{base}/readyz", trust_env=False).status_code
        after = run(directory, "doctor")
    assert f"embedded PostgreSQL, running in `{directory}/postgres`" in beside.stdout
    assert (0, ["keys"]) == (beside.returncode, told(beside.stdout)["warning"])  # the bootstrap key is the only one
    assert (0, ["database"]) == (after.returncode, told(after.stdout)["warning"])
    assert f"the embedded PostgreSQL in `{directory}/postgres` is not running" in after.stdout


def test_wrong_settings(tmp_path: Path) -> None:
    """Each wrong setting is a problem of its own; which disk and which database are meant is not known then."""
    done = run(tmp_path, "doctor", QUALSVC_LOG_LEVL="info", QUALSVC_MAX_STALENESS_S="soon")
    assert (1, ["settings", "settings"]) == (done.returncode, told(done.stdout)["problem"])
    assert "  why: QUALSVC_LOG_LEVL: unknown; is `QUALSVC_LOG_LEVEL` meant?" in done.stdout.splitlines()
    assert "2 problems; not looked at: data, spool, disk, audit, database" in done.stdout.splitlines()[-1]


def test_database_refuses(server_url: str, tmp_path: Path) -> None:
    """A database that refuses us is a problem in three lines, and says no password; the host is looked at all the same."""
    parts = urlsplit(server_url)
    url = parts._replace(netloc="nobody:hush-hush@" + parts.netloc.rpartition("@")[2]).geturl()
    done = run(tmp_path, "doctor", QUALSVC_DATABASE_URL=url)
    assert (1, ["database"]) == (done.returncode, told(done.stdout)["problem"])
    assert ["installation", "settings", "data", "spool", "disk", "audit"] == told(done.stdout)["ok"]
    lines = done.stdout.splitlines()
    (first,) = [number for number, line in enumerate(lines) if line.startswith("problem")]
    assert ["why:", "do:"] == [line.split()[0] for line in lines[first + 1 : first + 3]]
    assert "hush-hush" not in done.stdout + done.stderr


def test_json(empty_database_url: str, tmp_path: Path) -> None:
    """`--json` gives the same findings to programs."""
    done = run(tmp_path, "doctor", "--json", QUALSVC_DATABASE_URL=empty_database_url)
    found = json.loads(done.stdout)
    findings = [Finding(**each) for each in found.pop("findings")]
    assert [("migrations", "the database has no schema yet")] == [(f.check, f.what) for f in findings if f.level != "ok"]
    assert {"version": "0.1.0", "problems": 0, "warnings": 1, "not_looked_at": ["facts", "keys", "pairs"]} == found
    assert 0 == done.returncode


def test_broken_package(tmp_path: Path) -> None:
    """A package that does not load is told in three lines, whatever the command, and not by a traceback."""
    (tmp_path / "uvicorn.py").write_text("raise ImportError('no such processor')\n")
    done = run(tmp_path / "data", "doctor", PYTHONPATH=str(tmp_path))
    assert [
        "qualsvc: the package `uvicorn` is broken",
        "  why: ImportError: no such processor",
    ] == done.stderr.splitlines()[:2]
    assert (1, 3) == (done.returncode, len(done.stderr.splitlines()))


@pytest.mark.parametrize(
    ("metadata", "what"),
    [
        ("Name: tzdata\nVersion: 2020.1", "the package `tzdata` is of version 2020.1"),
        ("Name: tzdata\nVersion: 2026.6\nRequires-Dist: is-nowhere>=1", "the package `is-nowhere` is not there"),
    ],
)
def test_wrong_packages(tmp_path: Path, metadata: str, what: str) -> None:
    """A package that is too old, or that its dependants miss, is a problem of the installation."""
    place = tmp_path / "packages" / "tzdata-0.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\n{metadata}\n")
    done = run(tmp_path / "data", "doctor", PYTHONPATH=str(place.parent))
    assert (1, ["installation"]) == (done.returncode, told(done.stdout)["problem"])
    assert what in done.stdout
