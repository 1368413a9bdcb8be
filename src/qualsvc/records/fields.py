"""The field types of the contract, each strict: nothing is guessed, nothing is converted from another type.

INVARIANT: whatever passes here can be stored by PostgreSQL and written as UTF-8 (no NUL, no lone surrogate, no infinity).
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from math import isfinite
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from qualsvc import zones
from qualsvc.kernel.instants import InstantError, parse_date, parse_instant
from qualsvc.kernel.requirement_reader import RequirementError, parse_requirement
from qualsvc.records.faults import quote
from qualsvc.records.moments import moment_of

MAX_TEXT = 2000
MAX_NUMBER = 10**15
MAX_COUNT = 1_000_000

_NOT_IN_CODES = frozenset(" /?#%")


def refuse(code: str, message: str, pointer: str = "") -> PydanticCustomError:
    """A fault of the field being validated, `pointer` further inside it."""
    return PydanticCustomError(code, "{text}", {"text": message, "pointer": pointer})


def is_code(text: str) -> bool:
    """Whether the text can be a code: 1 to 64 printable characters without space, `/`, `?`, `#`, `%`."""
    return 0 < len(text) <= 64 and text.isprintable() and _NOT_IN_CODES.isdisjoint(text)


def _code(text: str) -> str:
    if not is_code(text):
        raise refuse("invalid_code", f"{quote(text)} is no code; use 1 to 64 printable characters without space, / ? # %")
    return text


def clean_text(text: str) -> str:
    """Refuse what cannot be stored; lone surrogates are refused by pydantic already."""
    if "\0" in text:
        raise refuse("invalid_text", "contains a NUL character; leave it out")
    return text


def _badge(text: str) -> str:
    if not text:  # a reader that read nothing must never find somebody
        raise refuse("invalid_text", "a badge must not be empty")
    return text


# Many records say few days: those of some twenty years, least recently read out first.
@lru_cache(8192)
def _date(text: str) -> date:
    return date.fromordinal(parse_date(text))


@lru_cache(8192)
def _moment(text: str) -> datetime:
    return moment_of(parse_instant(text))


def _instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise refuse("wrong_type", f"{quote(value)} is not an instant; write a string like `2026-11-21T03:30:00Z`")
    try:
        return _moment(value)
    except InstantError as error:
        raise refuse("invalid_instant", f"{quote(value)}: {error}") from None


def _day(value: Any) -> date:
    if not isinstance(value, str):
        raise refuse("wrong_type", f"{quote(value)} is not a date; write a string like `2026-11-21`")
    try:
        return _date(value)
    except InstantError as error:
        raise refuse("invalid_date", f"{quote(value)}: {error}") from None


def plain_number(value: float) -> float:
    """60.0 and 60 are one value, written 60."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(least: float = -MAX_NUMBER, most: float = MAX_NUMBER) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refuse("wrong_type", f"{quote(value)} is not a number; write digits without quotes or unit, like `3.5`")
        if not isfinite(value) if isinstance(value, float) else False:
            raise refuse("invalid_number", "must be finite")
        if not least <= value <= most:
            raise refuse("invalid_number", f"{quote(value)} must lie between {least:g} and {most:g}")
        return plain_number(value)

    return check


def _attribute(value: Any) -> str | float | bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number()(value)
    if isinstance(value, str) and len(value) <= MAX_TEXT:
        try:
            value.encode()
        except UnicodeEncodeError:
            raise refuse("invalid_text", "contains half a surrogate pair; write the whole character") from None
        return clean_text(value)
    raise refuse("wrong_type", f"must be a string of at most {MAX_TEXT} characters, a number or a boolean")


def _time_zone(name: str) -> str:
    if name not in zones.names():
        raise refuse("unknown_time_zone", f"{quote(name)} is not an IANA time zone; use a name like `Asia/Shanghai`")
    return name


def _requirement(value: Any) -> dict[str, Any]:
    try:
        parse_requirement(value)
        return {key: _settled(part) for key, part in value.items()}
    except RequirementError as error:
        raise refuse(error.code, error.message, error.pointer) from None


def _settled(part: Any) -> Any:
    """A part of a requirement that was read already, its numbers in their one form and its text storable."""
    match part:
        case dict():
            return {key: _settled(value) for key, value in part.items()}
        case list():
            return [_settled(value) for value in part]
        case float():
            return plain_number(part)
        case str():
            return _attribute(part)
        case _:
            return part


Code = Annotated[
    str, AfterValidator(_code), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 64, "pattern": r"^[^\s/?#%]+$"})
]
Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(clean_text)]
Badge = Annotated[Text, AfterValidator(_badge)]
Instant = Annotated[datetime, PlainValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Number = Annotated[
    float, PlainValidator(_number()), WithJsonSchema({"type": "number", "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER})
]
NotNegative = Annotated[
    float, PlainValidator(_number(0)), WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_NUMBER})
]
Share = Annotated[float, PlainValidator(_number(0, 1)), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
Months = Annotated[int, Field(gt=0, le=MAX_COUNT)]
Days = Annotated[int, Field(ge=0, le=MAX_COUNT)]
IanaTimeZone = Annotated[str, AfterValidator(_time_zone)]
# JSON knows lists only; a tuple keeps the frozen record whole.
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
Badges = Annotated[tuple[Badge, ...], Field(strict=False)]
Codes = Annotated[tuple[Code, ...], Field(strict=False)]
DayCounts = Annotated[tuple[Days, ...], Field(strict=False)]
Measures = dict[Text, Number]
Attribute = Annotated[str | float | bool, PlainValidator(_attribute), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Attributes = dict[Text, Attribute]
RequirementDocument = Annotated[dict[str, Any], PlainValidator(_requirement), WithJsonSchema({"type": "object"})]
