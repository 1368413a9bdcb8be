"""Memory, loading and changing of a large plant: `python -m benchmarks.size`, whose lines are shown as they are."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence

from benchmarks.cores import on_all_cores
from benchmarks.figures import Figure, Measured, Spread, Table, Unit
from benchmarks.parts.part import Part
from benchmarks.progress import told

_LINE = re.compile(r"(?P<name>\S.{43}) (?P<figures>\S.*)")
_AIMED: tuple[tuple[str, str, Unit], ...] = (
    ("memory, MB", "size.memory", "MB"),
    ("start to first answer", "size.load", "s"),
    ("bulk of", "size.bulk", "s"),
    ("longest asks, ms", "size.pause", "ms"),
)
"""By how a line begins: its first figure is one that a goal is set on."""

Row = tuple[str, str]


def _measure(quick: bool) -> Measured:
    if quick:
        return Measured(left_out=("a quick run leaves out the large plant",))
    if importlib.util.find_spec("benchmarks.size") is None:
        return Measured(left_out=("the large plant was left out: benchmarks/size.py is not there",))
    told("benchmarks.size")
    with on_all_cores():
        done = subprocess.run([sys.executable, "-m", "benchmarks.size"], stdout=subprocess.PIPE, text=True, check=True)
    rows = read(done.stdout)
    table = Table("A plant of 100,000 persons and 500,000 certificates", ("", ""), tuple(rows))
    return Measured(tuple(figures(rows)), (table,))


def read(printed: str) -> list[Row]:
    """Names, padded to one width, and figures with spaces between."""
    found = (_LINE.fullmatch(line) for line in printed.splitlines())
    return [(each["name"].strip(), each["figures"]) for each in found if each is not None]


def figures(rows: Sequence[Row]) -> Iterator[Figure]:
    """Those that goals are set on; of lines that begin alike, all together."""
    for start, key, unit in _AIMED:
        values = [float(listed.split()[0]) for name, listed in rows if name.startswith(start)]
        if values:
            yield Figure(key, start, unit, Spread.of(values))


SIZE = Part("size", "a plant of 100,000 persons: memory, loading, changes", lambda quick: 0 if quick else 240, _measure)
