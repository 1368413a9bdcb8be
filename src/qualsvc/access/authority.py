"""Whether a request may do what it asks to: a good key with the scope."""

from collections.abc import Sequence

from starlette.types import Scope

from qualsvc.access.keys import ApiKey, Keyring
from qualsvc.http.problems import FieldError, Problem


def authorization_of(scope: Scope) -> list[bytes]:
    """The `Authorization` headers of a request."""
    return [value for name, value in scope["headers"] if name == b"authorization"]


class Presented:
    """The `Authorization` headers that came over a connection, and the key they were found to be, until some key changes."""

    __slots__ = ("headers", "key", "state")

    def __init__(self, headers: Sequence[bytes]) -> None:
        self.headers = headers
        self.key: ApiKey | None = None
        self.state: object = None

    def authorised(self, keys: Keyring, scope: str) -> ApiKey:
        """The key, if it has the scope. Raises Problem 401 or 403."""
        if self.key is None or self.state is not keys.state or scope not in self.key.scopes:
            self.key = authorised(keys, self.headers, scope)
            self.state = keys.state
        return self.key


def authorised(keys: Keyring, authorization: Sequence[bytes], scope: str) -> ApiKey:
    """The key of a request's `Authorization` headers, if it has the scope. Raises Problem 401 or 403."""
    key = key_of(keys, authorization)
    if scope not in key.scopes:
        raise forbidden(key, scope)
    return key


def key_of(keys: Keyring, authorization: Sequence[bytes]) -> ApiKey:
    """The key of a request's `Authorization` headers, whatever it may do. Raises Problem 401."""
    scheme, _, token = authorization[0].partition(b" ") if len(authorization) == 1 else (b"", b"", b"")
    key = keys.find(token.strip()) if scheme.lower() == b"bearer" else None
    if key is None:
        detail = "no API key; send `Authorization: Bearer KEY`, once"
        if scheme.lower() == b"bearer":
            detail = "this API key is not known here, or revoked; `qualsvc keys list` names its database and the keys in it"
        raise Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})
    return key


def forbidden(key: ApiKey, scope: str, errors: Sequence[FieldError] = ()) -> Problem:
    """A good key that lacks a scope."""
    return Problem(403, "scope_missing", f"key `{key.code}` lacks the scope `{scope}`", errors=errors)
