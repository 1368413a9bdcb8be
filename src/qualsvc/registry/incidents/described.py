"""What the OpenAPI document says of the routes about incidents."""

from typing import Any

from qualsvc.http.bodies import JSON
from qualsvc.http.declared import (
    BODY,
    WRITING,
    Described,
    Responses,
    body,
    content,
    header,
    needs,
    parameter,
    problems,
    schema,
)
from qualsvc.records.kinds import INCIDENT, KINDS
from qualsvc.records.model import Form
from qualsvc.registry.described import MANY, faults, record
from qualsvc.registry.incidents.forms import MAX_MEASURES, Conclusion, Report

_REPORT = {
    "code": "INC-2026-004",
    "equipment": "BC-02",
    "process": "LIFT",
    "occurred_at": "2026-11-21T03:41:00Z",
    "window": 30,
    "description": "吊物摆动，险肇。",
}
_CONCLUSION = {
    "conclusion": "E1001 未按吊装方案作业；暂停起重授权，待复训。",
    "restrictions": [
        {
            "person": "E1001",
            "equipment_class": "BRIDGE-CRANE",
            "valid_from": "2026-11-21T06:00:00Z",
            "reason": "险肇事故调查结论",
        }
    ],
    "suspend": ["E1001-IAC"],
}
_SENT = ("missing", "unknown_field", "wrong_type", "invalid_code", "invalid_text")


def reporting() -> Described:
    """Of `POST /v1/incidents`."""
    return {
        "operation_id": "report_incident",
        "summary": "Report an accident or near miss, and freeze the evidence",
        "description": "Copies what was answered on the equipment in `[occurred_at - window, occurred_at + window)`, by when "
        "it was answered, and what was known, when it happened, of everybody asked about or named beside them: posts, "
        "certificates, training, waivers, bans, stays. What was asked then about another time is among them, as its `question` "
        "says. The copies outlive the retention of decisions; nothing written later changes them. Answers on their way to the "
        "database are waited for, 2 s at most; `complete` says that none of this host's can be missing: a minute after the end "
        "of the window at the earliest. Other hosts' have arrived within a second, unless they were cut off. More than 10,000 "
        "answers or 1,000 persons are refused: nothing is left out of evidence.",
        "status_code": 201,
        "responses": {201: record(INCIDENT, "The incident; read it by its code for the evidence.")}
        | _acting(
            *_SENT,
            ("invalid_number", 422),
            ("invalid_instant", 422),
            ("unknown_reference", 422),
            "code_taken",
            "implausible_instant",
            "too_much_evidence",
            "before_log",
        ),
        "openapi_extra": {"security": needs("maintain"), **_form(Report, _REPORT)},
    }


def reading() -> Described:
    """Of `GET /v1/incidents/{code}`."""
    return {
        "operation_id": "get_incident",
        "summary": "Read one incident with its evidence",
        "description": "`decisions` are the answers as they were put on file, each as `GET /v1/decisions/{decision_id}` tells "
        "it, with the hash of its row in the chain; `states` the persons who were known, each as "
        "`GET /v1/persons/{code}/state` tells it at the instant of the incident, by what was recorded then.",
        "responses": {
            200: {
                "description": "The incident.",
                **content(JSON, schema("IncidentFile")),
                "headers": {"ETag": header("ETag")},
            }
        }
        | problems(400, "malformed_path", 404, 503),
        "openapi_extra": {"security": needs("read")},
    }


def concluding() -> Described:
    """Of `POST /v1/incidents/{code}/conclude`."""
    put = {"type": "array", "items": schema("RestrictionPut"), "maxItems": MAX_MEASURES}
    told = Conclusion.model_json_schema()["properties"]["restrictions"].get("description")
    return {
        "operation_id": "conclude_incident",
        "summary": "Conclude an incident: the finding, with bans and suspensions",
        "description": "All in one revision or none of it: the conclusion, the restrictions, and the status `suspended` of the "
        "certificates. Whoever asks next is answered by it. An incident is concluded once; what is found out later is written "
        "by itself.",
        "responses": {200: record(INCIDENT, "The incident, concluded.")}
        | _acting(
            "malformed_path",
            404,
            412,
            *_SENT,
            ("unknown_reference", 422),
            "duplicate_code",
            "too_many_items",
            "code_taken",
            "certificate_revoked",
            "incident_concluded",
            *faults(KINDS["restriction"]),
            ("write_refused", 409),
        ),
        "openapi_extra": {
            "security": needs("maintain"),
            "parameters": [parameter("If-Match")],
            **_form(Conclusion, _CONCLUSION, restrictions=put | {"description": told}),
        },
    }


def _acting(*codes: str | int | tuple[str, int]) -> Responses:
    many = [(code, 422) for code in MANY]
    told = [(code, 422) if code in _SENT else code for code in codes]
    return problems(400, *WRITING, *BODY, ("idempotency_key_reused", 422), *told, *many)


def _form(model: type[Form], example: dict[str, Any], **instead: Any) -> Described:
    """The fields of a form as OpenAPI has them, null among the types of what may be left out."""
    whole = model.model_json_schema()
    properties = {}
    for name, told in (whole["properties"] | instead).items():
        shape = {key: value for key, value in told.items() if key not in ("title", "default", "anyOf")}
        shape |= next((part for part in told.get("anyOf", ()) if part != {"type": "null"}), {})
        properties[name] = shape if name in whole["required"] else shape | {"type": [shape["type"], "null"]}
    sent = {"type": "object", "description": model.__doc__, "properties": properties, "required": whole["required"]}
    return body(True, **{JSON: {"schema": sent | {"additionalProperties": False, "examples": [example]}}})
