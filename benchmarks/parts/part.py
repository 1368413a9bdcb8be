"""What a part of the benchmarks is."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.figures import Measured
from benchmarks.plant import Plant, plant

_QUICK_PERSONS = 2_000


def plant_of(*, quick: bool) -> Plant:
    """The plant that all goals are set on; a quick one is loaded sooner."""
    return plant(persons=_QUICK_PERSONS) if quick else plant()


@dataclass(frozen=True, slots=True)
class Part:
    """`seconds` and `measure` are told whether it is to be quick: fewer rounds, fewer contestants, no large plants."""

    name: str
    text: str
    seconds: Callable[[bool], float]
    measure: Callable[[bool], Measured]
