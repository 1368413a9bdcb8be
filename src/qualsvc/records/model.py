"""The base of the sixteen records, and the one way to read a record from JSON."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, Literal, Self, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from qualsvc.records.describing import Describing
from qualsvc.records.faults import Fault, InvalidRecord, escape, quote, unknown_among
from qualsvc.records.fields import Code


class Form(BaseModel):
    """What is read strictly from JSON. Null or left out means the default, unless the field is required."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=Describing.wanted
    )

    derived_fields: ClassVar[frozenset[str]] = frozenset()
    """What is told when reading, and passed over when it is sent back: who reads, changes and writes need not take it out."""

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, document: Any) -> Any:
        if not isinstance(document, dict):
            return document
        if None not in document.values() and cls.derived_fields.isdisjoint(document):  # as in most lines of a bulk
            return document
        known = cls.__pydantic_fields__
        return {
            key: value
            for key, value in document.items()
            if (value is not None or key not in known) and key not in cls.derived_fields
        }

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        faults = tuple(self.contradictions())
        if faults:
            raise PydanticCustomError("contradictions", "contradicts itself", {"faults": faults})
        return self

    def contradictions(self) -> Iterator[Fault]:
        """What is wrong between fields that are each right by themselves."""
        yield from ()


class Record(Form):
    """A record of the contract."""

    optional_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields of ours, beyond the contract: documents have them only where they are used."""

    code: Code
    """Names the record within its kind: 1 to 64 printable characters without space, `/`, `?`, `#`, `%`; never changes."""


R = TypeVar("R", bound=Form)


def read_record(model: type[R], document: Any) -> R:
    """Read a record, or another form, from JSON or raise `InvalidRecord` with every fault found."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise InvalidRecord([fault for details in found for fault in _faults(model, details)]) from None


def ends_before_it_starts(start: date | None, end: date | None, field: str, start_field: str) -> Iterator[Fault]:
    """An end at the start is a single day between dates, and never between instants: both may be kept."""
    if start is not None and end is not None and end < start:
        yield Fault(f"/{field}", "end_before_start", f"must not be before `{start_field}`")


def _faults(model: type[Form], details: ErrorDetails) -> Iterator[Fault]:
    context = details.get("ctx", {})
    # a key of a map that is itself wrong is located as (field, key, "[key]")
    parts = [str(part) for part in details["loc"] if part != "[key]"]
    pointer = "".join(f"/{escape(part)}" for part in parts)
    if details["type"] == "contradictions":
        yield from (replace(fault, pointer=pointer + fault.pointer) for fault in context["faults"])
        return
    code, message = _said(model, details)
    yield Fault(pointer + str(context.get("pointer", "")), code, message)


_WANTED = {
    "string": 'a string; put it in quotes, like `"E1001"`',
    "int": "a whole number; write digits without quotes or unit",
    "bool": "a boolean; write `true` or `false` without quotes",
    "dict": "an object; write `{` names with their values `}`",
    "tuple": "a list; write `[` its items `]`",
}


def _values(model: type[Form], loc: tuple[int | str, ...]) -> str:
    """What a field of the model itself may be, where that is an enumeration."""
    field = model.__pydantic_fields__.get(str(loc[0])) if len(loc) == 1 else None
    return ", ".join(f"`{value}`" for value in get_args(field.annotation)) if field and _is_literal(field.annotation) else ""


def _is_literal(annotation: Any) -> bool:
    return get_origin(annotation) is Literal


def _said(model: type[Form], details: ErrorDetails) -> tuple[str, str]:
    context, given = details.get("ctx", {}), quote(details["input"])
    match details["type"]:
        case "missing":
            values = _values(model, details["loc"])
            return "missing", f"required; give it {f'one of {values}' if values else 'a value'}"
        case "extra_forbidden":
            if len(details["loc"]) > 1:
                return "unknown_field", "unknown; leave it out"
            return "unknown_field", unknown_among(tuple(model.__pydantic_fields__), str(details["loc"][0]))
        case "literal_error":
            return "not_one_of", f"{given} must be {context['expected']}"
        case "string_too_long":
            return "invalid_text", f"longer than {context['max_length']} characters"
        case "too_long":
            return "too_many_items", f"{context['actual_length']} items; at most {context['max_length']} are kept"
        case "string_unicode":
            return "invalid_text", "contains half a surrogate pair; write the whole character"
        case "greater_than" | "greater_than_equal" | "less_than_equal":
            return "invalid_number", f"{given}: {details['msg'].lower()}"
        case "model_type" | "model_attributes_type":
            return "wrong_type", "a record must be a JSON object"
        case "string_type" | "int_type" | "bool_type" | "dict_type" | "tuple_type" | "int_from_float":
            return "wrong_type", f"{given} is not {_WANTED[details['type'].partition('_')[0]]}"
        case _:
            return details["type"], details["msg"]
