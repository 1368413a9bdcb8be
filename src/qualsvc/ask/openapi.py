"""The ask path's entries in the OpenAPI document: declared, since no framework serves it."""

from collections.abc import Callable
from typing import Any, get_args

from qualsvc.ask.endpoint import BATCH_PATH, MAX_QUESTIONS, PATH
from qualsvc.kernel.reasons import ReasonCode

Document = dict[str, Any]

_INSTANT = {"type": "string", "format": "date-time", "examples": ["2026-11-21T03:30:00Z"]}
_NULLABLE_INSTANT = {"anyOf": [_INSTANT, {"type": "null"}]}


def _code(description: str, example: str) -> Document:
    return {"type": "string", "description": description, "examples": [example]}


_PARAMETERS: dict[str, Document] = {
    "person": _code("code of the person; or give `badge`", "E1001"),
    "badge": _code("what the card reader read, instead of `person`", "0004711234"),
    "equipment": _code("code of the equipment", "BC-02"),
    "process": _code("code of the process", "LIFT"),
    "at": {**_INSTANT, "description": "another instant than now; needs a key with the scope `ask:at`"},
    "until": {**_INSTANT, "description": "ask about all of `[at, until)`, a whole shift for instance"},
    "supervisor": _code("code of the person who supervises", "E1092"),
    "confirmed_by": _code("code of the person who confirms", "E1091"),
    "purpose": {"type": "string", "maxLength": 64, "description": "free word, logged: unlock, schedule, query …"},
    "min_revision": {"type": "integer", "minimum": 0, "description": "wait up to 200 ms for this revision, else 503"},
    "lang": {"type": "string", "enum": ["en", "zh-CN"], "default": "en", "description": "language of messages and remedies"},
}

_REASON: Document = {
    "type": "object",
    "required": ["code", "message", "remedy"],
    "properties": {
        "code": {"type": "string", "enum": list(get_args(ReasonCode)), "description": "stable; more may be added"},
        "rule": {"type": "string"},
        "requirement": {"type": "string", "description": "the part of the requirement, in words"},
        "certificate": {"type": "string"},
        "training_record": {"type": "string"},
        "position": {"type": "string"},
        "company": {"type": "string"},
        "restriction": {"type": "string"},
        "waiver": {"type": "string"},
        "subject": {"type": "string", "description": "code of the person, equipment or process the reason is about"},
        "since": _INSTANT,
        "until": _INSTANT,
        "message": {"type": "string"},
        "remedy": {"type": "string", "description": "what would fix it"},
        "causes": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
    },
}
_ANSWER: Document = {
    "type": "object",
    "required": [
        *("decision", "allowed", "person", "equipment", "process", "at", "asked_at", "valid_until", "recheck_by"),
        *("obligations", "reasons", "revision", "decision_id"),
    ],
    "properties": {
        "decision": {"type": "string", "enum": ["allow", "conditional", "deny"]},
        "allowed": {"type": "boolean", "description": "true only for `allow`"},
        "person": {"type": ["string", "null"], "description": "null when a badge is nobody's"},
        "equipment": {"type": "string"},
        "process": {"type": "string"},
        "at": _INSTANT,
        "asked_at": _INSTANT,
        "valid_until": {
            **_NULLABLE_INSTANT,
            "description": "first later instant with another answer, by the facts of `revision`",
        },
        "recheck_by": {**_NULLABLE_INSTANT, "description": "act on nothing after this; null when `at` was given"},
        "worst_from": {**_INSTANT, "description": "with `until`: first instant of the window that has this decision"},
        "obligations": {
            "type": "array",
            "description": "of a conditional answer: each list is one way to make it an allow",
            "items": {"type": "array", "items": {"type": "string", "enum": ["confirmation", "supervisor_present"]}},
        },
        "reasons": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
        "revision": {"type": "integer"},
        "decision_id": {"type": "string", "description": "under which the answer is on record"},
    },
}
_PROBLEM: Document = {
    "type": "object",
    "description": "RFC 9457 problem; to a controller any of them means: not allowed",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "stable"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "line": {"type": "integer"},
                },
            },
        },
    },
}
_QUESTION: Document = {
    "type": "object",
    "required": ["equipment", "process"],
    "additionalProperties": False,
    "properties": _PARAMETERS,
}
_BATCH: Document = {
    "type": "object",
    "required": ["questions"],
    "additionalProperties": False,
    "properties": {
        "questions": {"type": "array", "maxItems": MAX_QUESTIONS, "items": {"$ref": "#/components/schemas/Question"}}
    },
}
_BATCH_ANSWER: Document = {
    "type": "object",
    "required": ["revision", "decisions"],
    "properties": {
        "revision": {"type": "integer", "description": "the lowest any of the answers belongs to"},
        "decisions": {"type": "array", "items": {"$ref": "#/components/schemas/Answer"}},
    },
}
_REFUSALS = {
    "400": "malformed, missing, repeated or unknown parameter",
    "401": "no valid API key",
    "403": "the key lacks the scope `ask`, or `ask:at` to choose the instant",
    "503": "`stale`, `clock_skew` or `audit_unavailable`: no answer can be vouched for now",
}
_BODY_REFUSALS = {"413": "the body is too long", "415": "the body is not `application/json`"}
_WARNING = "Any other status than 200 means: not allowed. Never ask for emergency egress or to stop a machine (ISO 13850)."


def with_ask_paths(openapi: Callable[[], Document]) -> Callable[[], Document]:
    """The framework's document, with the ask path in it."""

    def document() -> Document:
        whole = openapi()
        if PATH not in whole["paths"]:
            whole["paths"] = {PATH: _single_path(), BATCH_PATH: _batch_path(), **whole["paths"]}
            components = whole.setdefault("components", {})
            components.setdefault("schemas", {}).update(
                {
                    "Question": _QUESTION,
                    "Answer": _ANSWER,
                    "Reason": _REASON,
                    "Problem": _PROBLEM,
                    "Batch": _BATCH,
                    "BatchAnswer": _BATCH_ANSWER,
                }
            )
            components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            whole["security"] = [{"key": []}]
        return whole

    return document


def _single_path() -> Document:
    required = {"equipment", "process"}
    parameters = [
        {"name": name, "in": "query", "required": name in required, "schema": schema} for name, schema in _PARAMETERS.items()
    ]
    summary = "May this person operate this equipment for this process, why, and until when?"
    return {
        "get": _operation("can_operate", summary, "Answer", _REFUSALS) | {"parameters": parameters},
        "post": _operation("can_operate_post", f"{summary} The question as JSON", "Answer", _REFUSALS | _BODY_REFUSALS)
        | {"requestBody": _body("Question")},
    }


def _batch_path() -> Document:
    operation = _operation("can_operate_batch", "Many questions at once", "BatchAnswer", _REFUSALS | _BODY_REFUSALS)
    return {"post": operation | {"requestBody": _body("Batch")}}


def _operation(name: str, summary: str, answer: str, refusals: dict[str, str]) -> Document:
    answers: Document = {"200": {"description": "an answer, deny included", "content": _content(answer)}}
    for status, description in refusals.items():
        problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        answers[status] = {"description": description, "content": problem}
    return {"operationId": name, "tags": ["ask"], "summary": summary, "description": _WARNING, "responses": answers}


def _body(schema: str) -> Document:
    return {"required": True, "content": _content(schema)}


def _content(schema: str) -> Document:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
