"""What pages show to be typed is typed, page by page, from top to bottom: the how-tos against the sample plant, the first plant
against an empty database."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qualsvc import sample
from qualsvc.store.engine import make_engine
from tests.cli.commands import COMMAND, environment, free_port, serving
from tests.docs.pages import DOCS, blocks
from tests.serving import ADMIN_KEY, load

HOWTOS = sorted(DOCS.glob("howto-*.md"))
FIRST_PLANT = DOCS / "first-plant.md"
SHOWN = "http://127.0.0.1:8000"
# A page's blocks are one session: what one sets, the next may use. Any answer that is an error ends it.
PRELUDE = """set -euo pipefail
curl() { command curl --fail-with-body --noproxy '*' "$@"; }
"""

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the pages use curl")


@pytest.fixture
def plant(database_url: str) -> str:
    """A database with today's sample plant."""

    async def made() -> None:
        engine = make_engine(database_url)
        await load(engine, sample.records(sample.plant_day(datetime.now(UTC))))
        await engine.dispose()

    asyncio.run(made())
    return database_url


def script(page: Path, base: str) -> str:
    """The page's shell blocks, with the address of the service that runs."""
    return PRELUDE + "\n".join(blocks(page, "sh")).replace(SHOWN, base)


def typed(text: str, directory: Path, given: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a shell script in a directory, with our `qualsvc` on the path."""
    path = f"{Path(COMMAND).parent}:{os.environ['PATH']}"
    surroundings = environment(directory, given) | {"PATH": path}
    return subprocess.run(
        ["bash", "-c", text], cwd=directory, env=surroundings, capture_output=True, text=True, check=False, timeout=180
    )


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A directory to type in, apart from the service's."""
    directory = tmp_path / "work"
    directory.mkdir()
    return directory


def typed_beside(url: str, page: Path, tmp_path: Path, work: Path) -> str:
    """What the page's commands print, typed beside a service on this database; none of them may fail."""
    given = {"QUALSVC_DATABASE_URL": url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY}
    with serving(tmp_path, **given) as (_, base):
        done = typed(script(page, base), work, given | {"ADMIN": ADMIN_KEY})
    assert 0 == done.returncode, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("page", HOWTOS, ids=lambda page: page.stem)
def test_every_command_works(page: Path, plant: str, tmp_path: Path, work: Path) -> None:
    """Every command of the page does what it says: none fails, and no request is answered with an error."""
    typed_beside(plant, page, tmp_path, work)


def test_the_first_plant_allows(database_url: str, tmp_path: Path, work: Path) -> None:
    """From an empty database, ten records lead to an allow; past the certificate's end, or without it, to a deny."""
    said = typed_beside(database_url, FIRST_PLANT, tmp_path, work)
    assert re.findall(r'"created":(\d+)', said) == ["10", "0"]
    assert re.findall(r'"decision":"(\w+)"', said) == ["allow", "deny", "deny"]
    assert re.findall(r'\[{"code":"(\w+)"', said) == ["certificate_expired", "certificate_missing"]


@pytest.mark.parametrize("page", [*HOWTOS, FIRST_PLANT], ids=lambda page: page.stem)
def test_there_are_commands(page: Path) -> None:
    """Each page has some, at the address that README shows."""
    assert any(f"{SHOWN}/" in block for block in blocks(page, "sh"))


@pytest.mark.parametrize("wrong", ["curl -s {nobody}", "X=$(curl -s {nobody} | cat)", "qualsvc no-such-command", "echo $UNSET"])
def test_a_command_that_fails_is_noticed(wrong: str, tmp_path: Path) -> None:
    """What fails in the middle of a page ends it: in a pipe and in a substitution too."""
    script = PRELUDE + wrong.format(nobody=f"http://127.0.0.1:{free_port()}/") + "\necho went on\n"
    done = typed(script, tmp_path, {})
    assert 0 != done.returncode
    assert "went on" not in done.stdout
