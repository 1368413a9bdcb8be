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
    """The keys of its figures begin with it and a dot."""
    text: str
    """What is measured, as the report has it."""
    seconds: Callable[[bool], float]
    measure: Callable[[bool], Measured]
    is_short_when_quick: bool = True
    """Whether a quick run of it has another plant, or is shorter, than what the goals speak of."""
