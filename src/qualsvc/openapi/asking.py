"""The ask path's entries in the document: declared, since no framework serves it."""

from typing import Any

from qualsvc.ask.endpoint import BATCH_PATH, PATH
from qualsvc.http.bodies import JSON
from qualsvc.http.declared import Responses, content, header, needs, problem, schema
from qualsvc.openapi.ask_schemas import ASKED
from qualsvc.openapi.sampled import answers, question, story

_SUMMARY = "May this person operate this equipment for this process, why, and until when?"
_WARNING = (
    "Any other status than 200 means: not allowed. Never ask for emergency egress, to stop a machine, or to finish a lift "
    "already begun (ISO 13850). Unknown persons, badges, equipment and processes are answered too: with deny, and why."
)
_SHOWN = ("allowed", "expired", "trainee_alone", "trainee_supervised", "waived")
_MALFORMED = ("malformed", "missing", "repeated", "unknown", "bad_instant", "not_after_at", "badge_with_person")
_ALONE = (*_MALFORMED, "in_future", "before_log")
_UNREADABLE = ("malformed_json", "incomplete_body")


def ask_paths() -> dict[str, Any]:
    """The paths of single questions and of batches."""
    parameters = [
        {
            "name": name,
            "in": "query",
            "required": name in ("equipment", "process"),
            "description": shape["description"],
            "schema": {key: value for key, value in shape.items() if key != "description"},
        }
        for name, shape in ASKED.items()
    ]
    asked = {outcome: question(outcome, purpose="unlock") for outcome in _SHOWN}
    answered = dict(zip(asked, answers(*asked.values()), strict=True))
    return {
        PATH: {
            "get": _operation("can_operate", _SUMMARY, "Answer", _examples(answered), _ALONE) | {"parameters": parameters},
            "post": _operation("can_operate_post", f"{_SUMMARY} (JSON)", "Answer", _examples(answered), (*_ALONE, *_UNREADABLE))
            | _body("Question", _examples(asked)),
        },
        BATCH_PATH: {
            "post": _operation(
                "can_operate_batch",
                "Many questions at once",
                "BatchAnswer",
                None,
                (*_MALFORMED, "not_in_batch", "too_many_questions", *_UNREADABLE),
                "Up to 10,000 questions about one or many instants. A batch never holds single questions up. ",
            )
            | _body("Batch", None)
        },
    }


def _examples(by_outcome: dict[str, Any]) -> dict[str, Any]:
    return {outcome: {"summary": story(outcome), "value": value} for outcome, value in by_outcome.items()}


def _operation(
    name: str, summary: str, answer: str, shown: dict[str, Any] | None, malformed: tuple[str, ...], more: str = ""
) -> dict[str, Any]:
    reading_a_body = "malformed_json" in malformed
    recalling = "before_log" in malformed
    told = ", or what was known by `known_at`," if recalling else ""
    responses: Responses = {
        200: {
            "description": "An answer, deny included.",
            "headers": {"Cache-Control": header("Cache-Control")},
            **content(JSON, schema(answer), **({"examples": shown} if shown else {})),
        },
        400: problem(400, *malformed),
        401: problem(401, "unauthorized"),
        403: problem(403, "scope_missing"),
        **({413: problem(413, "body_too_large"), 415: problem(415, "unsupported_media_type")} if reading_a_body else {}),
        429: problem(429, "too_many_requests"),
        500: problem(500, "internal"),
        503: problem(503, "stale", "clock_skew", "audit_unavailable", *(("database_unavailable", "busy") if recalling else ())),
    }
    return {
        "operationId": name,
        "tags": ["ask"],
        "summary": summary,
        "description": f"{more}{_WARNING}\n\nTo choose the instant by `at`{told} the key needs the scope `ask:at`.",
        "security": needs("ask"),
        "responses": {str(status): response for status, response in responses.items()},
    }


def _body(name: str, shown: dict[str, Any] | None) -> dict[str, Any]:
    return {"requestBody": {"required": True, **content(JSON, schema(name), **({"examples": shown} if shown else {}))}}
