"""Runs are kept one beside the other, whatever ends them; a whole one can be committed."""

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.__main__ import main
from benchmarks.figures import Figure, Measured, Spread
from benchmarks.parts import PARTS, Part
from benchmarks.processes import NotStartedError
from benchmarks.results import Results

from benchmarks import runs

ROOT = Path(__file__).parents[2]


def begun(*parts: str) -> Results:
    return Results("2026-11-22T06:11:05Z", False, list(parts), "0 and 1", {"processor": "some"}, {}, [0.1, 0.2, 0.3])


def whole() -> Results:
    results = begun(*PARTS)
    results.measured += PARTS
    return results


def part(name: str, *, fails: Exception | KeyboardInterrupt | None = None) -> Part:
    def measure(_: bool) -> Measured:
        if fails is not None:
            raise fails
        return Measured((Figure(f"{name}.some", f"some of {name}", "ms", Spread.of([3.0])),))

    return Part(name, name, lambda _: 0, measure)


def test_a_run_is_a_directory_named_by_its_beginning(tmp_path: Path) -> None:
    """To the second, so that none takes the place of another, and names sort by time."""
    assert tmp_path / "2026-11-22T061105Z" == runs.directory(begun("kernel"), tmp_path)


def test_after_a_part_that_failed_the_next_is_measured(tmp_path: Path) -> None:
    """And the failed one is named, with why."""
    results = begun("ask", "kernel", "sets")
    parts = [part("ask", fails=NotStartedError("cedar ended")), part("kernel", fails=ZeroDivisionError()), part("sets")]
    runs.measure(parts, results, tmp_path)
    kept = runs.found(tmp_path)
    assert kept == results
    assert (kept.measured, kept.open()) == (["sets"], [])
    assert kept.failed == {"ask": "cedar ended", "kernel": "ZeroDivisionError()"}


def test_what_was_measured_stands_when_a_later_part_is_stopped(tmp_path: Path) -> None:
    """It is marked unfinished until all parts were come to; no file is there in half."""
    with pytest.raises(KeyboardInterrupt):
        runs.measure([part("kernel"), part("sets", fails=KeyboardInterrupt())], begun("kernel", "sets"), tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["report.md", "results.json"]
    assert "some of kernel" in (tmp_path / "report.md").read_text()
    assert "**Unfinished**: sets not measured." in (tmp_path / "report.md").read_text()
    assert runs.found(tmp_path).open() == ["sets"]


def test_a_run_that_is_told_to_stop_keeps_its_first_part(tmp_path: Path) -> None:
    """While the second is measured: it says where the first is, and ends as a stopped command does."""
    command = [sys.executable, "-m", "benchmarks", "--only", "evidence,sets", "--out", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        assert any("sets: all" in line for line in run.stderr)
        run.terminate()
        assert "what was measured is in" in run.stderr.read()
    assert run.returncode == 130
    (place,) = tmp_path.iterdir()
    assert (runs.found(place).measured, runs.found(place).open()) == (["evidence"], ["sets"])


def test_a_run_prints_its_figures_and_keeps_them(tmp_path: Path) -> None:
    """The part that is over soonest, from the command line to the files."""
    command = [sys.executable, "-m", "benchmarks", "--only", "evidence", "--quick", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (place,) = tmp_path.iterdir()
    assert "record made and appended to the file" in done.stdout
    assert "Unfinished" not in done.stdout
    assert (place / "report.md").read_text().startswith(done.stdout.rstrip())


def test_a_whole_run_can_be_committed_and_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    """With all its files; those of the one before are gone."""
    committed = tmp_path / "committed"
    committed.mkdir()
    (committed / "old.svg").write_text("")
    runs.write(whole(), tmp_path / "run")
    runs.commit(tmp_path / "run", committed)
    assert runs.found(committed) == whole()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["committed", "run"]
    assert sorted(each.name for each in committed.iterdir()) == ["report.md", "results.json"]


def test_a_quick_run_is_not_committed(tmp_path: Path) -> None:
    """Its plant is another."""
    results = whole()
    results.is_quick = True
    runs.write(results, tmp_path / "run")
    with pytest.raises(runs.RunError, match="is a quick run; commit one made without --quick"):
        runs.commit(tmp_path / "run", tmp_path / "committed")


def test_a_run_with_parts_missing_is_not_committed(tmp_path: Path) -> None:
    """Whether they failed, were not asked for or not come to; the one before stays."""
    results = whole()
    results.measured.remove("size")
    results.measured.remove("ask")
    runs.write(results, tmp_path / "run")
    runs.write(whole(), tmp_path / "committed")
    with pytest.raises(runs.RunError, match="has no figures of ask, size"):
        runs.commit(tmp_path / "run", tmp_path / "committed")
    assert runs.found(tmp_path / "committed") == whole()


def test_a_run_that_is_not_there_is_not_committed(tmp_path: Path) -> None:
    """Nor one that cannot be read."""
    with pytest.raises(runs.RunError, match=r"results\.json is not there"):
        runs.commit(tmp_path)
    (tmp_path / "results.json").write_text("{}")
    with pytest.raises(runs.RunError, match=r"results\.json cannot be read"):
        runs.commit(tmp_path)


def test_a_quick_run_is_not_checked_against_the_whole_one(capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused before anything is measured, with what to do."""
    with pytest.raises(SystemExit, match="2"):
        main(["--check", "--quick"])
    assert "leave out --quick, or --check" in capsys.readouterr().err


def test_a_place_where_nothing_can_be_kept_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is measured."""
    (tmp_path / "file").write_text("")
    assert main(["--only", "evidence", "--out", str(tmp_path / "file")]) == 2
    assert "cannot be made: Not a directory; name another place with --out" in capsys.readouterr().err
