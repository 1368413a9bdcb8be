"""All persons at one instant: who may do one thing, and the matrix."""

import importlib
import time

from benchmarks.figures import Figure, Measured, Spread
from benchmarks.parts.part import Part
from benchmarks.plant import plant


def _measure(quick: bool) -> Measured:  # noqa: ARG001  it is quick
    try:
        sets = importlib.import_module("benchmarks.sets")
    except ModuleNotFoundError:
        return Measured(left_out=("sets were left out: benchmarks/sets.py is not there",))
    figures: dict[str, float] = sets.measure(plant().snapshot(), time.time_ns() // 1000)
    return Measured(tuple(Figure(f"sets.{name}", name, "ms", Spread.of([value])) for name, value in figures.items()))


SETS = Part("sets", "all persons at one instant", lambda _: 15, _measure)
