"""The pictures of a report: throughput, latencies and growth."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from benchmarks.drawing import OTHERS, OURS, SECOND, THIRD, WIDTH, Logarithmic, bar, dot, line, picture, text
from benchmarks.figures import Figure, shown
from benchmarks.parts.ask import EVERYBODY
from benchmarks.parts.growing import SHOWN
from benchmarks.service import QUALSVC

_LEFT, _RIGHT, _TOP, _ROW = 270, WIDTH - 110, 76, 30
_GROWTH = (
    ("http", "over HTTP", OURS),
    ("known", "in process, timeline known", SECOND),
    ("first", "in process, first time", THIRD),
)


def plots(figures: Mapping[str, Figure]) -> dict[str, str]:
    """By file name; only what was measured is drawn."""
    drawn = {}
    if any(key.startswith(EVERYBODY) for key in figures):
        drawn["throughput.svg"] = _throughput(_of(figures, "throughput"))
        drawn["latency.svg"] = _latency(_of(figures, "p50"), _of(figures, "p99"))
    if any(key.startswith(SHOWN) for key in figures):
        drawn["growth.svg"] = _growth(figures)
    return drawn


def _of(figures: Mapping[str, Figure], measured: str) -> dict[str, Figure]:
    """By contestant."""
    start = f"{EVERYBODY}{measured}/"
    return {key.removeprefix(start): figure for key, figure in figures.items() if key.startswith(start)}


def _throughput(found: Mapping[str, Figure]) -> str:
    ordered = sorted(found.items(), key=lambda each: -each[1].value.middle)
    most = max(1.0, *(figure.value.most for figure in found.values()))

    def shapes() -> Iterator[str]:
        bottom = _TOP + _ROW * len(ordered)
        one = _LEFT + (_RIGHT - _LEFT) / most
        yield line(one, _TOP - 8, one, bottom, OTHERS, dashed=True)
        for place, (name, figure) in enumerate(ordered):
            y, spread = _TOP + place * _ROW, figure.value
            ink = OURS if name == QUALSVC.name else OTHERS
            yield text(_LEFT - 12, y + 16, name, anchor="end", bold=name == QUALSVC.name)
            yield bar(_LEFT, y + 3, (_RIGHT - _LEFT) * spread.middle / most, _ROW - 10, ink)
            ends = [_LEFT + (_RIGHT - _LEFT) * each / most for each in (spread.least, spread.most)]
            yield line(ends[0], y + 13, ends[1], y + 13, "#1f2933", width=1.5)
            yield text(max(ends[1], _LEFT) + 8, y + 17, shown(spread.middle))

    subtitle = "answers a second ÷ bare ASGI's on uvicorn, 32 connections; median of paired rounds, least to most"
    return picture("Throughput over HTTP", subtitle, _TOP + _ROW * len(ordered) + 16, shapes())


def _latency(alone: Mapping[str, Figure], at_rate: Mapping[str, Figure]) -> str:
    ordered = sorted(alone, key=lambda name: alone[name].value.middle)
    every = [figure.value.middle for figure in (*alone.values(), *at_rate.values())]
    axis = Logarithmic(min(every) / 1.5, max(every) * 1.5, _LEFT, _RIGHT)

    def shapes() -> Iterator[str]:
        bottom = _TOP + _ROW * len(ordered)
        for power in axis.powers():
            yield line(axis.at(power), _TOP - 4, axis.at(power), bottom)
            yield text(axis.at(power), bottom + 18, _time(power), size=12, anchor="middle", ink="#616e7c")
        for place, name in enumerate(ordered):
            y = _TOP + place * _ROW + 13
            ink = OURS if name == QUALSVC.name else OTHERS
            p50, p99 = alone[name].value.middle, at_rate[name].value.middle
            yield text(_LEFT - 12, y + 4, name, anchor="end", bold=name == QUALSVC.name)
            yield line(axis.at(p50), y, axis.at(p99), y, ink, width=2)
            yield dot(axis.at(p50), y, ink, hollow=True)
            yield dot(axis.at(p99), y, ink)
            yield text(max(axis.at(p50), axis.at(p99)) + 10, y + 4, _time(p99), size=12)

    subtitle = "hollow: p50 at one connection; filled: p99 at a constant rate, from when the question was due"
    return picture("Latency over HTTP", subtitle, _TOP + _ROW * len(ordered) + 34, shapes())


def _time(us: float) -> str:
    return f"{shown(us)} µs" if us < 1000 else f"{shown(us / 1e3)} ms" if us < 1e6 else f"{shown(us / 1e6)} s"


def _growth(figures: Mapping[str, Figure]) -> str:
    sizes = sorted({int(key.rsplit(".", 1)[1]) for key in figures if key.startswith(SHOWN)})
    lines = {name: [figures[f"{SHOWN}{name}.{size}"].value.middle for size in sizes] for name, _, _ in _GROWTH}
    across = Logarithmic(sizes[0], sizes[-1] * 1.0001, 80, WIDTH - 250)
    most, top, bottom = max(3.0, *(each / values[0] for values in lines.values() for each in values)), _TOP, 360

    def height(ratio: float) -> float:
        return bottom - (bottom - top) * ratio / most

    def shapes() -> Iterator[str]:
        for ratio in range(int(most) + 1):
            yield line(80, height(ratio), WIDTH - 250, height(ratio))
            yield text(70, height(ratio) + 4, f"{ratio}", size=12, anchor="end", ink="#616e7c")
        for size in sizes:
            yield text(across.at(size), bottom + 20, f"{size:,}", size=12, anchor="middle", ink="#616e7c")
        ends = []
        for name, words, ink in _GROWTH:
            places = [(across.at(size), height(us / lines[name][0])) for size, us in zip(sizes, lines[name], strict=True)]
            for (x1, y1), (x2, y2) in pairwise(places):
                yield line(x1, y1, x2, y2, ink, width=2.5)
            for x, y in places:
                yield dot(x, y, ink)
            ends.append((places[-1][1], words, ink, lines[name][-1]))
        below = 0.0
        for y, words, ink, us in sorted(ends):
            below = max(below + 18, y + 4)
            yield text(WIDTH - 238, below, f"{words}, {_time(us)}", size=12, ink=ink)

    return picture("Growth", "time of an answer ÷ that of the smallest plant, by persons", bottom + 40, shapes())
