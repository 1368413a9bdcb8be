"""Scalable pictures as text: the few shapes that plots need."""

from collections.abc import Iterable
from html import escape
from math import floor, log10

WIDTH = 860
OURS, OTHERS, SECOND, THIRD = "#0b6e4f", "#9aa5b1", "#c8553d", "#3d5a80"
_INK, _GRID = "#1f2933", "#e4e7eb"
_FONT = "font-family='Helvetica, Arial, sans-serif'"


def text(x: float, y: float, words: str, *, size: int = 13, anchor: str = "start", ink: str = _INK, bold: bool = False) -> str:
    place, weight = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'", " font-weight='bold'" if bold else ""
    return f"<text {place} font-size='{size}' fill='{ink}'{weight} {_FONT}>{escape(words)}</text>"


def bar(x: float, y: float, width: float, height: float, ink: str) -> str:
    return f"<rect x='{x:.1f}' y='{y:.1f}' width='{max(width, 1):.1f}' height='{height:.1f}' rx='2' fill='{ink}'/>"


def line(x1: float, y1: float, x2: float, y2: float, ink: str = _GRID, *, width: float = 1, dashed: bool = False) -> str:
    dashes = " stroke-dasharray='5 4'" if dashed else ""
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{ink}' stroke-width='{width}'{dashes}/>"


def dot(x: float, y: float, ink: str, *, hollow: bool = False) -> str:
    fill = "white" if hollow else ink
    return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='4.5' fill='{fill}' stroke='{ink}' stroke-width='2'/>"


def picture(title: str, subtitle: str, height: float, shapes: Iterable[str]) -> str:
    """The whole file."""
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:.0f}' role='img' aria-label='{escape(title)}'>"
    )
    ground = f"<rect width='{WIDTH}' height='{height:.0f}' fill='white'/>"
    names = [text(20, 30, title, size=18, bold=True), text(20, 51, subtitle, ink="#616e7c")]
    return "\n".join([head, ground, *names, *shapes, "</svg>"]) + "\n"


class Logarithmic:
    """Places on a logarithmic axis from `low` to `high`, drawn from `start` to `end`."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self._low, self._high = log10(low), log10(high)
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        share = (log10(value) - self._low) / (self._high - self._low)
        return self._start + share * (self._end - self._start)

    def powers(self) -> list[float]:
        """The powers of ten on it."""
        return [10.0**power for power in range(floor(self._low), floor(self._high) + 1) if power >= self._low]
