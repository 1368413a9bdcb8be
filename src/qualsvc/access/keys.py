"""API keys: random, hashed at rest, held in memory as facts of the snapshot's revision."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BOOTSTRAP = "bootstrap"
"""The id of the key made at the first start, or given as QUALSVC_BOOTSTRAP_API_KEY."""
_ID = re.compile("[0-9a-f]{12}", re.ASCII)
IMPLIED = {"admin": frozenset({"ask", "ask:at", "read", "maintain", "approve"}), "ask:at": frozenset({"ask"})}
"""What a scope gives besides itself; no other scope gives anything else."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that may be used: its public id and every scope it has, implied ones included."""

    code: str
    scopes: frozenset[str]


def digest(token: str | bytes) -> str:
    """What is kept of a token. Tokens are random, so a slow hash would buy nothing."""
    return hashlib.sha256(token.encode() if isinstance(token, str) else token).hexdigest()


def is_key(code: str) -> bool:
    """Whether this can be the public id of a key."""
    return code == BOOTSTRAP or _ID.fullmatch(code) is not None


def new_token() -> tuple[str, str]:
    """A new key's public id and its token `qk_<id>_<secret>`; the secret has 256 bits."""
    code = secrets.token_hex(6)
    return code, f"qk_{code}_{secrets.token_urlsafe(32)}"


class Keyring:
    """The keys of one revision, found by digest. A lookup by SHA-256 of a secret leaks nothing by its timing."""

    def __init__(self) -> None:
        self._by_digest: dict[bytes, ApiKey] = {}
        self._digests: dict[str, bytes] = {}
        self.state = object()
        """Another one after each change, by which who looked up a key can tell that it is good still."""

    def apply(self, code: str, document: Mapping[str, Any] | None) -> None:
        """Replace a key by its record, or remove it (None); a revoked key is removed."""
        self.state = object()
        old = self._digests.pop(code, None)
        if old is not None:
            self._by_digest.pop(old, None)
        if document is not None and document["revoked_at"] is None:
            scopes = frozenset(document["scopes"])
            every = scopes.union(*(IMPLIED.get(scope, frozenset()) for scope in scopes))
            found = bytes.fromhex(document["sha256"])
            self._by_digest[found] = ApiKey(code, every)
            self._digests[code] = found

    def find(self, token: bytes) -> ApiKey | None:
        """The key of a token, None if there is none or it was revoked."""
        return self._by_digest.get(hashlib.sha256(token).digest())

    def copy(self) -> "Keyring":
        twin = Keyring()
        twin._by_digest = dict(self._by_digest)
        twin._digests = dict(self._digests)
        return twin
