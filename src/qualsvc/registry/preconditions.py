"""`If-Match` and `If-None-Match`: which version of a record the caller means (RFC 9110, 13.1)."""

import re

from starlette.requests import Request

from qualsvc.http.problems import FieldError, Problem
from qualsvc.store.operations import Condition

_TAGS = re.compile(r'\s*(?:(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"\s*(?:,\s*|$))+')
_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def condition_of(request: Request, *, creating: bool = False) -> Condition | None:
    """What the request demands of the record there is, None when nothing. Raises Problem 400 for headers it cannot read.

    A weak tag names no version here, so it never matches. `If-None-Match: *` is read where a record may be created.
    """
    matching = request.headers.getlist("if-match")
    absent = request.headers.getlist("if-none-match")
    if absent and (not creating or [each.strip() for each in absent] != ["*"]):
        wanted = "only `*` is read, to create and never replace" if creating else "it is not read here; leave it out"
        raise _malformed("If-None-Match", wanted)
    if not matching:
        return Condition(exists=False) if absent else None
    if absent:
        raise _malformed("If-None-Match", "do not send it together with `If-Match`")
    given = ", ".join(matching)
    if given.strip() == "*":
        return Condition(exists=True)
    if not _TAGS.fullmatch(given):
        raise _malformed("If-Match", "send the `ETag` as it was given, quotes included, or `*`")
    return Condition(tags=frozenset(tag for weak, tag in _TAG.findall(given) if not weak))


def refuse_conditions(request: Request, why: str) -> None:
    """Nothing that is asked for is passed over where it cannot be done. Raises Problem 400."""
    for header in ("If-Match", "If-None-Match"):
        if header in request.headers:
            raise _malformed(header, f"it is not read here, for {why}; leave it out", "means nothing here")


def _malformed(header: str, message: str, what: str = "cannot be read") -> Problem:
    error = FieldError(header, "malformed_header", message)
    return Problem(400, "malformed_header", f"the header `{header}` {what}", [error])
