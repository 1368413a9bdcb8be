"""A thousand to a million persons."""

from collections.abc import Iterator, Sequence

from benchmarks.figures import Figure, Measured, Spread, Table, shown, shown_spread
from benchmarks.growth import CERTIFICATES_EACH, SIZES, Size, grown, measure
from benchmarks.parts.part import Part

SHOWN = "growth.us."
"""What the keys of the figures that are drawn begin with; how it was asked and the number of persons follow."""


def _sizes(quick: bool) -> Sequence[int]:
    return SIZES[:2] if quick else SIZES


def _seconds(quick: bool) -> float:
    """Most of it goes into making the persons."""
    return 15 + sum(_sizes(quick)) / 1e6 * 300 + (3 if quick else 7) * 4 * len(_sizes(quick))


def _measure(quick: bool) -> Measured:
    found = measure(_sizes(quick), 3 if quick else 7)
    header = ("persons", "certificates", "memory of the process, MB", "over HTTP, µs", "timeline known, µs", "first time, µs")
    rows = tuple(
        (
            f"{one.persons:,}",
            f"{one.persons * CERTIFICATES_EACH:,}",
            shown(one.memory_mb),
            *(shown_spread(Spread.of(each)) for each in (one.over_http_us, one.known_us, one.first_us)),
        )
        for one in found
    )
    return Measured(tuple(_figures(found)), (Table("Growth, 5,000 questions of each size", header, rows),))


def _figures(found: Sequence[Size]) -> Iterator[Figure]:
    smallest, *larger = found
    for one in found:
        for name, each in (("http", one.over_http_us), ("known", one.known_us), ("first", one.first_us)):
            yield Figure(f"{SHOWN}{name}.{one.persons}", f"{one.persons:,} persons, {name}", "µs", Spread.of(each))
    for one in larger:
        size, text = f"{one.persons}/{smallest.persons}", f"{one.persons:,} persons ÷ {smallest.persons:,}"
        yield Figure(f"growth.http.{size}", f"over HTTP, {text}", "×", grown(one.over_http_us, smallest.over_http_us))
        yield Figure(f"growth.known.{size}", f"in process, {text}", "×", grown(one.known_us, smallest.known_us))
        yield Figure(f"growth.first.{size}", f"in process, first time, {text}", "×", grown(one.first_us, smallest.first_us))


GROWTH = Part("growth", "plants of 1,000 to 1,000,000 persons", _seconds, _measure)
