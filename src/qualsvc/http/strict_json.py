"""JSON read strictly: what two readers could understand differently is refused.

Refused besides plain syntax errors: duplicate keys, NaN and infinities, numbers of very many digits, lone surrogates, NUL,
byte order marks, other encodings than UTF-8, and nesting deeper than `MAX_DEPTH`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Any

from qualsvc.records.faults import escape

MAX_DEPTH = 64
MAX_DIGITS = 100

# Half a surrogate pair or NUL, written as an escape; a whole pair looks alike here and is told apart after parsing.
_SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class MalformedJson(ValueError):  # noqa: N818 -- the name says what it is
    """The text is not JSON as we read it; the message says why and where, `pointer` in which field if that can be told."""

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


def loads(body: bytes | bytearray | memoryview) -> Any:
    """Read one JSON text or raise `MalformedJson`."""
    try:
        text = str(body, "utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJson(f"not UTF-8 at byte {error.start}; save the text as UTF-8") from None
    if text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}"):
        raise MalformedJson("starts with a byte order mark; write UTF-8 without one")
    try:
        document = _decoder.decode(text)
    except _Refused as refused:
        raise MalformedJson(f"{refused.why}{_place(text, refused.literal)}", _pointer(text)) from None
    except json.JSONDecodeError as error:
        raise MalformedJson(f"{error.msg.lower().removesuffix(' at')} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise MalformedJson(f"nested deeper than {MAX_DEPTH}") from None
    # Only a text with so many brackets can nest so deep; counting them is far cheaper than walking.
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(document)
    if _SUSPECT_ESCAPE.search(text):
        _check_strings(document)
    return document


class _Refused(Exception):  # noqa: N818 -- it ends the reading, and is none outside
    def __init__(self, why: str, literal: str) -> None:
        self.why = why
        self.literal = literal


def _place(text: str, literal: str) -> str:
    found = text.find(literal)
    return "" if found < 0 else f" at line {text.count(chr(10), 0, found) + 1}, column {found - text.rfind(chr(10), 0, found)}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Refused(f"the key `{_shown(key)}` is there twice in one object", json.dumps(key, ensure_ascii=False))
            seen.add(key)
    return document


def _integer(literal: str) -> int:
    if len(literal) > MAX_DIGITS:
        raise _Refused(f"a number of {len(literal)} digits; at most {MAX_DIGITS} are read", literal)
    return int(literal)


def _float(literal: str) -> float:
    if len(literal) > MAX_DIGITS:
        raise _Refused(f"a number of {len(literal)} digits; at most {MAX_DIGITS} are read", literal)
    value = float(literal)
    if not isfinite(value):
        raise _Refused(f"the number `{literal}` is too large", literal)
    return value


def _constant(literal: str) -> Any:
    raise _Refused(f"`{literal}` is not a JSON number", literal)


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant, strict=True
)


class _Bad:
    """Stands where something was refused, when a text is read again to tell in which field that is."""


def _pointer(text: str) -> str:
    """The JSON pointer of the first thing refused."""

    def of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        document: dict[str, Any] = {}
        for key, value in pairs:
            document[key] = _Bad() if key in document else value
        return document

    lenient = json.JSONDecoder(
        object_pairs_hook=of_pairs,
        parse_int=lambda literal: 0 if len(literal) <= MAX_DIGITS else _Bad(),
        parse_float=lambda literal: 0 if len(literal) <= MAX_DIGITS and isfinite(float(literal)) else _Bad(),
        parse_constant=lambda _: _Bad(),
    )
    try:
        document = lenient.decode(text)
    except (ValueError, RecursionError):  # something else is wrong as well
        return ""
    return next((pointer for pointer, value in _walk(document) if isinstance(value, _Bad)), "")


def _walk(document: Any) -> Iterator[tuple[str, Any]]:
    """Every value with its pointer, and every key as a value of its own; without recursion."""
    unread: list[tuple[str, Any]] = [("", document)]
    while unread:
        pointer, value = unread.pop()
        yield pointer, value
        inside: list[tuple[str, Any]] = []
        if isinstance(value, dict):
            for key, part in value.items():
                here = f"{pointer}/{escape(_shown(key))}"
                inside += [(here, key), (here, part)]
        elif isinstance(value, list):
            inside = [(f"{pointer}/{i}", part) for i, part in enumerate(value)]
        unread += reversed(inside)


def _check_depth(document: Any) -> None:
    level = [document]
    for _ in range(MAX_DEPTH + 1):
        level = [inside for outer in level if isinstance(outer, (dict, list)) for inside in _inside(outer)]
        if not level:
            return
    raise MalformedJson(f"nested deeper than {MAX_DEPTH}")


def _inside(outer: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return outer.values() if isinstance(outer, dict) else outer


def _check_strings(document: Any) -> None:
    for pointer, text in _walk(document):
        if not isinstance(text, str):
            continue
        if "\0" in text:
            raise MalformedJson("a string contains a NUL character", pointer)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise MalformedJson("a string contains half a surrogate pair", pointer) from None


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() and c != "`" else "\N{REPLACEMENT CHARACTER}" for c in text[:80])
