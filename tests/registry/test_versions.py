"""Versions of records: entity tags, and writes that mean one version only."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from qualsvc.records.kinds import RECORD_KINDS, Kind
from tests.registry.callers import WORLD, problem
from tests.registry.rivals import rivals
from tests.serving import Running, running
from tests.store.world import LATER, RECORDS

pytestmark = pytest.mark.anyio

STRONG = re.compile(r'"[\x21\x23-\x7e]+"')
OTHER: dict[str, dict[str, Any]] = {name: {"name": "another"} for name in RECORDS} | {
    "assignment": {"valid_until": LATER},
    "certificate": {"number": "another"},
    "training_record": {"score": 60},
    "waiver": {"reason": "another"},
    "restriction": {"reason": "another"},
    "site_stay": {"valid_until": LATER},
}
"""A change of each record of the small plant."""


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path, plant=WORLD) as plant:
        yield plant


def path_of(kind: Kind) -> str:
    return f"/v1/{kind.path}/{RECORDS[kind.name]['code']}"


async def version(client: httpx.AsyncClient, path: str) -> tuple[str, Any]:
    """The tag and the record that are read now."""
    answer = await client.get(path)
    return answer.headers["ETag"], answer.json()


async def test_a_version_has_one_tag_whoever_tells_it(plant: Running) -> None:
    """Of every kind: read, replaced or left unchanged, it is the same strong tag; a change has another."""
    for kind in RECORD_KINDS:
        path, client = path_of(kind), plant.client
        first, record = await version(client, path)
        put = await client.put(path, json=record)
        unchanged = await client.patch(path, json={})
        changed = await client.patch(path, json=OTHER[kind.name])
        second, _ = await version(client, path)
        back = await client.put(path, json=record)
        found = [answer.headers["ETag"] for answer in (put, unchanged, changed, back)]
        assert (kind.name, [first, first, second, first]) == (kind.name, found)
        assert first != second
        assert STRONG.fullmatch(first)
        assert STRONG.fullmatch(second)


async def test_what_is_personal_is_part_of_the_version(plant: Running) -> None:
    """Two clerks who change one person's telephone do not overwrite each other, though the log never says the number."""
    read, _ = await version(plant.client, "/v1/persons/E1001")
    first = await plant.client.patch("/v1/persons/E1001", json={"phone": "1"}, headers={"If-Match": read})
    second = await plant.client.patch("/v1/persons/E1001", json={"phone": "2"}, headers={"If-Match": read})
    assert (200, 412) == (first.status_code, second.status_code)


async def test_a_stale_tag_changes_nothing(plant: Running) -> None:
    """Of every kind: PUT, PATCH and DELETE with an old tag are 412 with the tag of today; with that one they are done."""
    for kind in RECORD_KINDS:
        path, client = path_of(kind), plant.client
        stale, record = await version(client, path)
        await client.patch(path, json=OTHER[kind.name])
        today, changed = await version(client, path)
        revision = (await client.patch(path, json={})).headers["Revision"]
        for method, body in (("PUT", record), ("PATCH", {"code": record["code"]}), ("DELETE", None)):
            refused = await client.request(method, path, json=body, headers={"If-Match": stale})
            assert (412, "precondition_failed", ["If-Match"]) == problem(refused)
            assert (kind.name, method, today) == (kind.name, method, refused.headers["ETag"])
            assert "has changed since you read it" in refused.json()["detail"]
        assert (today, changed) == await version(client, path)
        assert revision == (await client.patch(path, json={}, headers={"If-Match": today})).headers["Revision"]
        assert 200 == (await client.put(path, json=record, headers={"If-Match": today})).status_code


MATCHING = [
    ("*", 200),
    ("{tag}", 200),
    (' "other" , {tag},', 200),
    ('"other", W/{tag}', 412),
    ("W/{tag}", 412),
    ('"other"', 412),
    ('""', 412),
    ("", 400),
    ("bare", 400),
    ("*, {tag}", 400),
    ("{tag} {tag}", 400),
    ('"half', 400),
    ("'{tag}'", 400),
    ('w/"lower"', 400),
    (",", 400),
]


async def test_if_match_is_read_as_the_rfc_says(plant: Running) -> None:
    """`*` is any version, a list any of its tags, a weak tag none; what is no tag is 400 and names the header."""
    tag, _ = await version(plant.client, "/v1/sites/SH")
    found = []
    for given, expected in MATCHING:
        answer = await plant.client.patch("/v1/sites/SH", json={}, headers={"If-Match": given.replace("{tag}", tag)})
        found.append((given, answer.status_code))
        if expected == 400:
            assert (400, "malformed_header", ["If-Match"]) == problem(answer)
    assert found == MATCHING
    both = [("If-Match", '"other"'), ("If-Match", tag)]
    assert 200 == (await plant.client.patch("/v1/sites/SH", json={}, headers=both)).status_code


async def test_of_what_is_not_there_no_version_is_meant(plant: Running) -> None:
    """PUT with any If-Match is 412 without a tag and creates nothing; PATCH, DELETE and verdicts are 404 as without it."""
    client = plant.client
    for given in ("*", '"x"'):
        headers = {"If-Match": given}
        put = await client.put("/v1/sites/NEW", json={"name": "x", "time_zone": "UTC"}, headers=headers)
        assert (412, "precondition_failed", ["If-Match"]) == problem(put)
        assert "ETag" not in put.headers
        assert "is not there" in put.json()["detail"]
        for answer in (
            await client.patch("/v1/sites/NEW", json={}, headers=headers),
            await client.delete("/v1/sites/NEW", headers=headers),
            await client.get("/v1/sites/NEW"),
            await client.post("/v1/waivers/NEW/approve", headers=headers),
        ):
            assert (404, "record_not_found", []) == problem(answer)


async def test_creating_only(plant: Running) -> None:
    """`If-None-Match: *` creates once and never replaces; nothing else is read in it, nor where nothing is created."""
    client, only = plant.client, {"If-None-Match": "*"}
    site = {"name": "x", "time_zone": "UTC"}
    created = await client.put("/v1/sites/NEW", json=site, headers=only)
    again = await client.put("/v1/sites/NEW", json=site, headers=only)
    assert (201, 412) == (created.status_code, again.status_code)
    assert (412, "precondition_failed", ["If-None-Match"]) == problem(again)
    assert created.headers["ETag"] == again.headers["ETag"]
    tag = created.headers["ETag"]
    for method, headers in (
        ("PUT", {"If-None-Match": tag}),
        ("PUT", {"If-None-Match": f"*, {tag}"}),
        ("PUT", {"If-None-Match": "*", "If-Match": tag}),
        ("PATCH", only),
        ("DELETE", only),
    ):
        answer = await client.request(method, "/v1/sites/NEW", json=site, headers=headers)
        assert (method, headers, 400, "malformed_header", ["If-None-Match"]) == (method, headers, *problem(answer))
    assert 200 == (await client.get("/v1/sites/NEW")).status_code


WRITES: dict[str, tuple[str, str, Any]] = {
    "put": ("PUT", "", RECORDS["waiver"] | {"reason": "put"}),
    "put as well": ("PUT", "", RECORDS["waiver"] | {"reason": "put as well"}),
    "patch": ("PATCH", "", {"reason": "patched"}),
    "delete": ("DELETE", "", None),
    "approve": ("POST", "/approve", None),
    "reject": ("POST", "/reject", None),
}
RIVALS = [
    ("put", "put as well", 412),
    ("put", "patch", 412),
    ("patch", "put", 412),
    ("patch", "delete", 412),
    ("delete", "patch", 404),  # nothing is left to compare with
    ("delete", "put", 412),
    ("approve", "patch", 412),
    ("patch", "approve", 412),
    ("approve", "reject", 412),
    ("approve", "delete", 412),
]


async def test_of_two_writers_with_one_tag_one_is_refused(plant: Running) -> None:
    """Both are under way before either is done; the first is done whole, the other is told and has changed nothing."""
    client, path = plant.client, "/v1/waivers/W1"
    found = []
    for first, second, _ in RIVALS:
        await plant.load([{"kind": "waiver"} | RECORDS["waiver"]])
        tag, _ = await version(client, path)
        sent = [WRITES[name] for name in (first, second)]
        answers = await rivals(
            plant.database_url,
            *(client.request(method, path + end, json=body, headers={"If-Match": tag}) for method, end, body in sent),
        )
        assert (first, second, True) == (first, second, answers[0].is_success)
        found.append((first, second, answers[1].status_code))
        left = await client.get(path)
        assert (answers[0].headers.get("ETag"), answers[0].status_code == 204) == (
            left.headers.get("ETag"),
            left.status_code == 404,
        )
    assert found == RIVALS


async def test_every_kind_has_rivals(plant: Running) -> None:
    """Of each kind: two that put another version over the one they read are one 200 and one 412."""
    for kind in RECORD_KINDS:
        path = path_of(kind)
        tag, record = await version(plant.client, path)
        answers = await rivals(
            plant.database_url,
            plant.client.put(path, json=record | OTHER[kind.name], headers={"If-Match": tag}),
            plant.client.patch(path, json=OTHER[kind.name], headers={"If-Match": tag}),
        )
        assert (kind.name, [200, 412]) == (kind.name, [answer.status_code for answer in answers])


async def test_two_that_create_at_once(plant: Running) -> None:
    """With `If-None-Match: *` one creates; the other learns that it is there."""
    only = {"If-None-Match": "*"}
    answers = await rivals(
        plant.database_url,
        *(plant.client.put("/v1/courses/NEW", json={"name": name}, headers=only) for name in ("one", "two")),
    )
    assert [201, 412] == [answer.status_code for answer in answers]
    assert "one" == (await plant.client.get("/v1/courses/NEW")).json()["name"]


def test_the_changes_above_are_of_every_kind() -> None:
    """A new kind is not forgotten here."""
    assert {kind.name for kind in RECORD_KINDS} == OTHER.keys()
