"""A thousand to a million persons."""

from collections.abc import Iterator, Sequence

from benchmarks.figures import Figure, Measured, Spread
from benchmarks.growth import SIZES, Size, grown, measure
from benchmarks.parts.part import Part

SHOWN = "growth.us."
"""What the keys of the figures that are drawn begin with; how it was asked and the number of persons follow."""
WAYS = {"http": "over HTTP", "known": "in process, asked before", "first": "in process, first time"}
"""How it was asked, by the word in the keys."""


def _sizes(quick: bool) -> Sequence[int]:
    return SIZES[:2] if quick else SIZES


def _seconds(quick: bool) -> float:
    """Most of it goes into making the persons."""
    return 15 + sum(_sizes(quick)) / 1e6 * 300 + (3 if quick else 7) * 4 * len(_sizes(quick))


def _measure(quick: bool) -> Measured:
    found = measure(_sizes(quick), 3 if quick else 7)
    return Measured(tuple(figures(found)))


def figures(found: Sequence[Size]) -> Iterator[Figure]:
    """Of each size, the smallest first, and of the larger ones to it."""
    smallest, *larger = found
    for name, text in WAYS.items():
        for one in found:
            yield Figure(f"{SHOWN}{name}.{one.persons}", f"{text}, {one.persons:,} persons", "µs", Spread.of(_taken(one, name)))
        for one in larger:
            ratio = grown(_taken(one, name), _taken(smallest, name))
            size = f"{one.persons:,} ÷ {smallest.persons:,} persons"
            yield Figure(f"growth.{name}.{one.persons}/{smallest.persons}", f"{text}, {size}", "×", ratio)
    for one in found:
        text = f"memory of the process, {one.persons:,} persons"
        yield Figure(f"growth.memory.{one.persons}", text, "MB", Spread.of([one.memory_mb]))


def _taken(one: Size, name: str) -> list[float]:
    return {"http": one.over_http_us, "known": one.known_us, "first": one.first_us}[name]


GROWTH = Part("growth", "an answer, by persons in the plant", _seconds, _measure)
