"""What a part of the benchmarks is."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.figures import Measured


@dataclass(frozen=True, slots=True)
class Part:
    """`seconds` and `measure` are told whether it is to be quick: fewer rounds, fewer contestants, no large plants."""

    name: str
    text: str
    seconds: Callable[[bool], float]
    measure: Callable[[bool], Measured]
