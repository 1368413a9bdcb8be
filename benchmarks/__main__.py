"""`python -m benchmarks`: measure, and write a report; `--check` compares with the committed results instead."""

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.answers import DisagreementError
from benchmarks.check import compared, slower
from benchmarks.client import ClientError, compiled
from benchmarks.cores import with_the_client
from benchmarks.machine import load, machine, versions
from benchmarks.parts import PARTS, Part
from benchmarks.plots import plots
from benchmarks.processes import NotStartedError
from benchmarks.progress import told
from benchmarks.report import report
from benchmarks.results import COMMITTED, DIRECTORY, Results, read, written

_CHECKED = ("ask", "kernel", "batch", "growth")
"""The parts with ratios: a check measures no others unless told to."""


def main(words: Sequence[str]) -> int:
    """0 when all was measured and, checked, nothing got slower; 1 where something did; 2 where it could not be measured."""
    given = _options(words)
    if given.check and not _is_committed():
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no server is left running
    parts = [PARTS[name] for name in given.only or (_CHECKED if given.check else PARTS)]
    minutes = sum(part.seconds(given.quick) for part in parts) / 60
    told(f"this takes about {max(minutes, 1):.0f} minutes: {', '.join(part.name for part in parts)}")
    with_the_client()
    try:
        results = _measured(parts, quick=given.quick)
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    except (ClientError, DisagreementError, NotStartedError) as error:
        print(error, file=sys.stderr)
        return 2
    if given.check:
        return _checked(results)
    _write(results, given.out)
    return 0


def _is_committed() -> bool:
    """Whether there is something to compare with; told before anything is measured."""
    try:
        read(COMMITTED.read_text())
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read: {error!r}"
        print(f"{COMMITTED} {why}; run `make bench` and copy its JSON there", file=sys.stderr)
        return False
    return True


def _options(words: Sequence[str]) -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="make bench", description="Measure, and write a report with its plots.")
    options.add_argument("--only", type=_names, help=f"parts with commas between: {', '.join(PARTS)}")
    options.add_argument("--quick", action="store_true", help="fewer rounds and contestants, no large plants; some minutes")
    options.add_argument("--check", action="store_true", help="compare the ratios with the committed ones, write nothing")
    options.add_argument("--out", type=Path, default=DIRECTORY, help="the directory of the report")
    return options.parse_args(words)


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f"`{name}` is none of {', '.join(PARTS)}")
    return names


def _measured(parts: Sequence[Part], *, quick: bool) -> Results:
    compiled()  # whoever has no compiler learns it before anything is measured
    at = datetime.now(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
    results = Results(at, machine(), versions(), load())
    for part in parts:
        told(part.text)
        results.add(part.measure(quick))
    results.load_after = load()
    return results


def _write(results: Results, directory: Path) -> None:
    """The report to a file and to stdout."""
    directory.mkdir(parents=True, exist_ok=True)
    day = results.at[:10]
    pictures = {f"{day}-{name}": drawn for name, drawn in plots(results.figures).items()}
    for name, drawn in pictures.items():
        (directory / name).write_text(drawn)
    (directory / f"{day}.json").write_text(written(results))
    (directory / f"{day}.md").write_text(report(results, pictures))
    print(report(results))
    told(f"written to {directory / day}.md")


def _checked(results: Results) -> int:
    committed = read(COMMITTED.read_text()).figures
    ratios, sentences = compared(committed, results.figures), list(slower(committed, results.figures))
    for sentence in sentences:
        print(f"slower: {sentence}")
    if not ratios:
        print("no committed ratio was measured; name other parts with --only", file=sys.stderr)
        return 2
    print(f"{len(ratios)} ratios compared, {len(sentences)} of them worse by more than is let pass")
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
