"""What the OpenAPI document says of `POST /v1/bulk`."""

from typing import Annotated

from pydantic import Field

from qualsvc.http.bodies import NDJSON
from qualsvc.http.declared import WRITING, Described, Told, body, header, needs, problems
from qualsvc.records.kinds import RECORD_KINDS
from qualsvc.registry.described import faults
from qualsvc.registry.rules_described import RuleWarning


class BulkAnswer(Told):
    """What a bulk request did."""

    revision: Annotated[int, Field(examples=[4212])]
    """The revision it made, or the current one when it changed nothing."""
    created: Annotated[int, Field(examples=[2])]
    """Number of records that were not there before."""
    changed: Annotated[int, Field(examples=[1])]
    """Number of records that were there and are different now."""
    unchanged: Annotated[int, Field(examples=[6])]
    """Number of records that were as sent already."""
    deleted: Annotated[int, Field(examples=[1])]
    """Number of records deleted."""
    warnings: list[RuleWarning] | None = None
    """Kept questions of rules written that are not answered as expected; absent when there are none."""


_BODY = ("malformed_json", "invalid_lines", "incomplete_body", 413, "line_too_long", "too_many_records", 415)
_REFUSED = (("admin_required", 403), ("still_referenced", 409), ("write_refused", 409))
_FAULTS = (
    ("record_not_found", 422),
    ("still_referenced", 422),
    ("duplicate_record", 422),
    ("idempotency_key_reused", 422),
    *dict.fromkeys(fault for kind in RECORD_KINDS for fault in faults(kind)),
)
_EXAMPLE = (
    '{"kind": "person", "code": "E1240", "name": "Chen Wei", "employment": "employee", "site": "NGB"}\n'
    '{"kind": "assignment", "code": "A-7", "op": "delete"}\n'
)
_LINES = {
    "type": "string",
    "description": "NDJSON: one JSON object a line, at most 1 MiB each, 200,000 lines and 128 MiB in all. A line is a record "
    'with its `kind`, or `{"kind": …, "code": …, "op": "delete"}`. Its fields are those of the `Put` schema.',
    "examples": [_EXAMPLE],
}


def bulk() -> Described:
    """Of `POST /v1/bulk`."""
    return {
        "operation_id": "bulk",
        "summary": "Write and delete many records at once",
        "description": "All or nothing, in one transaction and one revision. Lines may come in any order and refer to one "
        "another; each replaces its record as PUT does. One that names the same record twice is refused. Errors name each bad "
        "line, counted from 1.",
        "responses": {200: {"description": "All done.", "headers": {"Revision": header("Revision")}, "model": BulkAnswer}}
        | problems(400, *WRITING, *_BODY, *_REFUSED, *_FAULTS),
        "openapi_extra": {"security": needs("maintain"), **body(True, **{NDJSON: {"schema": _LINES}})},
    }
