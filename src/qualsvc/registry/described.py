"""What the OpenAPI document says of the registry's routes; the schemas and examples of records are in `qualsvc.openapi`."""

from typing import Any, get_args

from qualsvc.http.bodies import JSON, MERGE_PATCH
from qualsvc.http.declared import (
    BODY,
    PARAMETERS,
    WRITING,
    Described,
    Told,
    body,
    content,
    header,
    needs,
    parameter,
    problems,
    schema,
)
from qualsvc.records.kinds import Kind
from qualsvc.registry.lists import MAX_DAYS, enumerations, filters
from qualsvc.store.conditions import Condition


class Changed(Told):
    """One change of a record: who made it by which key, when, from what to what."""

    revision: int
    """The revision the change belongs to."""
    at: str
    """Instant of the change, by the database's clock, in UTC."""
    key: str
    """Id of the API key, or `command line`."""
    key_name: str | None
    """Name of that key; null when it is none."""
    request_id: str | None
    """The `X-Request-Id` the caller sent; null when none."""
    before: dict[str, Any] | None
    """The record before, without personal fields; null when it was created."""
    after: dict[str, Any] | None
    """The record after, without personal fields; null when it was deleted."""
    personal: list[str]
    """Names of the personal fields that changed, `*` where all were erased; their values are kept in no log."""


class HistoryPage(Told):
    """Some changes of a record, oldest first."""

    items: list[Changed]
    """The changes."""
    next_cursor: str | None
    """Ask on with it as `cursor`; null on the last page."""


_FIELDS = ("missing", "unknown_field", "wrong_type", "invalid_code", "code_mismatch", "invalid_text")
MANY = ("invalid_record", "write_refused")
_BOUNDS = ("invalid_instant", "end_before_start")
FOUR_EYES = ("approved_by_requester", "approved_by_beneficiary")
_FAULTS: dict[str, tuple[str, ...]] = {
    "site": ("unknown_time_zone",),
    "company": ("invalid_date",),
    "equipment": ("invalid_date", "invalid_number"),
    "certificate_type": ("invalid_number", "duplicate_level", "statutory_rule", "unknown_level"),
    "person": ("invalid_date", "end_before_start", "duplicate_badge", "badge_taken"),
    "assignment": _BOUNDS,
    "certificate": ("invalid_date", "invalid_number", *_BOUNDS),
    "training_record": ("invalid_date", "invalid_number"),
    "rule": (
        *("requirement_invalid", "requirement_too_deep", "requirement_too_large", *_BOUNDS, "equipment_or_class"),
        *("monitor_on_grant", "confirm_without_position", "statutory_rule", "unknown_level"),
    ),
    "waiver": (*_BOUNDS, "waiver_too_long", "rule_not_waivable", *FOUR_EYES, "admin_required"),
    "restriction": _BOUNDS,
    "site_stay": _BOUNDS,
}
_CONDITIONS = {
    "code": "Only the record with this code.",
    "condition": "Only certificates in this condition today, by the date at the site of their person.",
    "expiring_within_days": "Only certificates that are good today and end, or are due for review, within so many days.",
}


def faults(kind: Kind) -> list[tuple[str, int]]:
    """What may be wrong with a record of this kind, each as 422."""
    linked = ("unknown_reference",) if kind.references or kind.requirements else ()
    shaped = (*(("not_one_of",) if enumerations(kind) else ()), *linked, *(("tree_cycle",) if kind.tree else ()))
    return [(code, 422) for code in (*_FIELDS, *shaped, *_FAULTS.get(kind.name, ()), *MANY)]


def record(kind: Kind, description: str, *, written: bool = True) -> Described:
    """An answer that is a record of this kind, with its version; after a write also with the revision."""
    name = kind.model.__name__ + ("Written" if written and kind.name == "rule" else "")
    headers = ("ETag", "Revision") if written else ("ETag",)
    return {
        "description": description,
        **content(JSON, schema(name)),
        "headers": {each: header(each) for each in headers},
    }


def listing(kind: Kind) -> Described:
    """Of `GET /v1/{path}`."""
    return {
        "operation_id": f"list_{kind.name}",
        "summary": f"List {_plural(kind)} by code",
        "description": "A page of them, in the order of their codes. A cursor neither skips nor repeats a record, whatever is "
        "written meanwhile. Filters narrow the list to records with exactly these values; several are all to hold.",
        "responses": {200: {"description": "One page.", **content(JSON, schema(f"{kind.model.__name__}List"))}}
        | problems(400, *PARAMETERS, 503),
        "openapi_extra": {
            "security": needs("read"),
            "parameters": [parameter("Limit"), parameter("Cursor"), *(_filter(kind, name) for name in filters(kind))],
        },
    }


def _filter(kind: Kind, name: str) -> dict[str, Any]:
    values = enumerations(kind) | {"condition": get_args(Condition)}
    shape: dict[str, Any] = {"type": "string", "maxLength": 64}
    if name in values:
        shape = {"type": "string", "enum": list(values[name])}
    elif name == "expiring_within_days":
        shape = {"type": "integer", "minimum": 0, "maximum": MAX_DAYS, "examples": [30]}
    among = "among its" if name == "equivalents" else "as its"
    return {
        "name": name,
        "in": "query",
        "schema": shape,
        "description": _CONDITIONS.get(name, f"Only {_plural(kind)} with this {among} `{name}`."),
    }


def history(kind: Kind) -> Described:
    """Of `GET /v1/{path}/{code}/history`."""
    return {
        "operation_id": f"history_of_{kind.name}",
        "summary": f"Who changed one {_spoken(kind)}, when, from what to what",
        "description": "Every change since the record was made, oldest first; also of one that was deleted.",
        "responses": {200: {"description": "One page, oldest first.", "model": HistoryPage}}
        | problems(400, *PARAMETERS, "malformed_path", 404, 503),
        "openapi_extra": {"security": needs("read"), "parameters": [parameter("Limit"), parameter("Cursor")]},
    }


def reading(kind: Kind) -> Described:
    """Of `GET /v1/{path}/{code}`."""
    told = {"certificate": " With its `condition` today, by the date at the site of its person."}.get(kind.name, "")
    return {
        "operation_id": f"get_{kind.name}",
        "summary": f"Read one {_spoken(kind)}",
        "description": f"The record as it is now, with every field.{told}",
        "responses": {200: record(kind, "The record.", written=False)} | problems(400, "malformed_path", 404, 503),
        "openapi_extra": {"security": needs("read")},
    }


def replacing(kind: Kind) -> Described:
    """Of `PUT /v1/{path}/{code}`."""
    name = kind.model.__name__
    return {
        "operation_id": f"put_{kind.name}",
        "summary": f"Create or replace one {_spoken(kind)}",
        "description": "The record becomes what is sent: a field left out or null has its default again. The same record twice "
        f"changes nothing and makes no revision. The code is that of the path.{_TOLD.get(kind.name, '')}",
        "responses": {200: record(kind, "Replaced, or unchanged."), 201: record(kind, "Created.")}
        | problems(400, "malformed_path", *WRITING, *BODY, 412, *faults(kind), *_admin(kind)),
        "openapi_extra": {
            "security": needs("maintain"),
            "parameters": [parameter("If-Match"), parameter("If-None-Match")],
            **body(True, **{JSON: {"schema": schema(f"{name}Put")}}),
        },
    }


def merging(kind: Kind) -> Described:
    """Of `PATCH /v1/{path}/{code}`."""
    patch = {"schema": schema(f"{kind.model.__name__}Patch")}
    return {
        "operation_id": f"patch_{kind.name}",
        "summary": f"Change some fields of one {_spoken(kind)}",
        "description": "A merge patch (RFC 7396): fields left out stay, null gives the default again, objects are merged "
        f"key by key, lists are replaced. An empty one changes nothing.{_TOLD.get(kind.name, '')}",
        "responses": {200: record(kind, "Changed, or unchanged.")}
        | problems(400, "malformed_path", *WRITING, *BODY, 404, 412, *faults(kind), *_admin(kind)),
        "openapi_extra": {
            "security": needs("maintain"),
            "parameters": [parameter("If-Match")],
            **body(True, **{MERGE_PATCH: patch, JSON: patch}),
        },
    }


_TOLD = {
    "certificate": " `condition` is derived: sent back, it is passed over.",
    "rule": " The answer tells `warnings` besides; they stop nothing. Sent back, they are passed over.",
    "waiver": " Waivers are requested here (`status` `requested`) and settled by `approve`, `reject` and `revoke`; only an "
    "admin may write one approved, to take over old exceptions.",
}


def _admin(kind: Kind) -> list[tuple[str, int]]:
    return [("admin_required", 403), ("waiver_settled", 409)] if kind.name == "waiver" else []


def deleting(kind: Kind) -> Described:
    """Of `DELETE /v1/{path}/{code}`."""
    return {
        "operation_id": f"delete_{kind.name}",
        "summary": f"Delete one {_spoken(kind)}",
        "description": "Only when nothing refers to it; else 409 names what does. Its history stays.",
        "status_code": 204,
        "responses": {204: {"description": "Deleted.", "headers": {"Revision": header("Revision")}}}
        | problems(400, "malformed_path", *WRITING, 404, 409, 412),
        "openapi_extra": {"security": needs("maintain"), "parameters": [parameter("If-Match")]},
    }


def _spoken(kind: Kind) -> str:
    return kind.name.replace("_", " ")


def _plural(kind: Kind) -> str:
    return kind.path.replace("-", " ")
