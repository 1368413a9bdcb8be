"""Scalable pictures as text: the few shapes that plots need, dark on a white ground of their own."""

from collections.abc import Iterable
from html import escape

WIDTH = 860
OURS, OTHERS, QUIET = "#0b6e4f", "#8d99a6", "#52606d"
_INK, _GRID, _GROUND = "#1f2933", "#e4e7eb", "#ffffff"
_FONT = "font-family='Helvetica, Arial, sans-serif'"
_CAP = 4


def text(x: float, y: float, words: str, *, size: int = 13, anchor: str = "start", ink: str = _INK, bold: bool = False) -> str:
    place, weight = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'", " font-weight='bold'" if bold else ""
    return f"<text {place} font-size='{size}' fill='{ink}'{weight} {_FONT}>{escape(words)}</text>"


def line(x1: float, y1: float, x2: float, y2: float, ink: str = _GRID, *, width: float = 1, dashed: bool = False) -> str:
    dashes = " stroke-dasharray='5 4'" if dashed else ""
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{ink}' stroke-width='{width}'{dashes}/>"


def dot(x: float, y: float, ink: str) -> str:
    return f"<circle cx='{x:.1f}' cy='{y:.1f}' r='4.5' fill='{ink}'/>"


def whisker(x1: float, x2: float, y: float, ink: str) -> list[str]:
    """Across, from the least to the greatest."""
    caps = [line(x, y - _CAP, x, y + _CAP, ink, width=1.5) for x in (x1, x2)]
    return [line(x1, y, x2, y, ink, width=1.5), *caps]


def upright(x: float, y1: float, y2: float, ink: str) -> list[str]:
    """A whisker that stands."""
    caps = [line(x - _CAP, y, x + _CAP, y, ink, width=1.5) for y in (y1, y2)]
    return [line(x, y1, x, y2, ink, width=1.5), *caps]


def picture(title: str, subtitle: str, height: float, shapes: Iterable[str]) -> str:
    """The whole file."""
    size = f"width='{WIDTH}' height='{height:.0f}' viewBox='0 0 {WIDTH} {height:.0f}'"
    head = f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img' aria-label='{escape(title)}'>"
    ground = f"<rect width='{WIDTH}' height='{height:.0f}' fill='{_GROUND}'/>"
    names = [text(20, 30, title, size=18, bold=True), text(20, 51, subtitle, ink=QUIET)]
    return "\n".join([head, ground, *names, *shapes, "</svg>"]) + "\n"
