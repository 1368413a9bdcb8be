"""The schemas of questions and answers; `ask.asked` reads the former, `ask.decision_point` writes the latter."""

from typing import Any, get_args

from qualsvc.ask.asked import MAX_PURPOSE, MAX_TEXT
from qualsvc.ask.endpoint import MAX_QUESTIONS
from qualsvc.http.codes import CODES
from qualsvc.http.declared import schema
from qualsvc.kernel.states import Decision
from qualsvc.openapi.reasons import reason_code_schema
from qualsvc.openapi.requirement_schemas import Schema


def _text(description: str, example: str, longest: int = MAX_TEXT) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "description": description, "examples": [example]}


def _instant(description: str, example: str, *, null: bool = False) -> Schema:
    kind = ["string", "null"] if null else "string"
    return {"type": kind, "format": "date-time", "description": description, "examples": [example]}


def _code(description: str, example: str) -> Schema:
    return {"type": "string", "description": description, "examples": [example]}


def _object(description: str, required: list[str], properties: dict[str, Schema], **more: Any) -> Schema:
    return {"type": "object", "description": description, "required": required, "properties": properties} | more


ASKED: dict[str, Schema] = {
    "person": _text("Code of the person; or give `badge`.", "E1001"),
    "badge": _text("What the card reader read, instead of `person`.", "BADGE-E1001"),
    "equipment": _text("Code of the equipment.", "BC-02"),
    "process": _text("Code of the process.", "LIFT"),
    "at": _instant(
        "Another instant than now, RFC 3339 with an offset, by the facts of the revision answered from. Needs scope `ask:at`.",
        "2026-11-23T06:00:00+08:00",
    ),
    "until": _instant(
        "Asks about all of `[at, until)`, a whole shift for instance; must be after `at`.", "2026-11-23T14:00:00+08:00"
    ),
    "known_at": _instant(
        "Answers with the facts recorded by this instant, which must have passed; `at` is then this instant when left out. "
        "Needs scope `ask:at`; not in a batch.",
        "2026-11-20T23:15:00+08:00",
    ),
    "supervisor": _text("Code of the person who supervises, present at the work.", "E1092"),
    "confirmed_by": _text("Code of the person who has confirmed this work.", "E1091"),
    "purpose": _text("Free word, logged and counted: unlock, schedule, query …", "unlock", MAX_PURPOSE),
    "min_revision": {
        "type": "integer",
        "minimum": 0,
        "maximum": 10**18 - 1,
        "description": "Waits up to 200 ms until the facts of this revision are here, else 503 `stale`: the `Revision` of a "
        "write that the answer must reflect. With `known_at` it asks for no more than that they are here.",
        "examples": [3],
    },
    "lang": {
        **schema("Language"),
        "default": "en",
        "description": "Language of messages and remedies; `zh` is `zh-CN`.",
        "examples": ["zh-CN"],
    },
}
"""Every parameter of a question, by name."""

_REASON = _object(
    "One cause or remark, by codes of records; fields that do not apply are absent.",
    ["code", "message", "remedy"],
    {
        "code": schema("ReasonCode") | {"description": "What is the matter."},
        "rule": _code("Code of the rule that asks for it.", "CRANE-NGB"),
        "requirement": _code("The part of the requirement, in words.", "certificate tsg-z6001-2019:Q2 verified"),
        "certificate": _code("Code of the certificate.", "E1003-Q2"),
        "training_record": _code("Code of the training record.", "E1012-REACH"),
        "position": _code("Code of the position.", "CRANE-DRIVER"),
        "company": _code("Code of the company.", "YONGAN"),
        "restriction": _code("Code of the restriction.", "BAN-3013"),
        "waiver": _code("Code of the waiver.", "W-REACH-1012"),
        "subject": _code("Code of the person, equipment or process it is about.", "BC-04"),
        "since": _instant("First instant from which it is so.", "2026-08-21T16:00:00Z"),
        "until": _instant("First instant from which it is no longer so.", "2026-12-20T16:00:00Z"),
        "message": _code("What is the matter, for a person, in the language asked for.", "certificate E1003-Q2 expired"),
        "remedy": _code("What would fix it, for a person.", "renew the certificate and record the new date"),
        "causes": {
            "type": "array",
            "items": schema("Reason"),
            "description": "What a waiver or monitoring lifts, a recommendation misses, or a supervisor or confirmer lacks.",
        },
    },
)
_ANSWER = _object(
    "The answer to one question. A controller acts on `allowed` alone, and on nothing after `recheck_by`.",
    [
        *("decision", "allowed", "person", "equipment", "process", "at", "asked_at", "valid_until", "recheck_by"),
        *("obligations", "reasons", "revision", "data_age_ms", "decision_id"),
    ],
    {
        "decision": schema("Decision")
        | {"description": "`conditional`: allowed once one of `obligations` is met and named in the question."},
        "allowed": {"type": "boolean", "description": "True only for `allow`."},
        "person": {"type": ["string", "null"], "description": "Code of the person; null when the badge is nobody's."},
        "equipment": {"type": "string", "description": "Code of the equipment, as asked."},
        "process": {"type": "string", "description": "Code of the process, as asked."},
        "at": _instant("The instant asked about, in UTC.", "2026-11-21T03:30:00.000214Z"),
        "asked_at": _instant("The instant it was asked, in UTC.", "2026-11-21T03:30:00.000214Z"),
        "valid_until": _instant(
            "First later instant with another decision or other obligations, by the facts of `revision`: for planning, not for "
            "holding a gate open. Null: none.",
            "2026-12-20T16:00:00Z",
            null=True,
        ),
        "recheck_by": _instant(
            "Nothing may act on this answer from then on: `valid_until`, or `QUALSVC_MAX_ANSWER_AGE_S` (300) seconds after "
            "`asked_at` if that is earlier. Null when `at` or `known_at` was given: then nothing may act on it at all.",
            "2026-11-21T03:35:00.000214Z",
            null=True,
        ),
        "known_at": _instant(
            "With `known_at` only: the instant by which the facts answered from were recorded, in UTC.",
            "2026-11-20T15:15:00Z",
        ),
        "reconstructed": {
            "type": "boolean",
            "const": True,
            "description": "With `known_at` only: told from the change log, and nothing to act on.",
            "examples": [True],
        },
        "worst_from": _instant(
            "With `until` only: first instant of the window that has this decision.", "2026-11-23T03:30:00Z"
        ),
        "obligations": {
            "type": "array",
            "description": "Of a conditional answer: each list is one way to make it an allow, all of it to be met.",
            "items": {"type": "array", "items": schema("Obligation")},
            "examples": [[["supervisor_present"]]],
        },
        "reasons": {
            "type": "array",
            "items": schema("Reason"),
            "description": "Every cause, not only the first; remarks last.",
        },
        "revision": {"type": "integer", "description": "Revision of the facts answered from."},
        "data_age_ms": {
            "type": "integer",
            "minimum": 0,
            "description": "Milliseconds since these facts were known to be all there is; past the lease it is 503.",
        },
        "decision_id": {"type": "string", "description": "Under which the answer is on record, with who asked what."},
    },
)
_PROBLEM = _object(
    "RFC 9457 problem; to a controller any of them means: not allowed.",
    ["type", "title", "status", "detail", "code", "errors"],
    {
        "type": {"type": "string", "format": "uri", "description": "`urn:qualsvc:problem:` and the code."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What is the matter, for a person."},
        "code": schema("ProblemCode") | {"description": "What is the matter, for a program."},
        "errors": {"type": "array", "items": schema("FieldError"), "description": "Each fault by its place; may be empty."},
    },
)
_FIELD_ERROR = _object(
    "One fault.",
    ["pointer", "code", "message"],
    {
        "pointer": {
            "type": "string",
            "description": "JSON pointer into the body; `?name` for a parameter of the query, the name for a header.",
        },
        "code": schema("ProblemCode") | {"description": "What is the matter, for a program."},
        "message": {"type": "string", "description": "What is the matter and what to do, for a person."},
        "line": {"type": "integer", "minimum": 1, "description": "Line of a bulk request, counted from 1.", "examples": [2]},
    },
)
_BATCH = _object(
    "Questions to be answered together.",
    ["questions"],
    {
        "questions": {
            "type": "array",
            "maxItems": MAX_QUESTIONS,
            "items": schema("Question"),
            "description": "Up to 10,000; one that is malformed makes the whole 400, naming each by its index.",
        }
    },
    additionalProperties=False,
)
_BATCH_ANSWER = _object(
    "The answers to a batch.",
    ["revision", "decisions"],
    {
        "revision": {"type": "integer", "description": "The lowest revision any of the answers belongs to."},
        "decisions": {"type": "array", "items": schema("Answer"), "description": "The answers, in the order of the questions."},
    },
)


def _optional(shape: Schema) -> Schema:
    """As a JSON body may leave it out, by null too. Its default is not said again: generators would take it for required."""
    shape = {key: value for key, value in shape.items() if key != "default"}
    if "$ref" in shape:
        rest = {key: value for key, value in shape.items() if key != "$ref"}
        return {"anyOf": [{"$ref": shape["$ref"]}, {"type": "null"}]} | rest
    return shape | {"type": [shape["type"], "null"]}


def _problem_code() -> Schema:
    table = "\n".join(
        f"| `{code}` | {', '.join(map(str, told.statuses))} | {told.meaning}; {told.remedy} |" for code, told in CODES.items()
    )
    return {
        "type": "string",
        "description": "Stable: more may be added, none changes its meaning. See also `docs/errors.md`.\n\n"
        f"| code | status | meaning; what to do |\n|---|---|---|\n{table}",
        "x-extensible-enum": list(CODES),
        "examples": ["unknown_reference"],
    }


def ask_schemas() -> dict[str, Schema]:
    """Every schema of the ask path, and of problems, by name."""
    required = ["equipment", "process"]
    asked = {name: shape if name in required else _optional(shape) for name, shape in ASKED.items()}
    return {
        "Question": _object(
            "A question, with `person` or `badge`. Null is the same as left out.", required, asked, additionalProperties=False
        ),
        "Language": {
            "type": "string",
            "enum": ["en", "zh-CN", "zh"],
            "description": "English or Simplified Chinese; `zh` is `zh-CN`.",
            "examples": ["zh-CN"],
        },
        "Answer": _ANSWER,
        "Decision": {
            "type": "string",
            "enum": list(get_args(Decision)),
            "description": "Yes; yes, if; no.",
            "examples": ["conditional"],
        },
        "Obligation": {
            "type": "string",
            "enum": ["confirmation", "supervisor_present"],
            "description": "What is to be done so that a conditional answer becomes an allow: name who confirms or supervises.",
            "examples": ["supervisor_present"],
        },
        "Reason": _REASON,
        "ReasonCode": reason_code_schema(),
        "Batch": _BATCH,
        "BatchAnswer": _BATCH_ANSWER,
        "Problem": _PROBLEM,
        "ProblemCode": _problem_code(),
        "FieldError": _FIELD_ERROR,
    }
