"""The kernel with reasons, and the engines that are libraries."""

from collections.abc import Iterator, Mapping

from benchmarks.contestant import InProcess
from benchmarks.contestants import peers, present
from benchmarks.figures import Figure, Measured, Spread, Table, shown_spread
from benchmarks.in_process import Decided, measure, slower
from benchmarks.kernel import FIRST, KNOWN, OURS, YARDSTICK
from benchmarks.parts.part import Part, plant_of

PEER = "kernel.qualsvc/"
"""What the key of a figure against a peer begins with."""


def _seconds(quick: bool) -> float:
    return 15 if quick else 30 + 40 * sum(1 for one in peers() if isinstance(one, InProcess))


def _measure(quick: bool) -> Measured:
    libraries = [one for one in peers() if isinstance(one, InProcess)]
    there, left_out = ([], ["a quick run leaves out the libraries"]) if quick else present(libraries)
    engines = [*(one for one in there if isinstance(one, InProcess)), *OURS]
    found = measure(plant_of(quick=quick), engines, 5 if quick else 9)
    return Measured(tuple(figures(found)), (_table(found, found[KNOWN.name]),), tuple(left_out))


def figures(found: Mapping[str, Decided]) -> Iterator[Figure]:
    """Of all that took part, by name."""
    known, first, unit = found[KNOWN.name], found[FIRST.name], found[YARDSTICK.name]
    yield Figure("kernel.known", "asked before", "µs", Spread.of(known.microseconds))
    yield Figure("kernel.first", "first time", "µs", Spread.of(first.microseconds))
    yield Figure("kernel.known/yardstick", "asked before ÷ 100 look-ups in a dictionary", "×", slower(known, unit))
    yield Figure("kernel.first/yardstick", "first time ÷ 100 look-ups in a dictionary", "×", slower(first, unit))
    for one in found.values():
        if one not in (known, first, unit):
            key = f"{PEER}{one.name}{'+reasons' * one.with_reasons}"
            yield Figure(key, f"{one.name} ÷ asked before", "×", slower(one, known), "more")


def _table(found: dict[str, Decided], known: Decided) -> Table:
    rows = [
        (
            one.name,
            one.version,
            "yes" if one.with_reasons else "no",
            shown_spread(Spread.of(one.microseconds)),
            shown_spread(slower(one, known)),
        )
        for one in sorted(found.values(), key=lambda one: min(one.microseconds))
    ]
    return Table("In process, side by side", ("engine", "version", "reasons", "µs", "÷ kernel, asked before"), tuple(rows))


KERNEL = Part("kernel", "one decision in process, with reasons", _seconds, _measure)
