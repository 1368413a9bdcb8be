"""Codes for records that nobody named: readable, and of no other record of the kind."""

from collections.abc import Collection, Sequence
from itertools import count

from qualsvc.kernel.instants import format_instant

LONGEST = 64
_ROOM = 6
"""For a hyphen and a number behind the readable part."""


def readable(*parts: str) -> str:
    """The parts in one, cut so that a number can follow."""
    return "-".join(parts)[: LONGEST - _ROOM]


def compact(instant: int) -> str:
    """An instant to the second, as codes have it."""
    return format_instant(instant).partition(".")[0].rstrip("Z").replace("-", "").replace(":", "") + "Z"


def unused(bases: Sequence[str], taken: Collection[str]) -> list[str]:
    """A code for each base: the base itself, or with the first number from 2 on that is free."""
    used, codes = set(taken), []
    for base in bases:
        code = next(code for number in count(1) if (code := base if number == 1 else f"{base}-{number}") not in used)
        used.add(code)
        codes.append(code)
    return codes
