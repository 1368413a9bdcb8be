"""What the OpenAPI document says of `POST /v1/bulk`."""

from qualsvc.http.bodies import NDJSON
from qualsvc.http.declared import WRITING, Described, Told, body, header, needs, problems
from qualsvc.records.kinds import RECORD_KINDS
from qualsvc.registry.described import faults
from qualsvc.registry.rules_described import RuleWarning


class BulkAnswer(Told):
    """What a bulk request did."""

    revision: int
    """The revision it made, or the current one when it changed nothing."""
    created: int
    """Number of records that were not there before."""
    changed: int
    """Number of records that were there and are different now."""
    unchanged: int
    """Number of records that were as sent already."""
    deleted: int
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
_LINES = {
    "type": "string",
    "description": "NDJSON: one JSON object a line, at most 1 MiB each, 200,000 lines and 128 MiB in all. A line is a record "
    'with its `kind`, or `{"kind": …, "code": …, "op": "delete"}`.',
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
