"""Making and revoking keys, and the admin key of the first start."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.access.issuing import ensure_bootstrap, issue, keys, revoke
from qualsvc.access.keys import Keyring, digest
from qualsvc.store.errors import RecordNotFound

pytestmark = pytest.mark.anyio

GIVEN = "a-bootstrap-key-of-32-characters"
OTHER = "another-bootstrap-key-of-32-characters"


async def good(engine: AsyncEngine) -> Keyring:
    """The keys a service would accept now."""
    keyring = Keyring()
    for document in await keys(engine):
        keyring.apply(document["code"], document)
    return keyring


async def scopes(engine: AsyncEngine, token: str) -> set[str] | None:
    found = (await good(engine)).find(token.encode())
    return None if found is None else set(found.scopes)


async def test_issue(engine: AsyncEngine) -> None:
    """A key is good with its scopes; its token is kept nowhere."""
    issued = await issue(engine, "door-3", ("ask",))
    (document,) = await keys(engine)
    assert ("door-3", ["ask"], None) == (document["name"], document["scopes"], document["revoked_at"])
    assert {"ask"} == await scopes(engine, issued.token)
    assert digest(issued.token) == document["sha256"]
    assert issued.token.split("_", 2)[2] not in str(document)


async def test_revoke(engine: AsyncEngine) -> None:
    """A revoked key stays revoked since when it was, however often it is revoked again."""
    issued = await issue(engine, "door-3", ("ask",))
    await revoke(engine, issued.code)
    (once,) = await keys(engine)
    await revoke(engine, issued.code)
    assert [once] == await keys(engine)
    assert once["revoked_at"].endswith("Z")
    assert None is await scopes(engine, issued.token)


async def test_revoke_unknown(engine: AsyncEngine) -> None:
    """There must be a key to revoke."""
    with pytest.raises(RecordNotFound):
        await revoke(engine, "nobody")


async def test_bootstrap_given(engine: AsyncEngine) -> None:
    """The given key is an admin's from the first start on; nothing is made, and nothing is shown."""
    assert None is await ensure_bootstrap(engine, GIVEN)
    assert None is await ensure_bootstrap(engine, GIVEN)
    assert 1 == len(await keys(engine))
    assert {"admin", "ask", "ask:at", "read", "maintain", "approve"} == await scopes(engine, GIVEN)


async def test_bootstrap_made_once(engine: AsyncEngine) -> None:
    """Without a given key the first start makes one; the second does not."""
    made = await ensure_bootstrap(engine, None)
    assert made is not None
    assert "admin" in (await scopes(engine, made.token) or ())
    assert None is await ensure_bootstrap(engine, None)
    assert 1 == len(await keys(engine))


async def test_bootstrap_beside_lesser_keys(engine: AsyncEngine) -> None:
    """A door's key made before the first start does not stand in for the admin's."""
    await issue(engine, "door-3", ("ask",))
    assert None is not await ensure_bootstrap(engine, None)


async def test_bootstrap_changed(engine: AsyncEngine) -> None:
    """Another given key takes the place of the old one."""
    await ensure_bootstrap(engine, GIVEN)
    await ensure_bootstrap(engine, OTHER)
    assert None is await scopes(engine, GIVEN)
    assert "admin" in (await scopes(engine, OTHER) or ())


async def test_bootstrap_revoked(engine: AsyncEngine) -> None:
    """A bootstrap key that was revoked stays so at the next start; another one given is good."""
    await ensure_bootstrap(engine, GIVEN)
    await revoke(engine, "bootstrap")
    await ensure_bootstrap(engine, GIVEN)
    assert None is await scopes(engine, GIVEN)
    await ensure_bootstrap(engine, OTHER)
    assert "admin" in (await scopes(engine, OTHER) or ())


async def test_made_key_given_later(engine: AsyncEngine) -> None:
    """The key that the first start printed may be given from then on: it is the same key, once, and revoked it stays so."""
    made = await ensure_bootstrap(engine, None)
    assert made is not None
    await ensure_bootstrap(engine, made.token)
    assert 1 == len(await keys(engine))
    await revoke(engine, made.code)
    await ensure_bootstrap(engine, made.token)
    assert None is await scopes(engine, made.token)
