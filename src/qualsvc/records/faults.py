"""What can be wrong with a record, said field by field."""

from collections.abc import Sequence
from dataclasses import dataclass
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


def escape(key: str) -> str:
    """A field name as one part of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
