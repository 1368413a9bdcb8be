"""`python -m benchmarks`: measure, and keep a report; `--check` compares with the committed run, `--commit` makes one that."""

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import runs
from benchmarks.check import compared, slower
from benchmarks.client import ClientError, compiled
from benchmarks.cores import shared, with_the_client
from benchmarks.machine import load, machine, versions
from benchmarks.parts import PARTS
from benchmarks.progress import told
from benchmarks.report import summary
from benchmarks.results import Results

_CHECKED = ("ask", "kernel", "batch", "growth")
"""The parts with ratios: a check measures no others unless told to."""

_STOPPED = 130


def main(words: Sequence[str]) -> int:
    """0 when all was measured and, checked, nothing got slower; 1 where something did; 2 where something was not measured.

    130 where it was stopped.
    """
    given = _options(words)
    try:
        if given.commit is not None:
            runs.commit(given.commit)
            print(f"{runs.COMMITTED} is now {given.commit}; commit it to git")
            return 0
        committed = runs.committed() if given.check else None
        compiled()  # whoever has no compiler learns it before anything is measured
    except (runs.RunError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    results = _begun(given.only or list(_CHECKED if given.check else PARTS), quick=given.quick)
    place = runs.directory(results, given.out)
    try:
        place.mkdir(parents=True)  # whoever cannot keep a run learns that, too
    except OSError as error:
        print(f"`{place}` cannot be made: {error.strerror}; name another place with --out", file=sys.stderr)
        return 2
    status = _measured(results, place)
    if committed is None or status == _STOPPED:
        return status
    return _checked(committed, results) or status


def _options(words: Sequence[str]) -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="make bench", description="Measure, and keep a report with its plots.")
    options.add_argument("--only", type=_names, help=f"parts with commas between: {', '.join(PARTS)}")
    options.add_argument("--quick", action="store_true", help="fewer rounds and contestants, no large plants; some minutes")
    options.add_argument(
        "--out", type=Path, default=runs.RUNS, metavar="DIRECTORY", help="where to keep it, in a directory of its own"
    )
    instead = options.add_mutually_exclusive_group()
    instead.add_argument("--check", action="store_true", help="compare the ratios with the committed run's, too")
    instead.add_argument(
        "--commit", type=Path, metavar="RUN", help="measure nothing; make the run in this directory the committed one"
    )
    given = options.parse_args(words)
    if given.check and given.quick:
        options.error("the committed run is a whole one, and a quick one has another plant: leave out --quick, or --check")
    return given


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f"`{name}` is none of {', '.join(PARTS)}")
    return list(dict.fromkeys(names))


def _begun(names: list[str], *, quick: bool) -> Results:
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Results(at, quick, names, shared(), machine(), versions(), load())


def _measured(results: Results, place: Path) -> int:
    """Measure all that was asked for, and say where it is."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is not signal.SIG_IGN:  # as under nohup
            signal.signal(ending, signal.default_int_handler)  # so that no server is left running
    parts = [PARTS[name] for name in results.asked]
    minutes = sum(part.seconds(results.is_quick) for part in parts) / 60
    told(f"this takes about {max(minutes, 1):.0f} min: {', '.join(results.asked)}")
    with_the_client()
    try:
        runs.measure(parts, results, place)
    except KeyboardInterrupt:
        if results.open() == results.asked:
            place.rmdir()
            print("stopped; nothing was measured", file=sys.stderr)
        else:
            print(f"stopped; what was measured is in {place}", file=sys.stderr)
        return _STOPPED
    print(summary(results))
    told(f"written to {place / runs.REPORT}")
    for name, why in results.failed.items():
        print(f"{name} failed: {why}", file=sys.stderr)
    return 2 if results.failed else 0


def _checked(committed: Results, results: Results) -> int:
    ratios, sentences = compared(committed.figures, results.figures), list(slower(committed.figures, results.figures))
    for sentence in sentences:
        print(f"slower: {sentence}")
    if not ratios:
        print("no committed ratio was measured; name other parts with --only", file=sys.stderr)
        return 2
    print(f"{len(ratios)} ratios compared, {len(sentences)} of them worse by more than is let pass")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
