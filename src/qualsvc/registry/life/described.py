"""What the OpenAPI document says of the calls about a person's life, sites and companies."""

from typing import Any

from qualsvc.http.bodies import JSON
from qualsvc.http.declared import (
    BODY,
    PARAMETERS,
    WRITING,
    Described,
    Responses,
    Told,
    body,
    header,
    needs,
    parameter,
    problems,
)
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import Form
from qualsvc.records.people import Person
from qualsvc.registry.described import faults, record
from qualsvc.registry.life.answered import CompanySettled, Gone, Posted, PresentPage
from qualsvc.registry.life.forms import MAX_POSITIONS, PERSON_FIELDS, Entry, Hiring, Moment, NewPost, Seen, Transfer

_PERSON, _ASSIGNMENT, _SITE_STAY = (KINDS[name] for name in ("person", "assignment", "site_stay"))
_LANGUAGE = {
    "name": "lang",
    "in": "query",
    "schema": {"type": "string", "enum": ["en", "zh-CN"], "default": "en"},
    "description": "Language of messages and remedies.",
}
_REASONED = ("hire", "transfer", "enter")


def _properties(model: type[Form]) -> dict[str, Any]:
    """The fields of a form as OpenAPI has them: nothing named twice, null among the types of what may be left out."""
    whole = model.model_json_schema()
    found = {}
    for name, told in whole["properties"].items():
        shape = {key: value for key, value in told.items() if key not in ("title", "default")}
        for part in shape.pop("anyOf", ()):
            shape = {**part, **shape} if part != {"type": "null"} else shape
        found[name] = shape if name in whole.get("required", ()) else _or_null(shape)
    return found


def _or_null(shape: dict[str, Any]) -> dict[str, Any]:
    enum = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return shape | {"type": [shape["type"], "null"]} | enum


def _form(model: type[Form], example: dict[str, Any], **instead: Any) -> Described:
    whole = {
        "type": "object",
        "description": model.__doc__,
        "properties": _properties(model) | instead,
        "required": model.model_json_schema().get("required", []),
        "additionalProperties": False,
        "examples": [example],
    }
    if not whole["required"]:
        del whole["required"]
    return body(bool(whole.get("required")), **{JSON: {"schema": whole}})


def _posts(least: int) -> dict[str, Any]:
    item = {"type": "object", "properties": _properties(NewPost), "required": ["position"], "additionalProperties": False}
    said = "The positions held from `at` on, each once. Those held already on the same basis go on untouched."
    posts = {"type": "array", "items": item, "maxItems": MAX_POSITIONS, "description": said}
    return posts | {"minItems": least} if least else _or_null(posts)


def _person() -> dict[str, Any]:
    told = _properties(Person)
    told["employed_from"]["description"] = "First day of employment, inclusive. Null or left out: the date at `at`."
    said = "The person; of one hired again, what is left out stays as it was, and null gives the default."
    properties = {name: told[name] for name in PERSON_FIELDS}
    return {"type": "object", "properties": properties, "additionalProperties": False, "description": said}


def _acting(answers: Responses, *codes: str | int | tuple[str, int]) -> Responses:
    common = ("malformed_path", *PARAMETERS, *WRITING, *BODY, 412, ("idempotency_key_reused", 422))
    return answers | problems(400, *common, *codes)


def _about_person(name: str, summary: str, description: str, responses: Responses, sent: Described, *headers: str) -> Described:
    return {
        "operation_id": f"{name}_person",
        "summary": summary,
        "description": description,
        "responses": responses,
        "openapi_extra": {
            "security": needs("maintain"),
            "parameters": [*([_LANGUAGE] if name in _REASONED else []), *map(parameter, ("If-Match", *headers))],
            **sent,
        },
    }


def _said(model: type[Told], description: str) -> dict[str, Any]:
    return {"description": description, "model": model, "headers": {"Revision": header("Revision")}}


_POSTS = ("implausible_instant", "code_taken", "duplicate_position", "duplicate_code", "too_many_positions")
_MOMENT = ("wrong_type", "unknown_field", "invalid_instant", "implausible_instant")
_BEGIN = {"position": "CRANE-DRIVER"}


def hiring() -> Described:
    """Of `POST /v1/persons/{code}/hire`."""
    new = {"name": "Chen Wei", "employment": "employee", "site": "NGB", "org_unit": "NGB-LIFT"}
    return _about_person(
        "hire",
        "Hire a person",
        "The person and the positions in one revision. Somebody who left is hired again: fields sent replace, others stay, "
        "and no post of before comes back. What the posts still lack is answered.",
        _acting(
            {200: _said(Posted, "Hired again."), 201: _said(Posted, "Hired.")},
            "already_employed",
            "person_suspended",
            "begun_since",
            *_POSTS,
            *faults(_PERSON),
            *faults(_ASSIGNMENT),
        ),
        _form(Hiring, {"person": new, "positions": [_BEGIN]}, person=_person(), positions=_posts(0)),
        "If-None-Match",
    )


def transferring() -> Described:
    """Of `POST /v1/persons/{code}/transfer`."""
    return _about_person(
        "transfer",
        "Transfer a person to other posts",
        "Every other assignment ends at `at`; those that would begin later are deleted. Internal certificates of types that "
        "rules of the posts given up ask for, and no rule of a post held or of everybody does, count no longer than the day "
        "before. Certificates of other categories are never touched. What the new posts still lack is answered.",
        _acting(
            {200: _said(Posted, "Transferred; or as it was, where that is so already.")},
            404,
            "not_employed",
            "begun_since",
            *_POSTS,
            *faults(_ASSIGNMENT),
            "end_before_start",
        ),
        _form(Transfer, {"at": "2026-11-30T16:00:00Z", "positions": [_BEGIN], "org_unit": "NGB-LIFT"}, positions=_posts(1)),
    )


def leaving() -> Described:
    """Of `POST /v1/persons/{code}/leave`."""
    return _about_person(
        "leave",
        "End a person's employment",
        "Assignments, all internal certificates, waivers and the stay on a site end with it; `employed_until` is the last date "
        "before `at`. The status is `left` at once where `at` is not in the future.",
        _acting({200: _said(Gone, "Gone, or going at `at`.")}, 404, "not_employed", "begun_since", *_MOMENT),
        _form(Moment, {"at": "2026-11-30T16:00:00Z"}),
    )


def erasing() -> Described:
    """Of `POST /v1/persons/{code}/erase`."""
    told = _about_person(
        "erase",
        "Erase what identifies a person",
        "Name, phone, email, number of the identity document and language of somebody who has left (`status` `left`) are gone, "
        "and read null. The code stays, and with it every record, the history and the decisions: they never had more than the "
        "code. The history says who erased, as `personal` `*`. No body is sent. The same again changes nothing. Writing the "
        "person with a `name` later gives them one again.",
        _acting({200: record(_PERSON, "The person, erased.")}, 404, "still_employed", "unexpected_body"),
        {},
    )
    told["openapi_extra"]["security"] = needs("admin")
    return told


def entering() -> Described:
    """Of `POST /v1/persons/{code}/enter`."""
    told = _about_person(
        "enter",
        "Record that a person enters a site",
        "Refused while the person is on a site already, and where the gates of a person fail there: active, employed, company "
        "approved, no restriction that covers the site as a whole. `errors[]` then names each by its reason code.",
        _acting(
            {201: record(_SITE_STAY, "The stay.")},
            404,
            "already_on_site",
            "entry_refused",
            "implausible_instant",
            "code_taken",
            *faults(_SITE_STAY),
        ),
        _form(Entry, {"site": "NGB"}),
    )
    return told | {"status_code": 201}


def exiting() -> Described:
    """Of `POST /v1/persons/{code}/exit`."""
    return _about_person(
        "exit",
        "Record that a person leaves a site",
        "Ends the stay that lasts, whatever the gates would say.",
        _acting({200: record(_SITE_STAY, "The stay, ended.")}, 404, "not_on_site", *_MOMENT),
        _form(Seen, {"at": "2026-11-21T09:30:00Z"}),
    )


def presence() -> Described:
    """Of `GET /v1/sites/{code}/present`."""
    at = {"type": "string", "format": "date-time"}
    said = "The instant asked about; left out, now."
    return {
        "operation_id": "list_present",
        "summary": "Who is on a site",
        "description": "Everybody with a stay there at the instant, by the code of the person.",
        "responses": {200: {"description": "One page.", "model": PresentPage}}
        | problems(400, *PARAMETERS, "malformed_path", 404, 503),
        "openapi_extra": {
            "security": needs("read"),
            "parameters": [
                parameter("Limit"),
                parameter("Cursor"),
                {"name": "at", "in": "query", "schema": at, "description": said},
            ],
        },
    }


def company(deed: str) -> Described:
    """Of `POST /v1/companies/{code}/suspend|reinstate`."""
    told = {
        "suspend": "All its contractors are denied everywhere, at once; whoever is on a site is named.",
        "reinstate": "It is approved again, as long as `approved_until` says.",
    }
    return {
        "operation_id": f"{deed}_company",
        "summary": f"{deed.capitalize()} a company",
        "description": f"{told[deed]} No body is sent. The same again changes nothing.",
        "responses": _acting({200: _said(CompanySettled, "The company, and whom it concerns.")}, 404, "unexpected_body"),
        "openapi_extra": {"security": needs("maintain"), "parameters": [parameter("If-Match")]},
    }
