"""What parts measure, read into figures that goals are set on; and who computes where."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from benchmarks.figures import Spread
from benchmarks.parts import size
from benchmarks.parts.size import read
from benchmarks.plant import plant

from benchmarks import evidence, sets

PRINTED = """\
load on the machine                          0.5 0.4 0.3
bulk of 100000 creates, s (CPU s)            12.500 9.100
bulk of 100000 creates, s (CPU s)            13.500 9.100
bulk of 931 creates, s (CPU s)               0.500 0.100
bulk of 100000 changes, s (CPU s)            14.000 9.900
memory, MB (Pss, Rss, most)                  281.300 290.000 400.000
memory without facts, MB (Pss, Rss)          80.000 90.000
not a line of figures
"""


def test_lines_are_split_into_names_and_figures() -> None:
    """Names are padded to one width; whatever else was printed is passed over."""
    rows = read(PRINTED)
    assert len(rows) == 7
    assert rows[0] == ("load on the machine", "0.5 0.4 0.3")


def test_lines_that_begin_alike_are_rounds_of_one_figure() -> None:
    """The first figure of each counts; a bulk of fewer records is another thing."""
    found = {figure.key: figure.value for figure in size.figures(read(PRINTED))}
    assert found == {
        "size.memory": Spread.of([281.3]),
        "size.creates": Spread.of([12.5, 13.5]),
        "size.changes": Spread.of([14.0]),
    }


def test_sets_have_the_spread_of_their_rounds() -> None:
    """The least, the median and the greatest of 15, and not one of them twice."""
    day = date(2026, 11, 21)
    found = sets.measure(plant(persons=50, day=day).snapshot(), 1_795_000_000_000_000)
    assert {"pair", "matrix", "matrix_of_all", "pair_again", "matrix_again"} == set(found)
    for spread in found.values():
        assert spread.rounds == 15
        assert spread.least < spread.middle < spread.most


def test_evidence_has_the_spread_of_its_rounds() -> None:
    """A best round alone would look better than what an answer costs."""
    for spread in evidence.measure().values():
        assert spread.rounds == 20
        assert spread.least < spread.middle < spread.most


def test_one_core_is_not_told_as_two() -> None:
    """Where there is one core only, server and client share it, and the report says so."""
    said = "from benchmarks.cores import shared; print(shared())"
    core = min(os.sched_getaffinity(0))
    alone = f"import os; os.sched_setaffinity(0, {{{core}}}); {said}"
    done = subprocess.run(
        [sys.executable, "-c", alone], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("one only: servers, all they bring along and the client share it")
