"""The pictures of a report: one experiment each, the median as a dot, the least and the greatest round as a whisker."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from benchmarks.axes import Axis, Linear, Logarithmic
from benchmarks.drawing import OTHERS, OURS, QUIET, WIDTH, dot, line, picture, text, upright, whisker
from benchmarks.figures import Figure, Spread, shown
from benchmarks.over_http import CONNECTIONS
from benchmarks.parts.ask import EVERYBODY
from benchmarks.parts.growing import SHOWN, WAYS
from benchmarks.service import QUALSVC
from benchmarks.yardsticks import BARE

_LEFT, _RIGHT, _TOP, _ROW = 270, WIDTH - 90, 70, 28
_MIDDLE_AND_ENDS = "dot: median of the rounds, whisker: least and greatest"
_HTTP = {
    "throughput": ("Answers a second over HTTP", f"times {BARE.name}'s, {CONNECTIONS} connections"),
    "p50": ("p50 over HTTP on one connection", "microseconds, logarithmic"),
    f"p99_at_{QUALSVC.rate}": (
        f"p99 over HTTP at {QUALSVC.rate:,} asks a second",
        "microseconds since asks were due, logarithmic",
    ),
}
"""By what was measured: title and axis. Who is asked at another rate took part in another experiment: the table has it."""


def plots(figures: Mapping[str, Figure]) -> dict[str, str]:
    """By file name; only what was measured is drawn."""
    drawn = {}
    for measured, (title, unit) in _HTTP.items():
        found = _of(figures, f"{EVERYBODY}{measured}/")
        if found:
            drawn[f"{measured}.svg"] = _beside(title, unit, found)
    for way, text_ in WAYS.items():
        sizes = {int(size): spread for size, spread in _of(figures, f"{SHOWN}{way}.").items()}
        if sizes:
            drawn[f"growth_{way}.svg"] = _over(f"An answer {text_}, by size of the plant", sizes)
    return drawn


def _of(figures: Mapping[str, Figure], start: str) -> dict[str, Spread]:
    """By what follows in their keys."""
    return {key.removeprefix(start): figure.value for key, figure in figures.items() if key.startswith(start)}


def _beside(title: str, unit: str, found: Mapping[str, Spread]) -> str:
    """A row for each contestant, the best first."""
    is_ratio = unit.startswith("times")
    ordered = sorted(found.items(), key=lambda each: -each[1].middle if is_ratio else each[1].middle)
    least, most = min(spread.least for spread in found.values()), max(spread.most for spread in found.values())
    across: Axis = Linear(most, _LEFT, _RIGHT) if is_ratio else Logarithmic(least, most, _LEFT, _RIGHT)
    bottom = _TOP + _ROW * len(ordered)

    def shapes() -> Iterator[str]:
        for value in across.ticks():
            yield line(across.at(value), _TOP, across.at(value), bottom)
            yield text(across.at(value), bottom + 17, shown(value), size=12, anchor="middle", ink=QUIET)
        yield text((_LEFT + _RIGHT) / 2, bottom + 37, unit, size=12, anchor="middle", ink=QUIET)
        for place, (name, spread) in enumerate(ordered):
            y, is_ours = _TOP + (place + 0.5) * _ROW, name == QUALSVC.name
            ink = OURS if is_ours else OTHERS
            yield text(_LEFT - 14, y + 4, name, anchor="end", bold=is_ours)
            yield from whisker(across.at(spread.least), across.at(spread.most), y, ink)
            yield dot(across.at(spread.middle), y, ink)
            yield text(across.at(spread.most) + 12, y + 4, shown(spread.middle), size=12, bold=is_ours)

    return picture(title, _MIDDLE_AND_ENDS, bottom + 50, shapes())


def _over(title: str, sizes: Mapping[int, Spread]) -> str:
    """The time of an answer over the number of persons."""
    left, right, top, bottom = 90, WIDTH - 60, _TOP + 10, 330
    persons = sorted(sizes)
    across = Logarithmic(persons[0], persons[-1], left, right)
    upward = Linear(max(spread.most for spread in sizes.values()), bottom, top)

    def shapes() -> Iterator[str]:
        for value in upward.ticks():
            yield line(left, upward.at(value), right, upward.at(value))
            yield text(left - 10, upward.at(value) + 4, shown(value), size=12, anchor="end", ink=QUIET)
        for value in across.ticks():
            yield text(across.at(value), bottom + 20, f"{value:,.0f}", size=12, anchor="middle", ink=QUIET)
        yield text((left + right) / 2, bottom + 42, "persons in the plant, logarithmic", size=12, anchor="middle", ink=QUIET)
        places = [(across.at(size), upward.at(sizes[size].middle)) for size in persons]
        yield from (line(x1, y1, x2, y2, OURS, width=2) for (x1, y1), (x2, y2) in pairwise(places))
        for size, (x, y) in zip(persons, places, strict=True):
            yield from upright(x, upward.at(sizes[size].least), upward.at(sizes[size].most), OURS)
            yield dot(x, y, OURS)
            yield text(x + 9, y - 9, shown(sizes[size].middle), size=12, bold=True)

    return picture(title, f"microseconds; {_MIDDLE_AND_ENDS}", bottom + 56, shapes())
