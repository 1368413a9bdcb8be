"""Reading what is asked, from a query string or a JSON object, strictly and by one table of parameters."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any, NoReturn
from urllib.parse import unquote_to_bytes

import msgspec

from qualsvc.http.problems import FieldError
from qualsvc.kernel.instants import InstantError, parse_instant
from qualsvc.kernel.messages import Language
from qualsvc.records.faults import escape

MAX_TEXT = 256
MAX_PURPOSE = 64
_LONGEST_NAME = 64
MAX_FIELDS = 32
"""A question has far fewer; more are not worth naming one by one while others wait."""
_MAX_REVISION_DIGITS = 18
_REQUIRED = ("equipment", "process")
_CODES = {"person", "equipment", "process"}
_LONGEST_PLAIN = 1_000_000
_LONGEST_KEPT = 512
"""Bytes of a query that is remembered as read; so all of them together take a few megabytes at most."""


class MalformedError(Exception):
    """The question cannot be understood; `errors` name each parameter and what to do."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{error.pointer}: {error.message}" for error in errors))
        self.errors = errors


class Asked(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A question as asked; instants in microseconds, `at` None for now, or for `known_at` where that is given."""

    equipment: str
    process: str
    person: str | None = None
    badge: str | None = None
    at: int | None = None
    until: int | None = None
    known_at: int | None = None
    supervisor: str | None = None
    confirmed_by: str | None = None
    purpose: str | None = None
    min_revision: int = 0
    lang: Language = "en"


_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT)]


class _Plain(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    person: _Code
    equipment: _Code
    process: _Code


class _PlainBatch(msgspec.Struct, forbid_unknown_fields=True):
    questions: list[_Plain]


_plain = msgspec.json.Decoder(_PlainBatch).decode


def read_query(query: bytes) -> Asked:
    """Read a URL's query string. Raises MalformedError."""
    # Bounded by size as well as by count: names that nobody has may be long, and percent-encoded they are twelve times so.
    return _read_query_once(query) if len(query) <= _LONGEST_KEPT else _read_query(query)


def _read_query(query: bytes) -> Asked:
    given: dict[str, Any] = {}
    errors: list[FieldError] = []
    parts = query.split(b"&") if query else []
    if len(parts) > MAX_FIELDS:
        raise MalformedError([FieldError("", "malformed", f"has {len(parts)} parameters; known are {', '.join(PARAMETERS)}")])
    for part in parts:
        name, equals, value = part.partition(b"=")
        try:
            key, text = _decode(name), _decode(value)
        except ValueError as error:
            errors.append(FieldError(_pointer(name.decode("utf-8", "replace")), "malformed", str(error)))
            continue
        if key in given:
            errors.append(FieldError(_pointer(key), "repeated", "given more than once; which one is meant?"))
        elif not equals:
            errors.append(FieldError(_pointer(key), "malformed", "has no value; write `name=value`"))
        given[key] = text
    revision = given.get("min_revision")
    if isinstance(revision, str) and revision.isascii() and revision.isdigit() and len(revision) <= _MAX_REVISION_DIGITS:
        given["min_revision"] = int(revision)
    return _asked(given, errors)


_read_query_once = lru_cache(8192)(_read_query)  # doors ask the same again and again


def read_object(document: Any) -> Asked:
    """Read a JSON object with the same fields. Raises MalformedError."""
    if not isinstance(document, Mapping):
        raise MalformedError([FieldError("", "malformed", "a question must be a JSON object")])
    if len(document) > MAX_FIELDS:
        raise MalformedError([FieldError("", "malformed", f"has {len(document)} fields; known are {', '.join(PARAMETERS)}")])
    if document.keys() == _CODES:  # as nearly every question of a batch
        try:
            return Asked(
                person=_text(document["person"]), equipment=_text(document["equipment"]), process=_text(document["process"])
            )
        except _FaultError:
            pass  # told below, with whatever else is wrong
    # Null is "left out", but only of what is known: a misspelt name must not pass for it.
    return _asked({key: value for key, value in document.items() if value is not None or key not in PARAMETERS}, [])


def read_plain(body: bytes | bytearray) -> list[Asked] | None:
    """The questions of a batch where each gives the three codes and nothing else, as nearly all do.

    None where it says anything else, or cannot be read: `read_object` knows what is wrong. Takes three milliseconds at most.
    """
    if len(body) > _LONGEST_PLAIN or b"\\" in body:
        return None
    try:
        found = _plain(body).questions
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    # INVARIANT: no field is there twice. Each question has three, so one more would be a colon too many; so is one in a code.
    if body.count(b":") != 1 + len(_CODES) * len(found):
        return None
    return [Asked(person=one.person, equipment=one.equipment, process=one.process) for one in found]


def _asked(given: Mapping[str, Any], errors: list[FieldError]) -> Asked:
    fields: dict[str, Any] = {}
    faulty = {error.pointer for error in errors}
    for key, value in given.items():
        try:
            fields[key] = PARAMETERS.get(key, _unknown)(value)
        except _FaultError as fault:
            if _pointer(key) not in faulty:
                errors.append(FieldError(_pointer(key), fault.code, str(fault)))
    errors.extend(_missing(given))
    at, until = fields.get("at", fields.get("known_at")), fields.get("until")
    if at is not None and until is not None and until <= at:
        errors.append(FieldError("/until", "not_after_at", "must be after `at`"))
    if errors:
        raise MalformedError(errors)
    return Asked(**fields)


def _missing(given: Mapping[str, Any]) -> Iterator[FieldError]:
    for key in _REQUIRED:
        if key not in given:
            yield FieldError(f"/{key}", "missing", "required; give the code of the " + key)
    if "person" in given and "badge" in given:
        yield FieldError("/badge", "badge_with_person", "give `person` or `badge`, not both")
    elif "person" not in given and "badge" not in given:
        yield FieldError("/person", "missing", "required; give the code of the person, or their `badge`")


class _FaultError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _unknown(_: object) -> NoReturn:
    raise _FaultError("unknown", f"unknown; known are {', '.join(PARAMETERS)}")


def _text(value: Any, longest: int = MAX_TEXT) -> str:
    if not isinstance(value, str):
        raise _FaultError("malformed", "must be a string")
    if not value:
        raise _FaultError("malformed", "is empty; leave it out or give it a value")
    if len(value) > longest:
        raise _FaultError("malformed", f"is longer than {longest} characters")
    if "\0" in value:
        raise _FaultError("malformed", "contains a NUL character")
    return value


def _purpose(value: Any) -> str:
    return _text(value, MAX_PURPOSE)


def _instant(value: Any) -> int:
    try:
        return parse_instant(_text(value))
    except InstantError as error:
        raise _FaultError("bad_instant", str(error)) from None


def _revision(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**_MAX_REVISION_DIGITS:
        raise _FaultError("malformed", "must be a revision: a whole number of at most 18 digits")
    return value


def _language(value: Any) -> Language:
    if value == "en":
        return "en"
    if value in ("zh", "zh-CN"):
        return "zh-CN"
    raise _FaultError("malformed", "must be `en` or `zh-CN`")


PARAMETERS: Mapping[str, Callable[[Any], Any]] = {
    "person": _text,
    "badge": _text,
    "equipment": _text,
    "process": _text,
    "at": _instant,
    "until": _instant,
    "known_at": _instant,
    "supervisor": _text,
    "confirmed_by": _text,
    "purpose": _purpose,
    "min_revision": _revision,
    "lang": _language,
}
"""Every parameter of an ask and how it is read, the same for the query string and for JSON."""


def _decode(part: bytes) -> str:
    if b"%" not in part and b"+" not in part and part.isascii():
        return part.decode("ascii")
    pieces = part.replace(b"+", b" ").split(b"%")
    if any(len(piece) < 2 or not _is_hex(piece[:2]) for piece in pieces[1:]):
        raise ValueError("has a `%` that is not followed by two hexadecimal digits; write it as `%25`")
    try:
        return unquote_to_bytes(b"%".join(pieces)).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None


def _is_hex(digits: bytes) -> bool:
    return all(digit in b"0123456789abcdefABCDEF" for digit in digits)


def _pointer(name: str) -> str:
    """The JSON pointer of a field, cut where only a mistake can be so long."""
    return f"/{escape(name[:_LONGEST_NAME])}"
