"""The schemas of each kind: as it is read, put, patched and listed.

What is read is whole: every field is there. What is put may leave out, or give as null, all that has a default. A patch may
leave out anything; null gives the default again, and inside a map takes the key away.
"""

from collections.abc import Sequence
from inspect import cleandoc
from typing import Any, get_args

from qualsvc.http.declared import schema
from qualsvc.openapi.requirement_schemas import Schema
from qualsvc.openapi.sampled import chosen, plant
from qualsvc.records.documents import Document
from qualsvc.records.kinds import INCIDENT, RECORD_KINDS, Kind
from qualsvc.registry.cursors import cursor_after
from qualsvc.registry.lists import enumerations
from qualsvc.registry.states_described import LASTING
from qualsvc.store.conditions import Condition

_ORDER = ("$ref", "anyOf", "type", "format")
_LAST = ("description", "examples")
_UNUSED: dict[tuple[str, str], Any] = {
    ("person", "id_number"): "000000200001010000",
    ("certificate", "attributes"): {"locker": "NGB-EHS 14", "pages": 2},
    ("certificate_type", "equivalents"): ["tsg-z6001-2019:Q2"],
    ("rule", "equipment"): "BC-02",
    ("rule", "effective_until"): "2027-12-31T16:00:00Z",
    ("restriction", "site"): "HAM",
    ("restriction", "equipment"): "FL-H1",
    ("restriction", "process"): "LOADING",
    ("waiver", "process"): "LOADING",
    ("site_stay", "valid_until"): "2026-11-21T09:30:00Z",
}
"""Examples of fields that the sample plant does not use."""

_PATCHED: dict[str, Document] = {
    "site": {"name": "宁波制造基地 / Ningbo works"},
    "company": {"status": "suspended"},
    "person": {"org_unit": "NGB-LOG", "phone": None},
    "equipment": {"status": "locked_out", "ratings": {"lifting_t": 16}},
    "certificate": {"status": "suspended"},
    "rule": {"effective_until": "2027-12-31T16:00:00Z"},
    "assignment": {"valid_until": "2026-11-30T16:00:00Z"},
    "site_stay": {"valid_until": "2026-11-21T09:30:00Z"},
}
"""What the example of a patch changes; of the other kinds the last field that is not null."""

_CONDITION: Schema = {
    **schema("CertificateCondition"),
    "readOnly": True,
    "description": "Derived when reading, for people; no decision looks at it: `expired` and `review_overdue` by the date "
    "today at the site of the person, `expiring` within the longest of its type's `warning_days`, else its status.",
    "examples": ["expiring"],
}


def record_schemas() -> dict[str, Schema]:
    """Every schema of every kind, by name."""
    found: dict[str, Schema] = {
        "CertificateCondition": _enumeration(get_args(Condition), "What a certificate is good for today."),
    }
    for kind in RECORD_KINDS:
        name = kind.model.__name__
        for field, values in enumerations(kind).items():
            told = kind.model.model_json_schema()["properties"][field]["description"]
            found[_enumeration_name(kind, field)] = _enumeration(values, told)
        found[name] = read_schema(kind)
        if kind.name == "rule":
            found[f"{name}Written"] = _with_warnings(found[name])
        if kind.name in LASTING:
            found[f"{name}Then"] = _with_in_force(found[name])
        found[f"{name}Put"] = _put_schema(kind)
        found[f"{name}Patch"] = _patch_schema(kind)
        found[f"{name}List"] = _list_schema(kind)
    name = INCIDENT.model.__name__
    found[name], found[f"{name}List"] = read_schema(INCIDENT), _list_schema(INCIDENT)
    found[f"{name}File"] = _with_evidence(found[name])
    return found


def shown(kind: Kind) -> list[Document]:
    """The records of a kind as they are read, the chosen one first."""
    listed = plant()[kind.name]
    if kind.name == "certificate":  # the chosen one has 29 days left, its type warns 90 days before
        return [document | {"condition": "expiring" if document is listed[0] else "valid"} for document in listed]
    return list(listed)


def read_schema(kind: Kind) -> Schema:
    """A record as it is read: every field, but for those of ours that are not used."""
    properties = {name: _property(kind, name) for name in kind.fields}
    for name in kind.optional:
        properties[name] = _without_null(properties[name])
    if kind.name == "person":
        named = properties["name"]
        properties["name"] = _or_null(named) | {"description": f"{named['description']} Null: erased."}
    if kind.name == "certificate":
        properties["condition"] = _CONDITION
    required = [name for name in properties if name not in kind.optional]
    return _object(kind.model.__doc__ or "", properties, required, shown(kind)[0])


def _put_schema(kind: Kind) -> Schema:
    fields = kind.model.__pydantic_fields__
    properties = {name: _property(kind, name) for name in kind.fields}
    for name, field in fields.items():
        if not field.is_required():
            properties[name] = _or_null(properties[name])
    code = properties["code"]
    properties["code"] = _or_null({**code, "description": "The code of the path; may be left out."})
    required = [name for name, field in fields.items() if field.is_required() and name != "code"]
    document = {name: value for name, value in _written(kind).items() if name != "code"}
    return _object(
        f"{_said(kind)} as PUT takes it: fields left out or null have their defaults.", properties, required, document
    )


def _patch_schema(kind: Kind) -> Schema:
    properties = {}
    for name, field in kind.model.__pydantic_fields__.items():
        shape = _property(kind, name)
        if name in kind.requirements:
            description = f"{shape['description']} Merged key by key, then read as a whole."
            shape = {"type": "object", "description": description, "examples": shape["examples"]}
        elif "additionalProperties" in shape:
            shape = shape | {"additionalProperties": _or_null(shape["additionalProperties"])}
        properties[name] = shape if field.is_required() else _or_null(shape)
    description = f"A merge patch of a {kind.name.replace('_', ' ')}: what is left out stays, null gives the default again."
    written = chosen(kind)
    last = next(name for name in reversed(kind.fields) if written.get(name) not in (None, [], {}))
    return _object(description, properties, [], _PATCHED.get(kind.name, {last: written[last]}))


def _list_schema(kind: Kind) -> Schema:
    first = sorted(shown(kind)[:2], key=lambda document: str(document["code"]))
    return {
        "type": "object",
        "description": f"A page of {kind.path.replace('-', ' ')}, in the order of their codes.",
        "properties": {
            "items": {"type": "array", "items": schema(kind.model.__name__), "description": "The records."},
            "next_cursor": {
                "type": ["string", "null"],
                "description": "Ask on with it as `cursor`; null on the last page.",
                "examples": [cursor_after(kind, first[-1]["code"])],
            },
        },
        "required": ["items", "next_cursor"],
        "additionalProperties": False,
        "examples": [{"items": first, "next_cursor": cursor_after(kind, first[-1]["code"])}],
    }


def _with_warnings(read: Schema) -> Schema:
    warnings = {
        "type": "array",
        "items": schema("RuleWarning"),
        "description": "What its author should know; nothing is refused for it. Absent where the facts here are not fresh.",
    }
    return read | {
        "description": "A rule just written, with what its author should know of it.",
        "properties": read["properties"] | {"warnings": warnings},
    }


def _with_in_force(read: Schema) -> Schema:
    told = {"type": "boolean", "description": "Whether `at` lies in `[valid_from, valid_until)`."}
    (example,) = read["examples"]
    return read | {
        "description": "As it was known then, and whether it was in force.",
        "properties": read["properties"] | {"in_force": told | {"examples": [True]}},
        "required": [*read["required"], "in_force"],
        "examples": [example | {"in_force": True}],
    }


def _with_evidence(read: Schema) -> Schema:
    told = {"decisions": ("DecisionRecord", "The answers, oldest first."), "states": ("PersonState", "The persons, by code.")}
    evidence = {name: {"type": "array", "items": schema(item), "description": said} for name, (item, said) in told.items()}
    shape = {key: value for key, value in read.items() if key != "examples"}
    return shape | {
        "description": "An incident with all that was frozen for it.",
        "properties": read["properties"] | evidence,
        "required": [*read["required"], *evidence],
    }


def _written(kind: Kind) -> Document:
    """A record as somebody who is no admin may put it: a waiver that is asked for."""
    if kind.name == "waiver":
        waiver = next(each for each in plant()["waiver"] if each["status"] == "requested")
        return {name: value for name, value in waiver.items() if name not in ("requested_by", "approved_by")}
    return chosen(kind)


def _property(kind: Kind, name: str) -> Schema:
    """One field, its null folded into its type, with an example of the plant."""
    told = kind.model.model_json_schema()["properties"][name]
    shape = {key: value for key, value in told.items() if key not in ("title", "default")}
    if parts := shape.pop("anyOf", None):
        (other,) = [part for part in parts if part != {"type": "null"}]
        shape = _or_null(other) | shape
    if name in enumerations(kind):
        shape = schema(_enumeration_name(kind, name)) | {"description": shape["description"]}
    elif name in kind.requirements:
        shape = schema("Requirement") | {"description": shape["description"]}
        shape = shape if kind.model.__pydantic_fields__[name].is_required() else _or_null(shape)
    example = next((each[name] for each in plant()[kind.name] if each.get(name) not in (None, [], {})), None)
    shape["examples"] = [_UNUSED[kind.name, name] if example is None else example]
    return {key: shape[key] for key in sorted(shape, key=_place)}


def _or_null(shape: Schema) -> Schema:
    if "$ref" in shape:
        rest = {key: value for key, value in shape.items() if key != "$ref"}
        return {"anyOf": [{"$ref": shape["$ref"]}, {"type": "null"}]} | rest
    if "anyOf" in shape or "null" in shape["type"]:
        return shape
    types = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    return shape | {"type": [*types, "null"]}


def _enumeration(values: Sequence[str], description: str) -> Schema:
    return {"type": "string", "enum": list(values), "description": description, "examples": [values[0]]}


def _enumeration_name(kind: Kind, field: str) -> str:
    return f"{kind.model.__name__}{field.title().replace('_', '')}"


def _without_null(shape: Schema) -> Schema:
    rest = {key: value for key, value in shape.items() if key != "anyOf"}
    other: Schema = shape["anyOf"][0]
    return other | rest


def _object(description: str, properties: dict[str, Schema], required: list[str], example: Document) -> Schema:
    found: Schema = {"type": "object", "description": cleandoc(description), "properties": properties}
    if required:
        found["required"] = required
    return found | {"additionalProperties": False, "examples": [example]}


def _said(kind: Kind) -> str:
    word = kind.name.replace("_", " ")
    return f"{'An' if word[0] in 'aeiou' else 'A'} {word}"


def _place(key: str) -> int:
    """What a field is stands before its bounds, what is said of it after them."""
    return _ORDER.index(key) if key in _ORDER else 100 + (_LAST.index(key) + 1 if key in _LAST else 0)
