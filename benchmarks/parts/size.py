"""Memory, loading and changing of a large plant: `python -m benchmarks.size`, whose lines are shown as they are."""

import importlib.util
import re
import subprocess
import sys

from benchmarks.figures import Measured, Table
from benchmarks.parts.part import Part
from benchmarks.progress import told

_LINE = re.compile(r"(?P<name>.*?\S)  +(?P<figures>\S.*)")


def _measure(quick: bool) -> Measured:
    if quick:
        return Measured(left_out=("a quick run leaves out the large plant",))
    if importlib.util.find_spec("benchmarks.size") is None:
        return Measured(left_out=("the large plant was left out: benchmarks/size.py is not there",))
    told("benchmarks.size")
    done = subprocess.run([sys.executable, "-m", "benchmarks.size"], stdout=subprocess.PIPE, text=True, check=True)
    found = (_LINE.fullmatch(line) for line in done.stdout.splitlines())
    rows = tuple((each["name"], each["figures"]) for each in found if each is not None)
    return Measured(tables=(Table("A large plant", ("", ""), rows),))


SIZE = Part("size", "a plant of 100,000 persons: memory, loading, changes", lambda quick: 0 if quick else 240, _measure)
