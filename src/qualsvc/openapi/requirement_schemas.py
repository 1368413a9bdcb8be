"""The shape of a requirement; `kernel.requirement_reader` is what reads one."""

from typing import Any

from qualsvc.http.declared import schema

Schema = dict[str, Any]


def _list(description: str) -> Schema:
    return {"type": "array", "minItems": 1, "items": schema("Requirement"), "description": description}


def _object(description: str, required: list[str], properties: dict[str, Schema], **more: Any) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": required,
        "properties": properties,
        "additionalProperties": False,
        **more,
    }


def _nullable(kind: str, description: str, **more: Any) -> Schema:
    return {"type": [kind, "null"], "description": description, **more}


_CERTIFICATE = _object(
    "What a certificate must be to count on a day, besides being in date, reviewed and of status `valid`.",
    ["type"],
    {
        "type": {"type": "string", "description": "Code of the certificate type; its `equivalents` count as well."},
        "min_level": _nullable("string", "One of the type's `levels`: this one or higher. Null: any, none too."),
        "scope": _nullable("string", "Must be among the certificate's `scopes`. Null: asks nothing."),
        "verified": _nullable("boolean", "True: only a verified certificate counts."),
        "covers": {
            "type": ["array", "null"],
            "items": {"type": "string"},
            "description": "Names of the equipment's `ratings`; the certificate's `limits` of these names must reach each.",
        },
    },
    examples=[{"type": "IA-CRANE", "min_level": "senior", "scope": "gantry", "verified": False, "covers": ["lifting_t"]}],
)
_TRAINING = _object(
    "What a training record must be to count on a day: passed, with no later failure of the course.",
    ["course"],
    {
        "course": {"type": "string", "description": "Code of the course."},
        "within_days": _nullable(
            "integer", "Days it counts after `completed_on`, inclusive. Null: it never lapses.", minimum=0, maximum=10_000_000
        ),
        "min_score": _nullable("number", "Least score, in the unit of the plant's records.", minimum=-1e15, maximum=1e15),
        "min_hours": _nullable("number", "Least time attended, in hours.", minimum=-1e15, maximum=1e15),
        "min_attendance": _nullable("number", "Least share attended, 0 to 1.", minimum=0, maximum=1),
    },
    examples=[{"course": "ANNUAL-40H", "within_days": 365, "min_score": 80, "min_hours": 40, "min_attendance": 0.9}],
)
_CRANE = {"certificate": {"type": "tsg-z6001-2019:Q2", "verified": True}}
_FIT = {"certificate": {"type": "MED-DRIVER"}}
_INDUCTED = {"training": {"course": "INDUCTION-NGB", "within_days": 365}}

FORMS = {
    "AllOfRequirement": _object(
        "Every one of these.", ["all"], {"all": _list("The requirements.")}, examples=[{"all": [_CRANE, _FIT]}]
    ),
    "AnyOfRequirement": _object(
        "Any one of these.", ["any"], {"any": _list("The requirements.")}, examples=[{"any": [_CRANE, _FIT]}]
    ),
    "AtLeastRequirement": _object(
        "At least so many of these.",
        ["at_least", "of"],
        {
            "at_least": {"type": "integer", "minimum": 1, "description": "How many: at most the length of `of`."},
            "of": _list("The requirements."),
        },
        examples=[{"at_least": 2, "of": [_CRANE, _FIT, _INDUCTED]}],
    ),
    "CertificateRequirement": _object(
        "A certificate that counts.",
        ["certificate"],
        {"certificate": schema("CertificateAsked") | {"description": "Which."}},
        examples=[_CRANE],
    ),
    "TrainingRequirement": _object(
        "A training record that counts.",
        ["training"],
        {"training": schema("TrainingAsked") | {"description": "Which."}},
        examples=[_INDUCTED],
    ),
}
REQUIREMENT_SCHEMAS: dict[str, Schema] = {
    "Requirement": {
        "description": "What a person must bring: one of five forms; at most 8 deep (a leaf alone is 1), at most 200 parts.",
        "oneOf": [schema(name) for name in FORMS],
        "examples": [{"all": [_CRANE, _FIT]}],
    },
    **FORMS,
    "CertificateAsked": _CERTIFICATE,
    "TrainingAsked": _TRAINING,
}
