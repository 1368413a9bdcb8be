"""The shape of a requirement as the OpenAPI document tells it; `kernel.requirement_reader` is what reads one."""

from typing import Any

Schema = dict[str, Any]

_AGAIN: Schema = {"type": "object", "description": "a requirement again, of any of the five forms"}
_LIST: Schema = {"type": "array", "minItems": 1, "items": _AGAIN}


def _nullable(kind: str, description: str, **more: Any) -> Schema:
    return {"type": [kind, "null"], "description": description, **more}


def _form(description: str, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_CERTIFICATE: Schema = {
    "type": "object",
    "required": ["type"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "description": "code of the certificate type; its `equivalents` count as well"},
        "min_level": _nullable("string", "one of the type's `levels`; this one or higher"),
        "scope": _nullable("string", "must be among the certificate's `scopes`"),
        "verified": _nullable("boolean", "true: only a verified certificate counts"),
        "covers": {
            "type": ["array", "null"],
            "items": {"type": "string"},
            "description": "names of the equipment's `ratings`; the certificate's `limits` must reach each",
        },
    },
}
_TRAINING: Schema = {
    "type": "object",
    "required": ["course"],
    "additionalProperties": False,
    "properties": {
        "course": {"type": "string", "description": "code of the course; a passed record with no later failure counts"},
        "within_days": _nullable("integer", "days a record counts after `completed_on`; null: it never lapses", minimum=0),
        "min_score": _nullable("number", "least score, in the unit of the records"),
        "min_hours": _nullable("number", "least hours"),
        "min_attendance": _nullable("number", "least attendance", minimum=0, maximum=1),
    },
}

REQUIREMENT_SCHEMA: Schema = {
    "type": "object",
    "description": "what a person must bring; at most 8 deep (a leaf alone is 1) and 200 parts; null keys ask nothing",
    "oneOf": [
        _form("every one of these", all=_LIST),
        _form("any one of these", any=_LIST),
        _form("at least so many of these", at_least={"type": "integer", "minimum": 1}, of=_LIST),
        _form("a certificate that counts on the day", certificate=_CERTIFICATE),
        _form("a training record that counts on the day", training=_TRAINING),
    ],
    "examples": [
        {
            "all": [
                {"certificate": {"type": "tsg-z6001-2019:N1", "verified": True, "covers": ["capacity_t"]}},
                {"training": {"course": "SITE-INDUCTION", "within_days": 365}},
            ]
        }
    ],
}
