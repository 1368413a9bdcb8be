"""Runs: a directory each, named by its beginning, with its report, its results and its plots; and the one that is committed."""

import shutil
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmarks.answers import DisagreementError
from benchmarks.client import ClientError
from benchmarks.machine import load
from benchmarks.parts import PARTS, Part
from benchmarks.plots import plots
from benchmarks.processes import NotStartedError
from benchmarks.progress import told
from benchmarks.report import report
from benchmarks.results import Results, read, written

RUNS = Path(__file__).with_name("results")
COMMITTED = RUNS / "committed"
RESULTS, REPORT = "results.json", "report.md"


class RunError(Exception):
    """There is no such run, or it is not one to commit; the text says what to do."""


def directory(results: Results, runs: Path) -> Path:
    """Where a run is kept among others; names sort by time."""
    return runs / results.at.replace(":", "")


def measure(parts: Sequence[Part], results: Results, place: Path) -> None:
    """One part after the other, and the report anew after each: whatever ends the run, what was measured stands.

    A part that fails is named in the results, and the next one is measured.
    """
    for part in parts:
        told(f"{part.name}: {part.text}")
        try:
            measured = part.measure(results.is_quick)
        except Exception as error:  # noqa: BLE001  whatever it was, the other parts have nothing to do with it
            results.failed[part.name] = str(error) or repr(error)
            if not isinstance(error, ClientError | DisagreementError | NotStartedError):
                results.failed[part.name] = repr(error)
                traceback.print_exc()
            told(f"{part.name} failed: {results.failed[part.name]}")
        else:
            results.add(part.name, measured)
        results.load_after = load()
        write(results, place)


def write(results: Results, place: Path) -> None:
    """The report, its plots and the results; a file is there in whole, the old one or the new one."""
    place.mkdir(parents=True, exist_ok=True)
    drawn = plots(results.figures)
    for name, text in {**drawn, REPORT: report(results, drawn), RESULTS: written(results)}.items():
        made = place / f".{name}"
        made.write_text(text)
        made.replace(place / name)


def found(place: Path) -> Results:
    """The results of the run in a directory. Raises RunError."""
    try:
        return read((place / RESULTS).read_text())
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read: {error!r}"
        raise RunError(f"{place / RESULTS} {why}") from error


def committed() -> Results:
    """The run that the check compares with. Raises RunError."""
    try:
        return found(COMMITTED)
    except RunError as error:
        raise RunError(
            f'{error}; run `make bench`, then `make bench ARGS="--commit RUN"` with the directory it names'
        ) from error


def commit(place: Path, to: Path = COMMITTED) -> None:
    """Put a run where git keeps it and the check compares with it. Raises RunError unless it is a whole one."""
    results = found(place)
    if results.is_quick:
        raise RunError(f"{place} is a quick run; commit one made without --quick")
    missing = [name for name in PARTS if name not in results.measured]
    if missing:
        raise RunError(f"{place} has no figures of {', '.join(missing)}; commit a run of all parts that none failed in")
    if place.resolve() == to.resolve():
        raise RunError(f"{place} is the committed one already")
    making = to.with_name(f".{to.name}")
    shutil.rmtree(making, ignore_errors=True)
    shutil.copytree(place, making)
    shutil.rmtree(to, ignore_errors=True)
    making.rename(to)
