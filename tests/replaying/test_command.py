"""`qualsvc audit replay` as it is run: 0 where all agree, 1 where not, 2 where nothing could be told."""

from pathlib import Path

import pytest
from sqlalchemy import text

from qualsvc.store.engine import make_engine
from tests.cli.commands import run
from tests.registry.logged import ship
from tests.serving import QUESTION, TRAINEE, changed, running


async def answered(url: str, data_dir: Path, spoilt: str | None = None) -> list[str]:
    """Some decisions over two revisions, one of them spoilt by this SQL; when each was answered."""
    async with running(url, data_dir) as plant:
        told = [(await plant.ask(**question)).json() for question in (QUESTION, TRAINEE)]
        await plant.load([changed("C1", status="revoked")])
        told.append((await plant.ask(**QUESTION)).json())
        await ship(plant)
        if spoilt:
            async with plant.engine.begin() as connection:
                await connection.execute(text(spoilt))
    return [each["asked_at"] for each in told]


def replayed(url: str, data_dir: Path, *options: str) -> tuple[int, list[str]]:
    done = run(data_dir, "audit", "replay", *options, QUALSVC_DATABASE_URL=url)
    return done.returncode, (done.stdout or done.stderr).splitlines()


@pytest.mark.anyio
async def test_all_agree(database_url: str, tmp_path: Path) -> None:
    """The verdict says how many decisions of how many revisions; `--from` is inclusive, `--to` is not."""
    times = await answered(database_url, tmp_path)
    assert (0, ["3 decisions of 2 revisions: all agree in every field"]) == replayed(database_url, tmp_path)
    some = replayed(database_url, tmp_path, "--from", times[0], "--to", times[2])
    assert (0, ["2 decisions of 1 revision: all agree in every field"]) == some


@pytest.mark.anyio
async def test_one_does_not(database_url: str, tmp_path: Path) -> None:
    """It is named with each field that differs."""
    spoilt = "UPDATE decision SET payload = replace(payload, '\"deny\"', '\"allow\"') WHERE decision = 'deny'"
    await answered(database_url, tmp_path, spoilt)
    status, (named, field, column, verdict) = replayed(database_url, tmp_path)
    assert (1, "3 decisions of 2 revisions: 1 DISAGREE") == (status, verdict)
    assert named.startswith("decision ")
    assert field == '  /answer/decision: answered "allow", comes out "deny"'
    assert column == '  /columns/decision: answered "deny", comes out "allow"'


@pytest.mark.anyio
async def test_one_that_cannot_be_reckoned(database_url: str, tmp_path: Path) -> None:
    """Without the record of the process that answered it neither agrees nor disagrees, and no alarm is raised."""
    await answered(database_url, tmp_path, "UPDATE decision_boot SET opened = NULL")
    status, (*named, verdict) = replayed(database_url, tmp_path)
    assert (2, "3 decisions of 2 revisions: 3 cannot be reckoned") == (status, verdict)
    assert all("cannot be reckoned: the boot record of the process that answered is not in the table" in one for one in named)


@pytest.mark.anyio
async def test_a_time_without_answers(database_url: str, tmp_path: Path) -> None:
    """Where nothing was replayed nothing agrees: a job that looks at the wrong day must not be green."""
    await answered(database_url, tmp_path)
    wrong_day = ("--from", "2020-03-01T00:00:00Z", "--to", "2020-04-01T00:00:00Z")
    nothing = "qualsvc: nothing was replayed"
    assert (2, [nothing, "why: no such answer is on record"]) == _first_two(*replayed(database_url, tmp_path, *wrong_day))
    gone = """INSERT INTO tombstone VALUES (1, now(), '{"month":"2020-03"}', '', ''), (2, now(), 'x', '', '')"""
    engine = make_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text(gone.replace(":", "\\:")))
    await engine.dispose()
    why = "why: what was answered in that time was given up by retention"
    assert (2, [nothing, why]) == _first_two(*replayed(database_url, tmp_path, *wrong_day))
    status, told = replayed(database_url, tmp_path)
    partly = "of that time months were given up by retention: of those nothing can be told"
    assert (2, [partly, "3 decisions of 2 revisions: all agree in every field"]) == (status, told)


def _first_two(status: int, lines: list[str]) -> tuple[int, list[str]]:
    return status, [line.strip() for line in lines[1:3]]  # after the line about the database


@pytest.mark.parametrize(
    ("options", "status"),
    [(("--from", "yesterday"), 2), (("--from", "2026-11-02T00:00:00Z", "--to", "2026-11-01T00:00:00Z"), 2)],
)
def test_misread(database_url: str, tmp_path: Path, options: tuple[str, ...], status: int) -> None:
    """An instant that cannot be read is told in three lines."""
    code, told = replayed(database_url, tmp_path, *options)
    assert (status, "qualsvc: nothing was replayed", 3) == (code, told[0], len(told))


def test_nothing_to_look_into(tmp_path: Path) -> None:
    """Where there is no database nothing agrees and nothing disagrees."""
    done = run(tmp_path, "audit", "replay")
    assert (2, "qualsvc: there is no database yet") == (done.returncode, done.stderr.splitlines()[0])
