"""Figures measured in pairs: each round gives a ratio, and the median of the ratios is the result."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several figures, and the least and greatest of them."""

    middle: float
    least: float
    most: float
    rounds: int

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        return cls(median(figures), min(figures), max(figures), len(figures))

    @classmethod
    def of_ratios(cls, ones: Sequence[float], others: Sequence[float]) -> "Spread":
        """Of each figure to the one of the same round."""
        return cls.of([one / other for one, other in zip(ones, others, strict=True)])


Unit = Literal["×", "µs", "ms", "s", "/s", "MB", "B", ""]


@dataclass(frozen=True, slots=True)
class Figure:
    """One result. A ratio (`×`) was measured in one run and means the same on any machine; all else belongs to this one."""

    key: str
    """What goals and the check know it by."""
    text: str
    unit: Unit
    value: Spread
    better: Literal["more", "less"] = "less"

    @property
    def is_ratio(self) -> bool:
        return self.unit == "×"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for the report, the first column names."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a part of the benchmarks found: figures for goals and the check, tables for the eye, and what was left out."""

    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    left_out: tuple[str, ...] = ()


def shown(value: float) -> str:
    """Three digits that count."""
    if value >= 999.5:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def shown_spread(spread: Spread) -> str:
    return (
        shown(spread.middle) if spread.rounds == 1 else f"{shown(spread.middle)} ({shown(spread.least)}–{shown(spread.most)})"
    )


def in_turns(names: Sequence[str], turn: int) -> list[str]:
    """The order of a round: there and back, so that neighbours stay neighbours and none is always first."""
    return list(names) if turn % 2 == 0 else list(reversed(names))
