"""What a check found: all well, or in three lines what is the matter, why that matters, and what to do."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of the check `check`; each text is one line. Of what is in order only `what` is said."""

    level: Level
    check: str
    what: str
    why: str = ""
    do: str = ""


def ok(check: str, what: str) -> Finding:
    """All is well: say with what."""
    return Finding("ok", check, what)


def warning(check: str, what: str, why: str, do: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding("warning", check, what, _line(why), _line(do))


def problem(check: str, what: str, why: str, do: str) -> Finding:
    """It does not work, or soon will not."""
    return Finding("problem", check, what, _line(why), _line(do))


def _line(text: str) -> str:
    return " ".join(text.split())


def several(number: int, one: str, many: str | None = None) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
