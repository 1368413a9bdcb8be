"""`Idempotency-Key`: a POST sent again has the effect, and the answer, of the first time."""

from collections.abc import Callable
from hashlib import sha256

from starlette.requests import Request

from qualsvc.http.problems import FieldError, Problem
from qualsvc.store.operations import Answered, Once, Written

LONGEST = 255


def once_of(request: Request, body: bytes | bytearray, answer: Callable[[Written], Answered]) -> Once | None:
    """What makes this request happen once, None when the caller does not ask for it. Raises Problem 400.

    `answer` makes of what was written the status and body that are kept, without personal fields.
    """
    digest = sha256(body).hexdigest()
    return once_of_digest(request, digest, answer)


def once_of_digest(request: Request, digest: str, answer: Callable[[Written], Answered]) -> Once | None:
    """The same for a body that was read in pieces, by the SHA-256 of all of it."""
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    key = given[0].strip()
    if len(given) > 1 or not 0 < len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        error = FieldError("Idempotency-Key", "malformed_header", f"send one, of 1 to {LONGEST} printable ASCII characters")
        raise Problem(400, "malformed_header", "the header `Idempotency-Key` cannot be read", [error])
    return Once(key, sha256(f"{request.method} {request.url.path} {digest}".encode()).hexdigest(), answer)
