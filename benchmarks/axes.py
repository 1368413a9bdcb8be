"""Axes of pictures: where a value stands, and which values are named on it."""

from math import ceil, floor, log10
from typing import Protocol

_STEPS = (1, 2, 5, 10)


class Axis(Protocol):
    """From a value to a place."""

    def at(self, value: float) -> float: ...

    def ticks(self) -> list[float]: ...


class Linear:
    """From zero at `start` to some more than `high` at `end`."""

    def __init__(self, high: float, start: float, end: float) -> None:
        rough = high / 5
        power = 10.0 ** floor(log10(rough))
        self._step = next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))
        self._steps = ceil(high / self._step - 1e-9)
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        return self._start + (self._end - self._start) * value / (self._steps * self._step)

    def ticks(self) -> list[float]:
        """Round numbers, five or so."""
        return [step * self._step for step in range(self._steps + 1)]


class Logarithmic:
    """Whole powers of ten around `low` and `high`, from `start` to `end`."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self._low, self._high = floor(log10(low)), max(ceil(log10(high)), floor(log10(low)) + 1)
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        return self._start + (self._end - self._start) * (log10(value) - self._low) / (self._high - self._low)

    def ticks(self) -> list[float]:
        """The powers of ten."""
        return [10.0**power for power in range(self._low, self._high + 1)]
