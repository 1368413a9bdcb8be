"""What can be wrong with a record, said field by field."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: a JSON pointer into the record, a stable code, what to do, and the line of a bulk request."""

    pointer: str
    code: str
    message: str
    line: int | None = None


class InvalidRecord(Exception):  # noqa: N818 -- the name says what it is
    """The record by itself cannot be kept, whatever else there is; `faults` says why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)


def quote(value: Any) -> str:
    """The user's input in backticks, short and printable whatever it was."""
    match value:
        case None | True | False:
            text = {None: "null", True: "true", False: "false"}[value]
        case int() if abs(value) > 10**30:
            text = "a number of very many digits"
        case str() | int() | float():
            text = str(value)
        case list() | tuple():
            text = "[…]"
        case _:
            text = "{…}"
    shown = "".join(c if c.isprintable() and c != "`" else "\N{REPLACEMENT CHARACTER}" for c in text[:_SHOWN])
    return f"`{shown}{'…' if len(text) > _SHOWN else ''}`"


def unknown_among(known: tuple[str, ...], name: str) -> str:
    """What to say of a field there is not."""
    near = _nearest(known, name[:_SHOWN].lower())
    return f"unknown; {f'is `{near}` meant? ' if near else ''}known are {', '.join(known)}"


@lru_cache(256)  # one misspelt heading is on every line of a ledger
def _nearest(known: tuple[str, ...], name: str) -> str | None:
    return next(iter(get_close_matches(name, known, 1)), None)


def escape(key: str) -> str:
    """A field name as one part of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
