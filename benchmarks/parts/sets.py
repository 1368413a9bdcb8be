"""All persons at one instant: who may do one thing, and the matrix."""

import time

from benchmarks import sets
from benchmarks.figures import Figure, Measured
from benchmarks.parts.part import Part
from benchmarks.plant import plant

TEXTS = {
    "pair": "states for one pair",
    "matrix": "matrix of a process, of who may enter",
    "matrix_of_all": "matrix of a process, of everyone",
    "pair_again": "states for one pair, crowd judged before",
    "matrix_again": "matrix of a process, crowd judged before",
}


def _measure(quick: bool) -> Measured:  # noqa: ARG001  it is quick
    found = sets.measure(plant().snapshot(), time.time_ns() // 1000)
    return Measured(tuple(Figure(f"sets.{name}", TEXTS[name], "ms", value) for name, value in found.items()))


SETS = Part("sets", "all 10,000 persons at one instant", lambda _: 20, _measure, is_short_when_quick=False)
