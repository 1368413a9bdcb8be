"""Why an ask is not answered, as problems of the wire."""

from collections.abc import Callable, Sequence

from starlette.requests import ClientDisconnect
from starlette.types import Scope

from qualsvc.access.authority import forbidden
from qualsvc.access.keys import ApiKey
from qualsvc.ask.asked import Asked, MalformedError
from qualsvc.http.problems import FieldError, Problem, malformed_json
from qualsvc.http.strict_json import MalformedJson
from qualsvc.replica.lease import NotFreshError
from qualsvc.spool.spool import SpoolUnavailableError

Pointer = Callable[[int], str]
"""Where a question's field stands in the request, by the index of the question."""


def as_problem(error: Exception) -> Problem:
    """The problem a refusal is told as."""
    match error:
        case Problem():
            return error
        case MalformedError(errors=errors):
            return Problem(400, "malformed", "the question cannot be understood", errors=errors)
        case MalformedJson():
            return malformed_json(error)
        case ClientDisconnect():
            return Problem(400, "incomplete_body", "the connection ended before the body did")
        case NotFreshError(code=code):
            return Problem(503, code, str(error), headers={"Retry-After": "1"})
        case SpoolUnavailableError():
            return Problem(503, "audit_unavailable", str(error), headers={"Retry-After": "1"})
    raise error


def method_not_allowed(allowed: str) -> Problem:
    """Another method than those of the path."""
    return Problem(405, "method_not_allowed", f"use {allowed}", headers={"Allow": allowed})


def no_query(scope: Scope) -> None:
    """A JSON question stands in the body alone, so that nothing is asked twice."""
    if scope["query_string"]:
        raise MalformedError([FieldError("", "malformed", "give the question in the body, without a query string")])


def may_choose_instant(key: ApiKey, questions: Sequence[Asked], pointer: Pointer) -> None:
    """Only `ask:at` chooses the instant: a door asks about now."""
    if "ask:at" in key.scopes:
        return
    message = "leave it out to ask about now, or use a key with the scope `ask:at`"
    errors = [FieldError(pointer(i), "scope_missing", message) for i, asked in enumerate(questions) if asked.at is not None]
    if errors:
        raise forbidden(key, "ask:at", errors)


def may_choose_past(key: ApiKey, asked: Asked) -> None:
    """So does only `ask:at` choose what was known: a door asks by all that is."""
    if "ask:at" in key.scopes:
        return
    message = "leave it out to ask about now, or use a key with the scope `ask:at`"
    given = [name for name in ("at", "known_at") if getattr(asked, name) is not None]
    raise forbidden(key, "ask:at", [FieldError(f"/{name}", "scope_missing", message) for name in given])


def known_by(known_at: int, now: int) -> None:
    """Nobody knows yet what will be recorded."""
    if known_at > now:
        message = "has not come yet; leave it out for what is known now, and give `at` for another instant"
        raise MalformedError([FieldError("/known_at", "in_future", message)])


def in_future(questions: Sequence[Asked], now: int, pointer: Pointer) -> None:
    """A window that begins now ends later."""
    ended = [i for i, asked in enumerate(questions) if asked.at is None and asked.until is not None and asked.until <= now]
    if ended:
        raise MalformedError([FieldError(pointer(i), "not_after_at", "must be after now, or give `at`") for i in ended])


def of_question(index: int, error: FieldError) -> FieldError:
    """An error of one question of a batch."""
    return FieldError(f"/questions/{index}{error.pointer}", error.code, error.message)
