"""What the OpenAPI document says of the verdicts on waivers."""

from dataclasses import dataclass

from qualsvc.http.declared import WRITING, Described, needs, parameter, problems
from qualsvc.records.kinds import KINDS
from qualsvc.registry.described import FOUR_EYES, record


@dataclass(frozen=True, slots=True)
class _Told:
    description: str
    forbidden: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


_VERDICTS = {
    "approve": _Told(
        "It counts from its `valid_from`. The approver is the caller, told by the key; never who requested it, nor the person "
        "it is for, with whichever key.",
        FOUR_EYES,
        ("waiver_too_long", "rule_not_waivable", "write_refused"),
    ),
    "reject": _Told(
        "It never counts. The requester and the person it is for cannot reject it; they revoke it.",
        ("rejected_by_requester", "rejected_by_beneficiary"),
    ),
    "revoke": _Told("Requested or approved, it counts no more from now on. Whoever has the scope may end one."),
}


def verdict(name: str) -> Described:
    """Of `POST /v1/waivers/{code}/approve|reject|revoke`."""
    told = _VERDICTS[name]
    also = [(code, 403) for code in told.forbidden] + [(code, 422) for code in (*told.refused, "idempotency_key_reused")]
    return {
        "operation_id": f"{name}_waiver",
        "summary": f"{name.capitalize()} a waiver",
        "description": f"{told.description} No body is sent. The same verdict again changes nothing.",
        "responses": {200: record(KINDS["waiver"], "The waiver, settled.")}
        | problems(
            400, "malformed_path", "unexpected_body", "incomplete_body", *WRITING, 404, "waiver_settled", 412, 413, *also
        ),
        "openapi_extra": {"security": needs("approve"), "parameters": [parameter("If-Match")]},
    }
