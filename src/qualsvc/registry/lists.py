"""What a list is asked for: how much of it, from where, and narrowed to what."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args, get_origin

from starlette.requests import Request

from qualsvc.http.bodies import query_parameters
from qualsvc.http.problems import FieldError, Problem
from qualsvc.records.faults import quote
from qualsvc.records.fields import is_code
from qualsvc.records.kinds import Kind
from qualsvc.registry.cursors import code_before
from qualsvc.store.conditions import Condition
from qualsvc.store.reading import Narrowing

MAX_LIMIT = 1000
DEFAULT_LIMIT = 50
MAX_DAYS = 36_600

_NUMBER = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Page:
    """What of a list is asked for."""

    limit: int
    after: str | None
    narrowing: Narrowing


@cache
def enumerations(kind: Kind) -> dict[str, tuple[str, ...]]:
    """The fields of a kind that are enumerations, with their values."""
    fields = kind.model.__pydantic_fields__
    return {name: get_args(f.annotation) for name, f in fields.items() if get_origin(f.annotation) is Literal}


@cache
def filters(kind: Kind) -> tuple[str, ...]:
    """What a list can be narrowed by: its code, references and enumerations, and what is derived of certificates."""
    derived = ("condition", "expiring_within_days") if kind.name == "certificate" else ()
    return (*kind.codes, *enumerations(kind), *derived)


def page_of(kind: Kind, request: Request) -> Page:
    """The page a request asks for. Raises Problem 400 naming each parameter that cannot be read."""
    names = filters(kind)
    parameters = query_parameters(request, ("limit", "cursor", *names))
    errors: list[FieldError] = []
    limit = whole_number(parameters, "limit", 1, MAX_LIMIT, errors)
    within = whole_number(parameters, "expiring_within_days", 0, MAX_DAYS, errors)
    values = enumerations(kind) | {"condition": get_args(Condition)}
    for name, given in parameters.items():
        if name in values and given not in values[name]:
            elsewhere = "; how it stands today is `condition`" if "condition" in names and given in values["condition"] else ""
            errors.append(_malformed(name, f"{quote(given)} must be one of {', '.join(values[name])}{elsewhere}"))
        elif name in kind.codes and not is_code(given):
            errors.append(_malformed(name, f"{quote(given)} is no code"))
    after = None
    if "cursor" in parameters:
        try:
            after = code_before(kind, parameters["cursor"])
        except ValueError:
            errors.append(_malformed("cursor", "not a cursor of this list; use `next_cursor` as it was given"))
    refuse(errors)
    fields = {name: parameters[name] for name in (*kind.codes, *enumerations(kind)) if name in parameters}
    narrowing = Narrowing(fields, parameters.get("condition"), within)
    return Page(DEFAULT_LIMIT if limit is None else limit, after, narrowing)


def whole_number(parameters: dict[str, str], name: str, least: int, most: int, errors: list[FieldError]) -> int | None:
    """A parameter that is a whole number, None when it is left out; a wrong one is added to `errors`."""
    given = parameters.get(name)
    if given is None:
        return None
    if not _NUMBER.fullmatch(given) or not least <= int(given) <= most:
        errors.append(_malformed(name, f"{quote(given)} must be a whole number from {least} to {most}"))
        return None
    return int(given)


def refuse(errors: list[FieldError]) -> None:
    """Raise Problem 400 with these errors, if there are any."""
    if errors:
        named = ", ".join(f"`{error.pointer.removeprefix('?')}`" for error in errors)
        raise Problem(400, "malformed_parameter", f"cannot read {named}", errors)


def _malformed(name: str, message: str) -> FieldError:
    return FieldError(f"?{name}", "malformed_parameter", message)
