"""Waivers: asked for by one, decided by another, for a bounded time, and in force from the answer on."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.registry.callers import Caller, caller, problem
from tests.serving import ADMIN_KEY, PLANT, QUESTION, Running, changed, running

pytestmark = pytest.mark.anyio

PATH = "/v1/waivers/W"
LASTS_30_DAYS = {"valid_from": "2026-11-01T00:00:00Z", "valid_until": "2026-12-01T00:00:00Z"}
A_MOMENT_LONGER = LASTS_30_DAYS | {"valid_until": "2026-12-01T00:00:00.000001Z"}
WAIVER: dict[str, Any] = {"person": "E1", "rule": "R1", "reason": "licence at the office for renewal"} | LASTS_30_DAYS
THEN = "2026-11-21T03:30:00Z"
WAIVABLE = changed("R1", waivable=True)


@pytest.fixture(scope="module")
async def service(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """E1's licence is revoked, and the rule that asks for it can be waived."""
    kept = [record for record in PLANT if record["code"] not in {"R1", "C1"}]
    plant = [*kept, WAIVABLE, changed("C1", status="revoked")]
    async with running(shared_database_url, tmp_path_factory.mktemp("waivers"), plant=plant) as service:
        yield service


@pytest.fixture
async def plant(service: Running) -> AsyncIterator[Running]:
    """The service without any waiver and with the one rule, each time."""
    yield service
    left = []
    for kind, path in (("waiver", "waivers"), ("rule", "rules")):
        items = (await service.client.get(f"/v1/{path}")).json()["items"]
        left += [{"kind": kind, "code": each["code"], "op": "delete"} for each in items if each["code"] != "R1"]
    await service.load([WAIVABLE, *left])


@pytest.fixture
async def clerk(plant: Running) -> Caller:
    return await caller(plant, "maintain", "read")


@pytest.fixture
async def boss(plant: Running) -> Caller:
    return await caller(plant, "approve")


@pytest.fixture
def admin(plant: Running) -> Caller:
    return Caller(plant.client, "bootstrap", ADMIN_KEY)


async def asked(by: Caller, **fields: Any) -> None:
    """`by` has asked for the waiver."""
    answer = await by.send("PUT", PATH, WAIVER | fields)
    assert answer.is_success, answer.text
    assert ("requested", by.key) == (answer.json()["status"], answer.json()["requested_by"])


async def passed(by: Caller, verdict: str, **headers: str) -> tuple[int, str]:
    """What came of a verdict: the status of the answer, and the code of the problem or the status of the waiver."""
    answer = await by.send(
        "POST", f"{PATH}/{verdict}", headers={name.replace("_", "-"): said for name, said in headers.items()}
    )
    body = answer.json()
    if answer.is_success:
        assert answer.headers["ETag"]
    return answer.status_code, body["status"] if answer.is_success else body["code"]


async def decision(plant: Running) -> str:
    told: str = (await plant.ask(**QUESTION, at=THEN)).json()["decision"]
    return told


async def status(reader: Caller) -> tuple[str, str | None]:
    """The waiver as it is now, and who approved it."""
    read = await reader.get(PATH)
    return read["status"], read["approved_by"]


async def test_the_life_of_a_waiver(plant: Running, clerk: Caller, boss: Caller) -> None:
    """It opens nothing while it is asked for, opens from the answer to the approval on, and closes with the revocation."""
    decisions = [await decision(plant)]
    await asked(clerk)
    decisions.append(await decision(plant))
    assert (200, "approved") == await passed(boss, "approve")
    decisions.append(await decision(plant))
    assert ("approved", boss.key) == await status(clerk)
    assert (200, "revoked") == await passed(boss, "revoke")
    decisions.append(await decision(plant))
    assert ("revoked", boss.key) == await status(clerk)
    assert ["deny", "deny", "allow", "deny"] == decisions


async def test_a_rejected_waiver_opens_nothing(plant: Running, clerk: Caller, boss: Caller) -> None:
    """It stays as it is, and nobody can approve it later."""
    await asked(clerk)
    assert (200, "rejected") == await passed(boss, "reject")
    assert ("rejected", None) == await status(clerk)
    assert (409, "waiver_settled") == await passed(boss, "approve")
    assert "deny" == await decision(plant)


async def test_one_that_nobody_wants_any_more(clerk: Caller, boss: Caller) -> None:
    """What is only asked for can be revoked before anybody decides; then it is settled."""
    await asked(clerk)
    assert (200, "revoked") == await passed(boss, "revoke")
    assert (409, "waiver_settled") == await passed(boss, "approve")
    assert ("revoked", None) == await status(clerk)


SETTLED = {
    "approve": {"reject": "waiver_settled", "approve": "approved"},
    "reject": {"approve": "waiver_settled", "revoke": "waiver_settled", "reject": "rejected"},
    "revoke": {"approve": "waiver_settled", "reject": "waiver_settled", "revoke": "revoked"},
}


@pytest.mark.parametrize("first", SETTLED)
async def test_what_is_settled_stays_so(clerk: Caller, boss: Caller, first: str) -> None:
    """Another verdict is 409 and says how it stands; the same one again is 200 and makes no revision."""
    await asked(clerk)
    done = await boss.send("POST", f"{PATH}/{first}")
    found = {}
    for verdict in SETTLED[first]:
        answer = await boss.send("POST", f"{PATH}/{verdict}")
        body = answer.json()
        found[verdict] = body["status"] if answer.is_success else body["code"]
        if answer.is_success:
            assert (done.json(), done.headers["Revision"]) == (body, answer.headers["Revision"])
            assert done.headers["ETag"] == answer.headers["ETag"]
        else:
            assert (409, "waiver_settled", ["/status"]) == problem(answer)
            assert f"waiver `W` is {done.json()['status']}" in body["errors"][0]["message"]
    assert SETTLED[first] == found


async def test_a_second_approval_is_not_a_second_approver(plant: Running, clerk: Caller, boss: Caller) -> None:
    """Who approves what another has approved is told so: their name would not be in the record."""
    await asked(clerk)
    assert (200, "approved") == await passed(boss, "approve")
    second = await caller(plant, "approve")
    assert (409, "waiver_settled") == await passed(second, "approve")
    assert ("approved", boss.key) == await status(clerk)


FOUR_EYES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("one person's two keys", {"person": "E2"}, {"person": "E2"}, "by_requester"),
    ("the beneficiary's key", {}, {"person": "E1"}, "by_beneficiary"),
    ("a key named after the beneficiary", {}, {"name": "E1"}, "by_beneficiary"),
    ("the beneficiary's key that is an admin's too", {}, {"person": "E1", "scopes": ["admin"]}, "by_beneficiary"),
    ("one person's two keys, one of them an admin's", {"person": "E3"}, {"person": "E3", "scopes": ["admin"]}, "by_requester"),
]


@pytest.mark.parametrize(("_name", "requester", "approver", "expected"), FOUR_EYES, ids=[case[0] for case in FOUR_EYES])
async def test_nobody_decides_for_themselves(
    plant: Running, clerk: Caller, _name: str, requester: dict[str, Any], approver: dict[str, Any], expected: str
) -> None:
    """Neither who asked nor who profits, by whichever of their keys: 403, nothing changed; ending it is open to all."""
    by = await caller(plant, "maintain", **requester)
    same = await caller(plant, *approver.pop("scopes", ["approve"]), **approver)
    await asked(by)
    assert (403, f"approved_{expected}") == await passed(same, "approve")
    assert (403, f"rejected_{expected}") == await passed(same, "reject")
    refused = await same.send("POST", f"{PATH}/approve")
    (error,) = refused.json()["errors"]
    assert "somebody else must approve it" in error["message"]
    assert ("requested", None) == await status(clerk)
    assert (200, "revoked") == await passed(same, "revoke")


@pytest.mark.parametrize("scopes", [("maintain", "approve"), ("admin",)])
async def test_no_key_approves_what_it_asked_for(plant: Running, clerk: Caller, scopes: Any) -> None:
    """A key with both scopes asks, and somebody else approves; an admin's too."""
    both = await caller(plant, *scopes)
    await asked(both)
    assert (403, "approved_by_requester") == await passed(both, "approve")
    assert (200, "approved") == await passed(await caller(plant, "approve", name="other"), "approve")
    assert "approved" == (await status(clerk))[0]


async def test_others_of_the_same_name_are_others(plant: Running, boss: Caller) -> None:
    """Two keys without a person, of one name, are two: only what is known counts against them."""
    await asked(await caller(plant, "maintain", name="office"))
    assert (200, "approved") == await passed(await caller(plant, "approve", name="office"), "approve")
    assert (200, "revoked") == await passed(boss, "revoke")


async def test_who_asked_cannot_be_changed(plant: Running, clerk: Caller, boss: Caller) -> None:
    """Another clerk who changes a request does not become its requester; who asked still may not approve."""
    both = await caller(plant, "maintain", "approve")
    await asked(both)
    answer = await clerk.send("PATCH", PATH, {"reason": "more words"})
    assert both.key == answer.json()["requested_by"]
    for field in ("requested_by", "approved_by"):
        claimed = await clerk.send("PATCH", PATH, {field: "someone"})
        assert (403, "admin_required", [f"/{field}"]) == problem(claimed)
    assert (403, "approved_by_requester") == await passed(both, "approve")
    assert (200, "approved") == await passed(boss, "approve")


async def test_who_rewrites_a_request_does_not_approve_it(plant: Running, clerk: Caller, boss: Caller) -> None:
    """What one has made of another's request is approved by a third, whichever of one's keys one takes."""
    own, second = [await caller(plant, *scopes, person="E3") for scopes in (("maintain",), ("approve",))]
    await asked(clerk)
    assert 200 == (await own.send("PATCH", PATH, {"person": "E2"})).status_code
    for verdict in ("approve", "reject"):
        refused = await second.send("POST", f"{PATH}/{verdict}")
        assert 403 == refused.status_code
        assert "you have requested waiver `W`, or changed it" in refused.json()["errors"][0]["message"]
    assert (200, "approved") == await passed(boss, "approve")
    assert 204 == (await clerk.send("DELETE", PATH)).status_code
    await asked(clerk)  # anew: what was before is no part of it
    assert (200, "approved") == await passed(second, "approve")


async def test_an_admin_settles_what_an_admin_took_over(clerk: Caller, admin: Caller) -> None:
    """Requests of an old ledger, with their requesters, are brought in and settled by one admin."""
    old = {"kind": "waiver", "code": "W", "requested_by": "ledger"} | WAIVER
    assert 200 == (await admin.bulk([old])).status_code
    assert (200, "approved") == await passed(admin, "approve")
    assert ("approved", "bootstrap") == await status(clerk)


async def test_approval_is_not_written_by_hand(plant: Running, clerk: Caller, boss: Caller, admin: Caller) -> None:
    """Who maintains writes no approved waiver and changes none; an admin may, naming two different ones."""
    by_hand = WAIVER | {"status": "approved", "approved_by": boss.key}
    for answer in (await clerk.send("PUT", PATH, by_hand), await clerk.bulk([{"kind": "waiver", "code": "W"} | by_hand])):
        assert 403 == answer.status_code
        assert "admin_required" == answer.json()["code"]
    await asked(clerk)
    assert (403, "admin_required") == problem(await clerk.send("PATCH", PATH, {"status": "approved"}))[:2]
    assert (200, "approved") == await passed(boss, "approve")
    stretched = await clerk.send("PATCH", PATH, {"valid_until": "2026-12-01T00:00:01Z"})
    assert 403 == stretched.status_code
    assert 200 == (await clerk.send("PUT", PATH, await clerk.get(PATH))).status_code
    again = await clerk.send("PATCH", PATH, {"status": "revoked"})
    assert (200, "revoked") == (again.status_code, again.json()["status"])
    assert 200 == (await admin.send("PUT", PATH, by_hand | {"requested_by": "old ledger"})).status_code
    assert "allow" == await decision(plant)
    own = await admin.send("PUT", PATH, by_hand | {"requested_by": boss.key})
    assert (422, "approved_by_requester", ["/approved_by"]) == problem(own)


async def test_a_changed_request_is_what_is_approved(clerk: Caller, boss: Caller) -> None:
    """With If-Match the verdict is on what was read: changed since, it is 412 and still open."""
    await asked(clerk)
    read = await clerk.send("GET", PATH)
    await clerk.send("PATCH", PATH, {"reason": "something else"})
    today = (await clerk.send("GET", PATH)).headers["ETag"]
    for verdict in ("approve", "reject", "revoke"):
        refused = await boss.send("POST", f"{PATH}/{verdict}", headers={"If-Match": read.headers["ETag"]})
        assert (412, "precondition_failed", ["If-Match"]) == problem(refused)
        assert today == refused.headers["ETag"]
    assert ("requested", None) == await status(clerk)
    assert (200, "approved") == await passed(boss, "approve", If_Match=today)


@pytest.mark.parametrize("scopes", [("maintain", "read"), ("ask:at",), ("read",)])
async def test_verdicts_need_their_scope(plant: Running, clerk: Caller, scopes: Any) -> None:
    """Without `approve` it is 403, whoever asked; without a key 401; and nothing has happened."""
    await asked(clerk)
    for verdict in ("approve", "reject", "revoke"):
        other = await caller(plant, *scopes)
        assert (403, "scope_missing") == await passed(other, verdict)
        assert 401 == (await plant.client.post(f"{PATH}/{verdict}", headers={"Authorization": "none"})).status_code
    assert ("requested", None) == await status(clerk)


async def test_a_waiver_is_bounded_when_it_is_asked_for(clerk: Caller, admin: Caller) -> None:
    """30 days and not a moment more, by PUT, PATCH and bulk; the refusal names the setting. So for admins."""
    for by in (clerk, admin):
        answer = await by.send("PUT", PATH, WAIVER | A_MOMENT_LONGER)
        assert (422, "waiver_too_long", ["/valid_until"]) == problem(answer)
        assert "at most 30 days (`QUALSVC_MAX_WAIVER_DAYS`)" in answer.json()["errors"][0]["message"]
    line = await clerk.bulk([{"kind": "waiver", "code": "W"} | WAIVER | A_MOMENT_LONGER])
    assert (422, 1) == (line.status_code, line.json()["errors"][0]["line"])
    await asked(clerk)
    assert 422 == (await clerk.send("PATCH", PATH, A_MOMENT_LONGER)).status_code
    assert LASTS_30_DAYS.items() <= (await clerk.get(PATH)).items()


async def test_a_waiver_is_bounded_when_it_is_approved(plant: Running, clerk: Caller, boss: Caller, admin: Caller) -> None:
    """One taken over as it was asked for, too long, is not approved; shortened it is."""
    old = {"kind": "waiver", "code": "W", "requested_by": "ledger"} | WAIVER | {"valid_until": "2027-11-01T00:00:00Z"}
    assert 200 == (await admin.bulk([old])).status_code
    assert (422, "waiver_too_long") == await passed(boss, "approve")
    assert ("requested", None) == await status(clerk)
    assert "deny" == await decision(plant)
    assert 200 == (await clerk.send("PATCH", PATH, LASTS_30_DAYS)).status_code
    assert (200, "approved") == await passed(boss, "approve")


async def test_the_plant_sets_the_bound(database_url: str, tmp_path: Path) -> None:
    """`QUALSVC_MAX_WAIVER_DAYS` days, here 7."""
    waivable = [record for record in PLANT if record["code"] != "R1"] + [WAIVABLE]
    async with running(database_url, tmp_path, plant=waivable, max_waiver_days=7) as plant:
        clerk = await caller(plant, "maintain")
        long = await clerk.send("PUT", PATH, WAIVER | {"valid_until": "2026-11-08T00:00:00.000001Z"})
        assert (422, "waiver_too_long", ["/valid_until"]) == problem(long)
        assert 201 == (await clerk.send("PUT", PATH, WAIVER | {"valid_until": "2026-11-08T00:00:00Z"})).status_code


async def test_old_exceptions_are_taken_over(plant: Running, clerk: Caller, admin: Caller) -> None:
    """An admin brings an old ledger in bulk: approved ones of any length, with who asked and who approved as it says."""
    long = WAIVER | {"valid_until": "2027-11-01T00:00:00Z"}
    approved = long | {"status": "approved", "requested_by": "Zhang", "approved_by": "Li"}
    lines = [{"kind": "waiver", "code": code} | approved for code in ("W", "W2")]
    refused = await clerk.bulk(lines)
    assert (403, "admin_required") == problem(refused)[:2]
    assert {1, 2} == {error["line"] for error in refused.json()["errors"]}
    assert 200 == (await admin.bulk(lines)).status_code
    assert "allow" == await decision(plant)
    assert ("approved", "Li") == await status(clerk)
    for wrong, code in (
        ({"approved_by": "Zhang"}, "approved_by_requester"),
        ({"approved_by": "E1"}, "approved_by_beneficiary"),
    ):
        answer = await admin.bulk([{"kind": "waiver", "code": "W3"} | approved | wrong])
        assert (422, code, ["/approved_by"]) == problem(answer)


async def test_what_is_not_waivable(plant: Running, clerk: Caller, boss: Caller, admin: Caller) -> None:
    """No waiver is asked for of such a rule, nor approved once the rule has become one; it can still be ended."""
    hard = changed("R1", waivable=False) | {"code": "HARD"}
    await plant.load([hard])
    for by in (clerk, admin):
        answer = await by.send("PUT", PATH, WAIVER | {"rule": "HARD"})
        assert (422, "rule_not_waivable", ["/rule"]) == problem(answer)
        assert "`HARD`" in answer.json()["errors"][0]["message"]
    await asked(clerk)
    await plant.load([changed("R1", waivable=False)])
    assert (422, "rule_not_waivable") == await passed(boss, "approve")
    assert ("requested", None) == await status(clerk)
    assert (200, "rejected") == await passed(boss, "reject")


async def test_a_waiver_ends_by_itself(plant: Running, clerk: Caller, boss: Caller) -> None:
    """It opens from its first instant until its last, and the answer says until when."""
    await asked(clerk)
    assert (200, "approved") == await passed(boss, "approve")
    found = []
    for at in ("2026-10-31T23:59:59.999999Z", "2026-11-01T00:00:00Z", "2026-11-30T23:59:59.999999Z", "2026-12-01T00:00:00Z"):
        answer = (await plant.ask(**QUESTION, at=at)).json()
        found.append((answer["decision"], answer["valid_until"]))
    ends = LASTS_30_DAYS["valid_until"]
    assert [("deny", "2026-11-01T00:00:00Z"), ("allow", ends), ("allow", ends), ("deny", None)] == found


async def test_a_verdict_takes_no_body(clerk: Caller, boss: Caller) -> None:
    """Who approves is told by the key: a name in the body is refused, not passed over; `{}` is no body."""
    await asked(clerk)
    bodies: list[Any] = [{"approved_by": "somebody"}, [], "x", b"{", b"x" * 2000]
    for body in bodies:
        refused = await boss.send("POST", f"{PATH}/approve", body)
        assert (413 if isinstance(body, bytes) and len(body) > 1024 else 400) == refused.status_code
    parameter = await boss.send("POST", f"{PATH}/approve", by="somebody")
    assert (400, "unknown_parameter", ["?by"]) == problem(parameter)
    assert ("requested", None) == await status(clerk)
    assert 200 == (await boss.send("POST", f"{PATH}/approve", {})).status_code
