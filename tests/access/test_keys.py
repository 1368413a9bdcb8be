"""Keys by themselves: tokens, digests, and what a scope gives."""

import hashlib
import re
from typing import Any

import pytest

from qualsvc.access.authority import authorised
from qualsvc.access.keys import Keyring, digest, new_token
from qualsvc.http.problems import Problem

SCOPES = ("ask", "ask:at", "read", "maintain", "approve", "admin")


def record(token: str, *scopes: str, revoked_at: str | None = None) -> dict[str, Any]:
    return {"code": "k", "name": "k", "scopes": list(scopes), "sha256": digest(token), "revoked_at": revoked_at}


def test_token() -> None:
    """A token names its key's public id, and holds 256 bits that nobody else has."""
    code, token = new_token()
    assert re.fullmatch(rf"qk_{code}_[A-Za-z0-9_-]{{43}}", token)
    assert re.fullmatch(r"[0-9a-f]{12}", code)
    assert 100 == len({new_token() for _ in range(100)})


def test_digest() -> None:
    """What is kept of a token is its SHA-256, of text and bytes alike."""
    assert hashlib.sha256(b"secret").hexdigest() == digest("secret") == digest(b"secret")


@pytest.mark.parametrize(
    ("scope", "given"),
    [
        ("ask", {"ask"}),
        ("ask:at", {"ask", "ask:at"}),
        ("read", {"read"}),
        ("maintain", {"maintain"}),
        ("approve", {"approve"}),
        ("admin", set(SCOPES)),
    ],
)
def test_implied(scope: str, given: set[str]) -> None:
    """`admin` gives everything, `ask:at` gives `ask`, and nothing else gives anything but itself."""
    keys = Keyring()
    keys.apply("k", record("t", scope))
    found = keys.find(b"t")
    assert found is not None
    assert given == found.scopes


def test_revoked_replaced_removed() -> None:
    """A key is good until it is revoked or removed; another token in its place makes the old one worthless."""
    keys = Keyring()
    keys.apply("k", record("t", "ask"))
    twin = keys.copy()
    keys.apply("k", record("u", "ask"))
    assert (True, False) == (keys.find(b"u") is not None, keys.find(b"t") is not None)
    keys.apply("k", record("u", "ask", revoked_at="2026-11-21T03:30:00Z"))
    assert None is keys.find(b"u")
    keys.apply("k", record("v", "ask"))
    keys.apply("k", None)
    assert None is keys.find(b"v")
    assert None is not twin.find(b"t")


def test_revoked_when_loaded() -> None:
    """A key that is revoked already when it is first seen was never good here."""
    keys = Keyring()
    keys.apply("k", record("t", "admin", revoked_at="2026-11-21T03:30:00Z"))
    assert None is keys.find(b"t")


def test_authorised() -> None:
    """A good key with the scope gets in; without the scope it is named in the refusal."""
    keys = Keyring()
    keys.apply("k", record("t", "read"))
    assert "k" == authorised(keys, [b"Bearer t"], "read").code
    with pytest.raises(Problem) as refused:
        authorised(keys, [b"Bearer t"], "ask")
    expected = (403, "scope_missing", "key `k` lacks the scope `ask`")
    assert expected == (refused.value.status, refused.value.code, refused.value.detail)


@pytest.mark.parametrize("headers", [[], [b"t"], [b"Basic t"], [b"Bearer"], [b"Bearer t", b"Bearer t"], [b"Bearer x"]])
def test_unauthorised(headers: list[bytes]) -> None:
    """Anything but one header with one good key is 401."""
    keys = Keyring()
    keys.apply("k", record("t", "ask"))
    with pytest.raises(Problem) as refused:
        authorised(keys, headers, "ask")
    assert 401 == refused.value.status
