"""Making, listing and revoking API keys: records of the internal kind `api_key`, through the one write function."""

import time
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.access.keys import BOOTSTRAP, digest, new_token
from qualsvc.kernel.instants import format_instant
from qualsvc.records.documents import Document
from qualsvc.records.keys import ApiKey, Scope
from qualsvc.records.kinds import API_KEY
from qualsvc.records.model import read_record
from qualsvc.store import reading
from qualsvc.store.operations import Actor, Replace
from qualsvc.store.writing import write

_MOST = 10_000
_OPERATOR = Actor("command line", is_admin=True)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key; `token` is shown once and kept nowhere."""

    code: str
    token: str


async def issue(engine: AsyncEngine, name: str, scopes: tuple[Scope, ...], person: str | None = None) -> Issued:
    """Make a key with these scopes, used by this person if by one. Raises InvalidRecord and StoreError."""
    code, token = new_token()
    fields = {"code": code, "name": name, "scopes": scopes, "sha256": digest(token), "person": person}
    await _put(engine, read_record(ApiKey, fields))
    return Issued(code, token)


async def revoke(engine: AsyncEngine, code: str) -> None:
    """Revoke a key for ever. Raises RecordNotFound."""
    document = await reading.get(engine, API_KEY, code)
    if document["revoked_at"] is None:
        now = format_instant(time.time_ns() // 1000)
        await _put(engine, read_record(ApiKey, {**document, "revoked_at": now}))


async def keys(engine: AsyncEngine) -> list[Document]:
    """Every key, revoked ones too, without its token (which nobody has)."""
    return await reading.page(engine, API_KEY, limit=_MOST)


async def ensure_bootstrap(engine: AsyncEngine, token: str | None) -> Issued | None:
    """See that there is an admin key: the given one, or at the very first start a new one, which is returned to be shown.

    A bootstrap key that was revoked stays so until another token is given.
    """
    known = await keys(engine)
    if token is None:
        if any("admin" in key["scopes"] for key in known):
            return None
        return await issue(engine, BOOTSTRAP, ("admin",))
    # A token is one key's: given again, the one that the first start printed stays that key, and revoked if it was.
    if all(key["sha256"] != digest(token) for key in known):
        await _put(engine, ApiKey(code=BOOTSTRAP, name=BOOTSTRAP, scopes=("admin",), sha256=digest(token)))
    return None


async def _put(engine: AsyncEngine, key: ApiKey) -> None:
    await write(engine, _OPERATOR, [Replace(API_KEY, key)])
