"""Who may ask: keys and scopes on the ask path."""

import httpx
import pytest

from tests.serving import ADMIN_KEY, QUESTION, Running

pytestmark = pytest.mark.anyio

AT = "2026-11-21T03:30:00Z"


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        ["Bearer"],
        ["Bearer "],
        [ADMIN_KEY],
        [f"Basic {ADMIN_KEY}"],
        [f"Bearer {ADMIN_KEY[:-1]}"],
        [f"Bearer {ADMIN_KEY}x"],
        [f"Bearer {ADMIN_KEY.upper()}"],
        [f"Bearer {ADMIN_KEY}, Bearer {ADMIN_KEY}"],
        [f"Bearer {ADMIN_KEY}", f"Bearer {ADMIN_KEY}"],
        ["Bearer wrong", f"Bearer {ADMIN_KEY}"],
        ["Bearer ключ"],
        ["Bearer " + "x" * 10_000],
    ],
)
@pytest.mark.parametrize("path", ["/can-operate", "/can-operate/batch"])
async def test_no_valid_key(plant: Running, values: list[str], path: str) -> None:
    """Without exactly one good key nothing is answered, and nothing about the question is told."""
    headers = [(b"authorization", value.encode()) for value in values]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=plant.service), base_url="http://plant") as stranger:
        response = await stranger.get(path, params={"person": "E1"}, headers=headers)
    assert (401, "unauthorized", []) == (response.status_code, response.json()["code"], response.json()["errors"])
    assert "Bearer" == response.headers["www-authenticate"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_scheme_in_any_case(plant: Running, scheme: str) -> None:
    """The scheme's case means nothing (RFC 9110)."""
    headers = {"Authorization": f"{scheme}  {ADMIN_KEY}"}
    assert 200 == (await plant.client.get("/can-operate", params=QUESTION, headers=headers)).status_code


async def test_a_doors_key(own: Running) -> None:
    """A door's key asks about now, and can neither choose the instant nor write."""
    door = await own.key("ask")
    assert 200 == (await own.ask(key=door, **QUESTION)).status_code
    assert 200 == (await own.ask(key=door, **QUESTION, until="2098-01-01T00:00:00Z")).status_code
    chosen = await own.ask(key=door, **QUESTION, at=AT)
    assert (403, "scope_missing") == (chosen.status_code, chosen.json()["code"])
    assert ["/at"] == [error["pointer"] for error in chosen.json()["errors"]]
    posted = await own.post(QUESTION | {"at": AT}, key=door)
    assert 403 == posted.status_code
    batch = await own.post({"questions": [QUESTION, QUESTION | {"at": AT}]}, "/can-operate/batch", key=door)
    assert (403, ["/questions/1/at"]) == (batch.status_code, [error["pointer"] for error in batch.json()["errors"]])
    headers = {"Authorization": f"Bearer {door}"}
    site = {"name": "Ningbo", "time_zone": "Asia/Shanghai"}
    written = [
        await own.client.put("/v1/sites/NGB", json=site, headers=headers),
        await own.client.patch("/v1/sites/NGB", json={}, headers=headers),
        await own.client.delete("/v1/sites/NGB", headers=headers),
        await own.client.get("/v1/sites/NGB", headers=headers),
        await own.client.get("/metrics", headers=headers),
        await own.client.post("/v1/bulk", content=b"", headers=headers | {"Content-Type": "application/x-ndjson"}),
    ]
    assert [403] * len(written) == [each.status_code for each in written]


async def test_which_scopes_ask(own: Running) -> None:
    """`ask`, `ask:at` and `admin` ask; only the latter two choose the instant; to read, maintain or approve is not to ask."""
    found = {}
    for scope in ("ask", "ask:at", "read", "maintain", "approve", "admin"):
        key = await own.key(scope)
        found[scope] = [(await own.ask(key=key, **QUESTION, **at)).status_code for at in ({}, {"at": AT})]
    no, now, any_instant = [403, 403], [200, 403], [200, 200]
    assert {
        "ask": now,
        "ask:at": any_instant,
        "admin": any_instant,
        "read": no,
        "maintain": no,
        "approve": no,
    } == found


async def test_forbidden_before_malformed(own: Running) -> None:
    """Who may not ask at all learns nothing about the question."""
    assert 403 == (await own.query("x=1", key=await own.key("read"))).status_code
