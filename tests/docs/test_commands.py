"""What pages show to be typed is typed, page by page, from top to bottom: the how-tos against the sample plant, the first plant
against a service of its own, in the directory that the page names."""

import asyncio
import json
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
from tests.cli.commands import COMMAND, environment, free_port, serving, short_directory
from tests.docs.pages import DOCS, blocks, section
from tests.serving import ADMIN_KEY, load

HOWTOS = sorted(DOCS.glob("howto-*.md"))
FIRST_PLANT = DOCS / "first-plant.md"
SHOWN = "http://127.0.0.1:8000"
BESIDE = "http://127.0.0.1:8100"
"""Where the first plant is served: beside the demo."""
EXPECTED = {"howto-ehs": {"E1012": ["deny", "conditional", "allow", "deny"], "E1001": ["deny", "allow", "allow"]}}
"""What a page's questions are answered, by person. Whom a waiver is for: before, approved, with a supervisor, revoked. Whom an
incident is about: after its conclusion, by what was known before it, with ban and suspension lifted."""
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
    """The page's shell blocks but for that of the first terminal, with the address of the service that runs."""
    typed_there = "\n".join(block for block in blocks(page, "sh") if "qualsvc serve" not in block)
    return PRELUDE + typed_there.replace(SHOWN, base).replace(BESIDE, base)


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


def said(page: Path, base: str, directory: Path, given: Mapping[str, str]) -> str:
    """What the page's commands print, typed beside the service; none of them may fail."""
    done = typed(script(page, base), directory, given)
    assert 0 == done.returncode, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("page", HOWTOS, ids=lambda page: page.stem)
def test_every_command_works(page: Path, plant: str, tmp_path: Path, work: Path) -> None:
    """Every command of the page does what it says: none fails, and no request is answered with an error."""
    given = {"QUALSVC_DATABASE_URL": plant, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY}
    with serving(tmp_path, **given) as (_, base):
        answers = said(page, base, work, given | {"ADMIN": ADMIN_KEY})
    for person, expected in EXPECTED.get(page.stem, {}).items():
        assert expected == re.findall(rf'{{"decision":"(\w+)","allowed":\w+,"person":"{person}"', answers)
    assert '"complete":false' not in answers


def test_the_embedded_database_by_sql() -> None:
    """What is shown reaches it while the service runs, and only reads."""
    (shown,) = section(DOCS / "postgresql.md", "The embedded one, by SQL").blocks("sh")
    with short_directory() as directory, serving(directory):
        done = typed(PRELUDE + shown, directory, {})
        refused = typed(PRELUDE + re.sub("SELECT [^']+", "DELETE FROM decision", shown), directory, {})
    assert 0 == done.returncode, done.stderr
    assert "decision" in done.stdout
    assert "cannot execute DELETE in a read-only transaction" in refused.stderr


def test_the_first_plant_allows() -> None:
    """From nothing, ten records lead to an allow; past the certificate's end, or without it, to a deny."""
    with short_directory() as clone:
        activate = clone / ".venv" / "bin" / "activate"
        activate.parent.mkdir(parents=True)
        activate.touch()
        with serving(clone / directory_of_the_first_plant()) as (service, base):
            key = re.search(r"shown this once: (\S+)", "\n".join(service.err))
            assert key is not None
            answers = said(FIRST_PLANT, base, clone, {"ADMIN": key.group(1)})
    assert re.findall(r'"created":(\d+)', answers) == ["10", "0"]
    assert re.findall(r'"decision":"(\w+)"', answers) == ["allow", "deny", "deny"]
    assert re.findall(r'\[{"code":"(\w+)"', answers) == ["certificate_expired", "certificate_missing"]


def directory_of_the_first_plant() -> str:
    """Where the first terminal serves it from, and the second one looks into; not where the demo is."""
    named = re.findall(r'^export QUALSVC_DATA_DIR="\$PWD/(\S+)"$', "\n".join(blocks(FIRST_PLANT, "sh")), re.MULTILINE)
    first, second = named
    assert first == second != ".qualsvc/demo"
    return str(first)


def test_the_first_plant_keeps_off_the_demo() -> None:
    """It is served where its requests go, not where the demo is; and loaded into the demo, it would overwrite nothing."""
    (serve,) = [line for block in blocks(FIRST_PLANT, "sh") for line in block.splitlines() if line.startswith("qualsvc serve")]
    assert serve == f"qualsvc serve --port {BESIDE.rpartition(':')[2]}"
    assert not [block for block in blocks(FIRST_PLANT, "sh") if SHOWN in block]
    lines = [line for block in blocks(FIRST_PLANT, "sh") for line in block.splitlines() if line.startswith('{"kind"')]
    there = {(record["kind"], record["code"]) for record in sample.records(sample.plant_day(datetime.now(UTC)))}
    assert 10 == len(lines)
    assert [] == [line for line in lines if (json.loads(line)["kind"], json.loads(line)["code"]) in there]


@pytest.mark.parametrize("page", [*HOWTOS, FIRST_PLANT], ids=lambda page: page.stem)
def test_there_are_commands(page: Path) -> None:
    """Each page has some, at the address that README shows, or that of the first plant."""
    base = BESIDE if page == FIRST_PLANT else SHOWN
    assert any(f"{base}/" in block for block in blocks(page, "sh"))


@pytest.mark.parametrize("wrong", ["curl -s {nobody}", "X=$(curl -s {nobody} | cat)", "qualsvc no-such-command", "echo $UNSET"])
def test_a_command_that_fails_is_noticed(wrong: str, tmp_path: Path) -> None:
    """What fails in the middle of a page ends it: in a pipe and in a substitution too."""
    script = PRELUDE + wrong.format(nobody=f"http://127.0.0.1:{free_port()}/") + "\necho went on\n"
    done = typed(script, tmp_path, {})
    assert 0 != done.returncode
    assert "went on" not in done.stdout
