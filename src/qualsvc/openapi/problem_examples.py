"""Examples of problems: made by the code that makes them, wherever that needs no service."""

from functools import cache
from typing import Any

from starlette.requests import Request

from qualsvc.access.authority import authorised, forbidden
from qualsvc.access.keys import Keyring
from qualsvc.ask.asked import MalformedError, read_query
from qualsvc.ask.refusals import as_problem
from qualsvc.http.bodies import JSON, RECORD_LIMIT, query_parameters, require_media_type, too_large
from qualsvc.http.codes import CODES
from qualsvc.http.handlers import problem_of
from qualsvc.http.problems import FieldError, Problem, internal, invalid
from qualsvc.openapi.sampled import BOOT, KEY, chosen
from qualsvc.records.documents import Document
from qualsvc.records.faults import Fault, InvalidRecord
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record
from qualsvc.replica.lease import NotFreshError
from qualsvc.store.errors import Conflict, Forbidden, PreconditionFailed, RecordNotFound, StillReferenced
from qualsvc.store.versions import entity_tag

_MISSING = {"decision": f"{BOOT}-99999", "incident": "INC-2026-999"}
"""What is not there, of what is no record of the plant."""


def problem_example(status: int, codes: list[str], about: str = "") -> Document:
    """An example of a problem with this status and one of these codes, of an operation about this (its tag)."""
    missing = _MISSING.get(about) if status == 404 else None
    if missing is not None:
        return shown(problem_of(RecordNotFound(about, missing)))
    real = next((_real()[code] for code in codes if code in _real() and _real()[code].status == status), None)
    return shown(real or Problem(status, codes[0], CODES[codes[0]].meaning))


def shown(problem: Problem) -> Document:
    """A problem as it goes over the wire."""
    errors = [{"pointer": each.pointer, "code": each.code, "message": each.message} for each in problem.errors]
    head = {"type": f"urn:qualsvc:problem:{problem.code}", "title": problem.title, "status": problem.status}
    return head | {"detail": problem.detail, "code": problem.code, "errors": errors}


@cache
def _real() -> dict[str, Problem]:
    machine, waiver = chosen(KINDS["equipment"]), chosen(KINDS["waiver"])
    referred = "equipment_class `BRIDGE-CRANE` is still referred to by equipment `BC-01`, equipment `BC-02` and others"
    settled = (
        f"waiver `{waiver['code']}` is approved by `{waiver['approved_by']}` already; write a new one if it is needed still"
    )
    own = f"you have requested waiver `{waiver['code']}`; somebody else must approve it"
    found = [
        _caught(lambda: authorised(Keyring(), [], "read")),
        forbidden(KEY, "maintain"),
        _caught(lambda: query_parameters(_request(b"stie=NGB"), ("limit", "cursor", "code", "site"))),
        _caught(lambda: read_query(b"person=E1001&equipment=BC-02&process=LIFT&at=tomorrow")),
        _caught(lambda: require_media_type(_request(b""), (JSON,))),
        too_large(RECORD_LIMIT),
        problem_of(RecordNotFound("equipment", "BC-99")),
        problem_of(StillReferenced([Fault("", "still_referenced", referred)])),
        problem_of(Conflict([Fault("/status", "waiver_settled", settled)])),
        problem_of(Forbidden([Fault("/requested_by", "approved_by_requester", own)])),
        problem_of(PreconditionFailed("equipment", machine["code"], entity_tag(machine), creating=False)),
        _caught(lambda: read_record(KINDS["equipment"].model, machine | {"status": "broken"})),
        invalid([Fault("/parent", "unknown_reference", "there is no process `LIFTS`; make it first or in one bulk")]),
        as_problem(NotFreshError("stale", "no word from the database for 12 s; at most 10 s are allowed")),
        internal("0f4c1d7a2b9e4a55"),
    ]
    return {problem.code: problem for problem in found}


def _caught(refused: Any) -> Problem:
    try:
        refused()
    except Problem as problem:
        return problem
    except MalformedError as error:
        return as_problem(error)
    except InvalidRecord as error:
        return problem_of(error)
    raise AssertionError("an example of a problem that is none any more")


def _request(query: bytes) -> Request:
    return Request({"type": "http", "query_string": query, "headers": []})


def field_error() -> Document:
    """One fault of a line of a bulk request."""
    fault = Fault("/equipment_class", "unknown_reference", "there is no equipment_class `BRIDGE-CRANES`; make it first", 2)
    each = FieldError(fault.pointer, fault.code, fault.message, fault.line)
    return {"pointer": each.pointer, "code": each.code, "message": each.message, "line": each.line}
