"""What other commands measure, read into figures that goals are set on."""

from benchmarks.figures import Spread
from benchmarks.parts import size
from benchmarks.parts.sets import figures
from benchmarks.parts.size import read

PRINTED = """\
load on the machine                          0.5 0.4 0.3
bulk of 100000 creates, s (CPU s)            12.500 9.100
bulk of 100000 changes, s (CPU s)            14.000 9.900
memory, MB (Pss, Rss, most)                  281.300 290.000 400.000
memory without facts, MB (Pss, Rss)          80.000 90.000
not a line of figures
"""


def test_lines_are_split_into_names_and_figures() -> None:
    """Names are padded to one width; whatever else was printed is passed over."""
    rows = read(PRINTED)
    assert len(rows) == 5
    assert rows[0] == ("load on the machine", "0.5 0.4 0.3")


def test_lines_with_a_goal_become_figures() -> None:
    """The first figure counts, and lines that begin alike are rounds of one."""
    found = {figure.key: figure.value for figure in size.figures(read(PRINTED))}
    assert found == {"size.memory": Spread.of([281.3]), "size.bulk": Spread.of([12.5, 14.0])}


def test_best_and_median_are_one_figure() -> None:
    """The median counts, and the best is the least of its spread."""
    (only,) = figures({"matrix, anew, ms best": 71.0, "matrix, anew, ms median": 80.0})
    assert (only.key, only.value.middle, only.value.least) == ("sets.matrix, anew", 80.0, 71.0)
