"""All persons at one instant: who may do one thing, and the matrix."""

import importlib
import time
from collections.abc import Iterator, Mapping

from benchmarks.figures import Figure, Measured, Spread
from benchmarks.parts.part import Part
from benchmarks.plant import plant

_BEST, _MEDIAN = ", ms best", ", ms median"


def _measure(quick: bool) -> Measured:  # noqa: ARG001  it is quick
    try:
        sets = importlib.import_module("benchmarks.sets")
    except ModuleNotFoundError:
        return Measured(left_out=("sets were left out: benchmarks/sets.py is not there",))
    return Measured(tuple(figures(sets.measure(plant().snapshot(), time.time_ns() // 1000))))


def figures(found: Mapping[str, float]) -> Iterator[Figure]:
    """What was measured as best and median of many rounds is one figure, known by the name before those words."""
    for name, milliseconds in found.items():
        if name.endswith(_MEDIAN):
            short = name.removesuffix(_MEDIAN)
            best = found.get(short + _BEST, milliseconds)
            yield Figure(f"sets.{short}", short, "ms", Spread.of([best, milliseconds, milliseconds]))
        elif not name.endswith(_BEST):
            yield Figure(f"sets.{name}", name, "ms", Spread.of([milliseconds]))


SETS = Part("sets", "all persons at one instant", lambda _: 20, _measure)
