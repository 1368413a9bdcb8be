"""What the OpenAPI document says of `GET /v1/persons/{code}/state`."""

from typing import Annotated, Any

from pydantic import Field

from qualsvc.http.declared import PARAMETERS, Described, Told, component, needs, problems, schema

_SOMEBODY = {"code": "E1001", "employment": "employee", "site": "NGB", "status": "active", "badges": ["BADGE-E1001"]}


LASTING = ("assignment", "waiver", "restriction", "site_stay")
"""The kinds that begin and end at instants; those shown here say whether they are in force."""


def _all(name: str) -> dict[str, Any]:
    return {"items": schema(name)}


class PersonState(Told):
    """What was known of a person at an instant, and how it stood at another."""

    revision: Annotated[int, Field(examples=[4211])]
    """The last revision recorded by `known_at`; all that is told is of it."""
    at: str
    """The instant for which `condition` and `in_force` are told, in UTC."""
    known_at: str
    """The instant by which it was recorded, in UTC; now when it was left out."""
    reconstructed: Annotated[bool, Field(examples=[True])]
    """True when `known_at` was given."""
    person: Annotated[dict[str, Any], Field(examples=[_SOMEBODY])]
    """The person's record without personal fields, which are kept in no log."""
    company: Annotated[dict[str, Any], Field(json_schema_extra=component("Company"))] | None
    """The company of a contractor; null when the person had none."""
    assignments: Annotated[list[dict[str, Any]], Field(json_schema_extra=_all("AssignmentThen"))]
    """All there were, by code; `basis` `trial` counts under supervision only."""
    certificates: Annotated[list[dict[str, Any]], Field(json_schema_extra=_all("Certificate"))]
    """All there were, by code, each with its `condition` on the date that `at` was at the person's site."""
    training_records: Annotated[list[dict[str, Any]], Field(json_schema_extra=_all("TrainingRecord"))]
    """All there were, by code."""
    waivers: Annotated[list[dict[str, Any]], Field(json_schema_extra=_all("WaiverThen"))]
    """All there were, by code, of any `status`: only those approved count."""
    restrictions: Annotated[list[dict[str, Any]], Field(json_schema_extra=_all("RestrictionThen"))]
    """All there were, by code."""
    site_stays: Annotated[list[dict[str, Any]], Field(json_schema_extra=_all("SiteStayThen"))]
    """All there were, by code; in force: on the site at `at`."""


def _instant(name: str, description: str) -> dict[str, Any]:
    shape = {"type": "string", "format": "date-time", "maxLength": 64, "examples": ["2026-11-21T03:30:00Z"]}
    return {"name": name, "in": "query", "schema": shape, "description": description}


def state() -> Described:
    """Of the one route."""
    return {
        "operation_id": "state_of_person",
        "summary": "What was known of one person at an instant",
        "description": "The person and all that belongs to them, as recorded by `known_at`, whatever was written since; of a "
        "person deleted since, too. 404 when there was no such person on record by then. What they might operate is asked at "
        "`/can-operate`, which takes `known_at` as well.",
        "responses": {200: {"description": "What was known.", "model": PersonState}}
        | problems(400, *PARAMETERS, "malformed_path", "before_log", 404, 503),
        "openapi_extra": {
            "security": needs("read"),
            "parameters": [
                _instant("at", "Instant for which `condition` and `in_force` are told. Left out: `known_at`."),
                _instant("known_at", "Only what was recorded by this instant, which must have passed. Left out: all of it."),
            ],
        },
    }
