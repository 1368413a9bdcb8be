"""Which decisions are asked for: the parameters that lists and exports share."""

from typing import get_args

from qualsvc.access.keys import is_key
from qualsvc.http.problems import FieldError
from qualsvc.kernel.instants import FIRST, InstantError, parse_instant
from qualsvc.kernel.reasons import ReasonCode
from qualsvc.kernel.states import Decision
from qualsvc.records.faults import quote
from qualsvc.records.fields import is_code
from qualsvc.registry.cursors import unwrap, wrap
from qualsvc.store.decisions import Place, Sought

LIST = "decisions"
EQUAL = ("person", "equipment", "process", "site", "decision", "key", "purpose")
FILTERS = (*EQUAL, "reason", "from", "to")
CLOSED: dict[str, tuple[str, ...]] = {"decision": get_args(Decision), "reason": get_args(ReasonCode)}
"""Filters that have one of few values: a misspelt one would look as if there were none."""

_END = parse_instant("9999-12-31T23:59:59.999999Z") + 1
_MAX_SEQUENCE = 2**63 - 1


def sought(parameters: dict[str, str], errors: list[FieldError]) -> Sought:
    """What the parameters narrow to; those that cannot be read are added to `errors`."""
    for name, given in parameters.items():
        if name in CLOSED and given not in CLOSED[name]:
            listed = ", ".join(CLOSED[name]) if name == "decision" else "a reason code of the OpenAPI document"
            errors.append(malformed(name, f"{quote(given)} must be {'one of ' if name == 'decision' else ''}{listed}"))
        elif name == "key" and not is_key(given):
            errors.append(malformed(name, f"{quote(given)} is no id of a key; `qualsvc keys list` shows them"))
        elif name in EQUAL and not given:
            errors.append(malformed(name, "empty; give a value, or leave it out for all"))
    since, before = (_instant(parameters, name, errors) for name in ("from", "to"))
    if since is not None and before is not None and before <= since:
        errors.append(malformed("to", "must be after `from`"))
    equal = {name: parameters[name] for name in EQUAL if name in parameters}
    return Sought(equal, parameters.get("reason"), since, before)


def cursor_at(place: Place) -> str:
    """The cursor of the page that goes on after an answer."""
    return wrap(LIST, " ".join(map(str, place)))


def place_of(parameters: dict[str, str], errors: list[FieldError]) -> Place | None:
    """The answer a cursor stands after, None without one; one that is none of this list is added to `errors`."""
    if "cursor" not in parameters:
        return None
    try:
        logged_at, boot_id, sequence = unwrap(LIST, parameters["cursor"]).split(" ")
        place = int(logged_at), boot_id, int(sequence)
    except ValueError:
        place = None
    if place is None or not _can_be(place) or cursor_at(place) != parameters["cursor"]:
        errors.append(malformed("cursor", "not a cursor of this list; use `next_cursor` as it was given"))
        return None
    return place


def _can_be(place: Place) -> bool:
    """Whether an answer can have this place: else the database would refuse to look for it."""
    logged_at, boot_id, sequence = place
    return FIRST <= logged_at < _END and is_code(boot_id) and 0 <= sequence <= _MAX_SEQUENCE


def malformed(name: str, message: str) -> FieldError:
    """A parameter that cannot be read."""
    return FieldError(f"?{name}", "malformed_parameter", message)


def _instant(parameters: dict[str, str], name: str, errors: list[FieldError]) -> int | None:
    if name not in parameters:
        return None
    try:
        return parse_instant(parameters[name])
    except InstantError as error:
        errors.append(malformed(name, f"{quote(parameters[name])}: {error}"))
        return None
