"""What the OpenAPI document says of the routes that read decisions."""

from typing import Annotated, Any, get_args

from fastapi.responses import StreamingResponse
from pydantic import Field

from qualsvc.http.bodies import NDJSON
from qualsvc.http.declared import PARAMETERS, Described, Told, component, needs, parameter, problems
from qualsvc.kernel.reasons import ReasonCode
from qualsvc.kernel.states import Decision
from qualsvc.store.decisions import By

CSV = "text/csv; charset=utf-8"
_INSTANT = {"format": "date-time"}


class DecisionSummary(Told):
    """One decision of the log, without its explanation."""

    decision_id: Annotated[str, Field(examples=["hsmdgaoslezht4na-1042"])]
    """Names it for ever: the life of the process that answered, and the number of the record in it."""
    asked_at: Annotated[str, Field(json_schema_extra=_INSTANT, examples=["2026-11-21T03:30:00.000214Z"])]
    """Instant of the answer, in UTC."""
    at: Annotated[str, Field(json_schema_extra=_INSTANT, examples=["2026-11-21T03:30:00.000214Z"])]
    """Instant asked about, in UTC."""
    at_given: Annotated[bool | None, Field(examples=[False])]
    """True: whoever asked chose the instant, so nobody stood at the machine; see `known_at` as well. Null: the record was
    altered and cannot be read."""
    known_at: Annotated[str | None, Field(json_schema_extra=_INSTANT, examples=[None, "2026-11-20T15:15:00Z"])]
    """Asked by the facts recorded by this instant, in UTC, so nobody stood at the machine either. Null: of the moment."""
    site: str | None
    """Code of the site of the equipment; null for equipment there is not."""
    person: Annotated[str | None, Field(examples=["E1002"])]
    """Code of the person as asked; null for a badge that nobody has."""
    equipment: Annotated[str, Field(examples=["BC-02"])]
    """Code of the equipment as asked."""
    process: Annotated[str, Field(examples=["LIFT"])]
    """Code of the process as asked."""
    decision: Annotated[Decision, Field(examples=["allow"])]
    """The decision."""
    purpose: Annotated[str | None, Field(examples=["unlock"])]
    """What it was asked for; null when nothing was said."""
    key: Annotated[str, Field(examples=["3f9c2a7be014"])]
    """Id of the API key of who asked."""
    revision: Annotated[int, Field(examples=[4211])]
    """The revision answered from."""
    reasons: Annotated[list[ReasonCode], Field(examples=[["expiring_soon"]])]
    """Codes of the reasons, each once."""


class DecisionPage(Told):
    """Some decisions, newest first."""

    items: list[DecisionSummary]
    """The decisions."""
    next_cursor: str | None
    """Ask on with it as `cursor`; null on the last page."""


class DecisionRecord(Told):
    """A decision as it was put on file before the answer left."""

    decision_id: Annotated[str, Field(examples=["hsmdgaoslezht4na-1042"])]
    """Names it for ever."""
    shipped: Annotated[bool, Field(examples=[True])]
    """False: it waits in a file of this host, soon to be in the database."""
    boot_id: Annotated[str, Field(examples=["hsmdgaoslezht4na"])]
    """The life of the process that answered; each has a chain of its own."""
    sequence: Annotated[int, Field(examples=[1042])]
    """Its place in that chain, from 0, without gaps."""
    hash: Annotated[str | None, Field(examples=["5f1b0a6ec4" * 6 + "77d2"])]
    """SHA-256 over the hash before it and its row, hexadecimal; null while it is not shipped."""
    key: Annotated[str, Field(examples=["3f9c2a7be014"])]
    """Id of the API key of who asked."""
    site: str | None
    """Code of the site of the equipment then; null for equipment there was not."""
    question: Annotated[dict[str, Any], Field(examples=[{"at_given": False, "purpose": "unlock", "lang": "en"}])]
    """What was asked besides what the answer repeats: `badge`, `until`, `known_at`, `supervisor`, `confirmed_by`, `purpose`,
    `lang`, each where it was given; `at_given` says whether `at` was."""
    answer: Annotated[dict[str, Any], Field(json_schema_extra=component("Answer"))]
    """The answer, to the letter."""


class DecisionCount(Told):
    """So many decisions of a day at a site."""

    day: Annotated[str | None, Field(json_schema_extra={"format": "date"}, examples=["2026-11-21"])] = None
    """The date, local to the site; absent with `by=site`."""
    site: Annotated[str | None, Field(examples=["NGB"])] = None
    """Code of the site; null for equipment there is not; absent with `by=day`."""
    answers: Annotated[dict[str, int], Field(examples=[{"allow": 1042, "conditional": 12, "deny": 31}])]
    """Answers by decision."""
    denials_by_reason: Annotated[dict[str, int], Field(examples=[{"certificate_expired": 19, "position_not_held": 14}])]
    """Denials by the code of a reason; one with several reasons counts for each."""
    denials_by_purpose: Annotated[dict[str, int], Field(examples=[{"unlock": 27, "": 4}])]
    """Denials by what was asked for: an `unlock` denied is somebody turned away, a `query` is not. An empty word: not said."""


class DecisionCounts(Told):
    """How many decisions there were."""

    from_: Annotated[str, Field(alias="from", json_schema_extra={"format": "date"}, examples=["2026-11-01"])]
    """First day counted."""
    to: Annotated[str, Field(json_schema_extra={"format": "date"}, examples=["2026-11-21"])]
    """Last day counted."""
    items: list[DecisionCount]
    """By day and site, in this order; days without an answer are left out."""


_SAID = {
    "person": "Only about this person, by the code that was asked or that the badge was of.",
    "equipment": "Only about this equipment.",
    "process": "Only about this process, none below it.",
    "site": "Only about equipment of this site.",
    "key": "Only asked with this API key, by its id.",
    "purpose": "Only asked for this purpose.",
}
_LATER = (
    "What a host has not shipped yet, a second's worth as a rule, is not there; one that was cut off for long ships it later, "
    "and it then stands where it belongs by `asked_at`."
)


def _query(name: str, description: str, **shape: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string"} | shape, "description": description}


_FILTERS = [
    *(_query(name, said, minLength=1) for name, said in _SAID.items()),
    _query("decision", "Only those with this decision.", enum=list(get_args(Decision))),
    _query("reason", "Only those with this reason among theirs.", enum=list(get_args(ReasonCode))),
    _query("from", "Only those answered at this instant or later.", format="date-time", examples=["2026-11-20T16:00:00Z"]),
    _query("to", "Only those answered before this instant.", format="date-time", examples=["2026-11-21T16:00:00Z"]),
]


def listing() -> Described:
    """Of `GET /v1/decisions`."""
    return {
        "operation_id": "list_decisions",
        "summary": "What was answered, newest first",
        "description": "Several filters are all to hold. What was asked about another time is there too and opened nothing: "
        "see `at_given` and `known_at`. A cursor neither skips nor repeats a decision that was there when the first page was "
        f"read. {_LATER}",
        "responses": {200: {"description": "One page.", "model": DecisionPage}} | problems(400, *PARAMETERS, 503),
        "openapi_extra": {"security": needs("read"), "parameters": [parameter("Limit"), parameter("Cursor"), *_FILTERS]},
    }


def reading() -> Described:
    """Of `GET /v1/decisions/{decision_id}`."""
    return {
        "operation_id": "get_decision",
        "summary": "Read one decision: question, answer, and its place in the chain",
        "description": "By the `decision_id` of its answer. One that waits on this host to be shipped is read from there; of "
        "other hosts' it is 404 until it is shipped.",
        "responses": {200: {"description": "The decision.", "model": DecisionRecord}}
        | problems(400, "malformed_path", 404, 503),
        "openapi_extra": {"security": needs("read")},
    }


def export() -> Described:
    """Of `GET /v1/decisions/export`."""
    heading = "decision_id,asked_at,at,at_given,known_at,site,person,equipment,process,decision,"
    heading += "purpose,key,revision,reasons,hash"
    row = "hsmdgaoslezht4na-1042,2026-11-21T03:30:00.000214Z,2026-11-21T03:30:00.000214Z,false,,NGB,E1002,BC-02,LIFT,allow,"
    row += f"unlock,3f9c2a7be014,4211,expiring_soon,{'5f1b0a6ec4' * 6}77d2"
    lines = {"type": "string", "description": "One decision a line."}
    return {
        "operation_id": "export_decisions",
        "response_class": StreamingResponse,
        "summary": "Every decision of a time, oldest first",
        "description": "`ndjson`: one decision a line, as read by its id. `csv`: the fields of the list and the hash, with a "
        "heading; reasons are set apart by spaces; a cell a sheet would take for a formula begins with an apostrophe. It is "
        f"sent as it is read, however long it is; one that breaks off is not ended properly. {_LATER}",
        "responses": {
            200: {
                "description": "The decisions.",
                "content": {
                    NDJSON: {"schema": lines, "example": '{"decision_id":"hsmdgaoslezht4na-1042","shipped":true,…}\n'},
                    CSV: {"schema": lines, "example": f"{heading}\r\n{row}\r\n"},
                },
            }
        }
        | problems(400, *PARAMETERS, 503),
        "openapi_extra": {
            "security": needs("read"),
            "parameters": [_query("format", "How it is written.", enum=["ndjson", "csv"], default="ndjson"), *_FILTERS],
        },
    }


def counting() -> Described:
    """Of `GET /v1/decisions/counts`."""
    day = {"format": "date", "examples": ["2026-11-21"]}
    return {
        "operation_id": "count_decisions",
        "summary": "How many decisions, denials by reason and by purpose",
        "description": "By day and site, from the counts kept while decisions are shipped: as fast for a year as for a day.",
        "responses": {200: {"description": "The counts.", "model": DecisionCounts}} | problems(400, *PARAMETERS, 503),
        "openapi_extra": {
            "security": needs("read"),
            "parameters": [
                _query("from", "First day, local to each site. Left out: 30 days before the last.", **day),
                _query("to", "Last day, inclusive; at most 366 days in all. Left out: all until now.", **day),
                _query("site", "Only equipment of this site.", maxLength=64, examples=["NGB"]),
                _query("by", "`day`: all sites added up; `site`: all days. Left out: each by itself.", enum=list(get_args(By))),
            ],
        },
    }
