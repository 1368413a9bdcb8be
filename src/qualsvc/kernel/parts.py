"""A mapping that is copied at once, however much is in it: a copy shares all parts, until either side changes one."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Generic, TypeVar

V = TypeVar("V")

PARTS = 256
"""A part of half a million entries has 2,000: to copy one takes some 40 µs."""
_MASK = PARTS - 1
_EMPTY: dict[str, Any] = {}


class Parts(Generic[V]):
    """Values by code.

    INVARIANT: a part is changed only by who has made it, and never after it was shared: so one side of a copy may be changed
    in a thread while the other is read.
    """

    __slots__ = ("_own", "_parts")

    def __init__(self) -> None:
        self._parts: list[dict[str, V]] = [_EMPTY] * PARTS
        self._own = bytearray(PARTS)

    def get(self, code: str, default: V) -> V:
        """The value, or else the default."""
        return self._parts[hash(code) & _MASK].get(code, default)

    def put(self, code: str, value: V) -> None:
        """Set the value."""
        self.changing(code)[code] = value

    def pop(self, code: str) -> V | None:
        """Take the value out, None where there is none."""
        return self.changing(code).pop(code, None)

    def changing(self, code: str) -> dict[str, V]:
        """The part this code belongs to, to be changed before anything is copied."""
        place = hash(code) & _MASK
        if not self._own[place]:
            self._parts[place] = self._parts[place].copy()
            self._own[place] = 1
        return self._parts[place]

    def copy(self) -> "Parts[V]":
        """Another one with the same values."""
        twin: Parts[V] = Parts()
        twin._parts = self._parts.copy()
        self._own = bytearray(PARTS)
        return twin

    def parts(self) -> list[dict[str, V]]:
        """What it is made of, only to be read."""
        return self._parts.copy()

    def items(self) -> Iterator[tuple[str, V]]:
        """Codes and values, in no particular order."""
        return chain.from_iterable(part.items() for part in self._parts)

    def values(self) -> Iterator[V]:
        """The values, in no particular order."""
        return chain.from_iterable(part.values() for part in self._parts)
