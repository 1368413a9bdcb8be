"""`qualsvc keys` as it is run."""

from pathlib import Path

import httpx
import pytest

from tests.cli.commands import run, serving
from tests.serving import ADMIN_KEY


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
        assert [code, "ask,ask:at", "good", "door-3"] == line.split()
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
    ],
)
def test_refusals(database_url: str, tmp_path: Path, arguments: tuple[str, ...], code: int, what: str) -> None:
    """What cannot be done is told in three lines."""
    done = run(tmp_path, "keys", *arguments, QUALSVC_DATABASE_URL=database_url)
    told = [line for line in done.stderr.splitlines() if not line.startswith("database: ")]
    assert (code, what, 3) == (done.returncode, told[0], len(told))


def test_no_scope(tmp_path: Path) -> None:
    """A key without a scope is not made."""
    assert 2 == run(tmp_path, "keys", "create", "door").returncode
