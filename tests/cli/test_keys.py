"""`qualsvc keys` as it is run."""

import asyncio
from pathlib import Path

import httpx
import pytest

from qualsvc.store.engine import make_engine
from tests.cli.commands import free_port, run, serving
from tests.serving import ADMIN_KEY, PLANT, load


def test_create_list_revoke(database_url: str, tmp_path: Path) -> None:
    """A key made on the command line is good in a service that runs, is listed, and once revoked is refused by it."""
    given = {"QUALSVC_DATABASE_URL": database_url}
    with serving(tmp_path, QUALSVC_BOOTSTRAP_API_KEY=ADMIN_KEY, **given) as (command, base):
        made = run(tmp_path, "keys", "create", "door-3", "--scope", "ask", "--scope", "ask:at", **given)
        assert 0 == made.returncode, made.stderr
        token = made.stdout.removesuffix("\n")
        told = made.stderr.splitlines()[-1]
        code = token.split("_")[1]
        assert f"key {code} for door-3, scopes ask, ask:at; the token is shown this once:" == told

        def status() -> int:
            headers = {"Authorization": f"Bearer {token}"}
            return httpx.get(f"{base}/can-operate", headers=headers, trust_env=False).status_code

        command.until(lambda: status() == 400)  # the key is good, the question is not
        (line,) = [line for line in listed(tmp_path, database_url) if line.startswith(code)]
        assert [code, "ask,ask:at", "good", "-", "door-3"] == line.split()
        assert ["ID", "SCOPES", "STATE", "PERSON", "NAME"] == listed(tmp_path, database_url)[0].split()
        gone = run(tmp_path, "keys", "revoke", code, **given)
        assert (0, f"key {code} is revoked\n") == (gone.returncode, gone.stdout)
        command.until(lambda: status() == 401)
        lines = listed(tmp_path, database_url)
        assert [["revoked", "door-3"]] == [[line.split()[2], line.split()[-1]] for line in lines if line.startswith(code)]
        assert token not in "".join(lines)


def listed(data_dir: Path, database_url: str) -> list[str]:
    done = run(data_dir, "keys", "list", QUALSVC_DATABASE_URL=database_url)
    assert 0 == done.returncode, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "code", "what"),
    [
        (("revoke", "nobody"), 1, "qualsvc: no key `nobody`"),
        (("create", "door", "--scope", "open"), 2, "qualsvc: no key was made"),
        (("create", "chief", "--scope", "approve", "--person", "E 1"), 2, "qualsvc: no key was made"),
        (("create", "x" * 2001, "--scope", "ask"), 2, "qualsvc: no key was made"),
    ],
)
def test_refusals(database_url: str, tmp_path: Path, arguments: tuple[str, ...], code: int, what: str) -> None:
    """What cannot be done is told in three lines."""
    done = run(tmp_path, "keys", *arguments, QUALSVC_DATABASE_URL=database_url)
    told = [line for line in done.stderr.splitlines() if not line.startswith("database: ")]
    assert (code, what, 3) == (done.returncode, told[0], len(told))


def test_person(database_url: str, tmp_path: Path) -> None:
    """A key says which person uses it; one that is not there yet is told, and the key is made all the same."""
    asyncio.run(loaded(database_url))
    given = {"QUALSVC_DATABASE_URL": database_url}
    words = []
    for person in ("E1", "E9"):
        made = run(tmp_path, "keys", "create", "chief", "--scope", "approve", "--person", person, **given)
        assert (0, f"used by {person}") == (made.returncode, made.stderr.splitlines()[-1].split("; ")[0].split(", ")[-1])
        words.append("there is no person `E9` yet; the key says so all the same" in made.stderr.splitlines())
    assert [False, True] == words
    assert ["E1", "E9"] == sorted(line.split()[3] for line in listed(tmp_path, database_url)[1:] if line.endswith("chief"))


async def loaded(database_url: str) -> None:
    engine = make_engine(database_url)
    await load(engine, PLANT)
    await engine.dispose()


def test_none(database_url: str, tmp_path: Path) -> None:
    """Where there is no key it says so, and how to make one."""
    done = run(tmp_path, "keys", "list", QUALSVC_DATABASE_URL=database_url)
    assert (0, "") == (done.returncode, done.stdout)
    assert "there are no keys yet; make one with `qualsvc keys create NAME --scope ask`" == done.stderr.splitlines()[-1]


def test_several_hosts(tmp_path: Path) -> None:
    """With several hosts in its address, the database is named by all of them, and never by its password."""
    hosts = ",".join(f"127.0.0.1:{free_port()}" for _ in range(2))
    done = run(tmp_path, "keys", "list", QUALSVC_DATABASE_URL=f"postgresql://clerk:hush-hush@{hosts}/plant")
    assert (1, f"database: {hosts}/plant") == (done.returncode, done.stderr.splitlines()[0])
    assert "hush-hush" not in done.stderr


def test_no_scope(tmp_path: Path) -> None:
    """A key without a scope is not made."""
    assert 2 == run(tmp_path, "keys", "create", "door").returncode
