"""Memory, loading and changing of a large plant: `python -m benchmarks.size`, whose lines are read."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence

from benchmarks.cores import on_all_cores
from benchmarks.figures import Figure, Measured, Spread, Unit
from benchmarks.parts.part import Part

_LINE = re.compile(r"(?P<name>\S.{43}) (?P<figures>\S.*)")
READ: tuple[tuple[str, str, str, Unit], ...] = (
    ("memory, MB", "memory", "memory of the service's process", "MB"),
    ("start to first answer", "load", "start to first answer, all of it loaded", "s"),
    ("bulk of 100000 creates", "creates", "a bulk of 100,000 new records", "s"),
    ("bulk of 100000 changes", "changes", "a bulk of 100,000 changed records", "s"),
    ("longest asks, ms", "pause", "longest ask while 100,000 records change", "ms"),
    ("longest asks while changed one by one", "pause_by_one", "longest ask while changed one by one", "ms"),
    ("longest asks of 5 s of nothing else", "quiet", "longest ask when nothing changes", "ms"),
    ("one change over HTTP", "one", "one change over HTTP", "ms"),
)
"""How a line begins, whose first figure counts; the key, the words and the unit of the figure."""

Row = tuple[str, str]


def _measure(quick: bool) -> Measured:
    if quick:
        return Measured(left_out=("a quick run leaves out the large plant",))
    with on_all_cores():
        done = subprocess.run([sys.executable, "-m", "benchmarks.size"], stdout=subprocess.PIPE, text=True, check=True)
    return Measured(tuple(figures(read(done.stdout))))


def read(printed: str) -> list[Row]:
    """Names, padded to one width, and figures with spaces between."""
    found = (_LINE.fullmatch(line) for line in printed.splitlines())
    return [(each["name"].strip(), each["figures"]) for each in found if each is not None]


def figures(rows: Sequence[Row]) -> Iterator[Figure]:
    """Of lines that begin alike, all together are one figure."""
    for start, key, text, unit in READ:
        values = [float(listed.split()[0]) for name, listed in rows if name.startswith(start)]
        if values:
            yield Figure(f"size.{key}", text, unit, Spread.of(values))


SIZE = Part("size", "100,000 persons, 500,000 certificates", lambda quick: 0 if quick else 240, _measure)
