"""Questions kept beside a rule: asked at each change of it, and of rules that are only tried."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from qualsvc.records.keys import Scope
from qualsvc.store.reading import head_revision
from tests.registry.ruling import GRANT, Record, of, ruled, written
from tests.registry.test_routes import fill, problem
from tests.serving import Running
from tests.store.world import RECORDS

pytestmark = pytest.mark.anyio


@pytest.fixture
async def here(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with ruled(database_url, tmp_path) as service:
        yield service


YES: Record = {"person": "E1", "equipment": "FORK-07", "process": "LOADING", "expect": "allow"}
NO: Record = {"person": "E3", "equipment": "FORK-07", "process": "LOADING", "expect": "deny", "reasons": ["position_not_held"]}
TEST = "/v1/rules/R1/test"
STRICTER = {"requirement": {"certificate": {"type": "N9"}}}


async def bulk(here: Running, *lines: Record) -> Record:
    content = "\n".join(json.dumps(line) for line in lines)
    answer = await here.client.post("/v1/bulk", content=content, headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 200, answer.text
    body: Record = answer.json()
    return body


async def test_kept_questions_are_asked_on_each_change_of_the_rule(here: Running) -> None:
    """By PUT, by PATCH and in bulk: a change that answers one otherwise is told, one that does not is not."""
    kept = await here.client.post(TEST, json={"questions": [YES, NO]})
    assert (kept.json()["passed"], kept.json()["failed"]) == (2, 0)
    failed = {
        "rule": "R1",
        "question": YES | {"reasons": []},
        "expected": "allow",
        "got": "deny",
        "reasons": ["certificate_missing"],
    }
    by_put = await written(here, "R1", **STRICTER)
    assert of("question_failed", by_put) == [failed]
    assert of("question_failed", await written(here, "R1")) == []
    by_patch = (await here.client.patch("/v1/rules/R1", json={"requirement": {"certificate": {"type": "N9"}}})).json()
    assert of("question_failed", by_patch["warnings"]) == [failed]
    rule = {"kind": "rule", "code": "R1"} | GRANT
    assert "warnings" not in await bulk(here, rule)
    in_bulk = await bulk(here, rule | STRICTER, {"kind": "rule", "code": "R2"} | GRANT)
    assert (of("question_failed", in_bulk["warnings"]), in_bulk["changed"], in_bulk["created"]) == ([failed], 1, 1)
    assert "warnings" not in await bulk(here, rule | STRICTER)
    read = await here.client.get(TEST)
    assert read.json() == {"rule": "R1", "questions": [YES | {"reasons": []}, NO]}


async def test_kept_questions_have_versions_and_a_history(here: Running) -> None:
    """Two people who keep questions beside a rule do not undo each other's, and who changed what stays on record."""
    none = (await here.client.get(TEST)).headers["ETag"]
    first = await here.client.post(TEST, json={"questions": [YES]}, headers={"If-Match": none})
    tag = (await here.client.get(TEST)).headers["ETag"]
    assert (200, tag) == (first.status_code, first.headers["ETag"])
    second = await here.client.post(TEST, json={"questions": [YES, NO]}, headers={"If-Match": tag})
    assert (200, True) == (second.status_code, tag != second.headers["ETag"])
    for headers in ({"If-Match": tag}, {"If-Match": none}, {"If-None-Match": "*"}):
        late = await here.client.post(TEST, json={"questions": []}, headers=headers)
        assert (412, "precondition_failed", list(headers)) == problem(late)
    assert [YES | {"reasons": []}, NO] == (await here.client.get(TEST)).json()["questions"]
    tried = await here.client.post(TEST, json={"questions": [], "keep": False}, headers={"If-Match": tag})
    assert (400, "malformed_header", ["If-Match"]) == problem(tried)
    await written(here, "R2")
    assert [] == (await here.client.get("/v1/rules/R2/test/history")).json()["items"]
    changes = (await here.client.get(f"{TEST}/history")).json()["items"]
    asked = [[len(each[side]["questions"]) if each[side] else None for side in ("before", "after")] for each in changes]
    assert [[None, 1], [1, 2]] == asked
    assert 404 == (await here.client.get("/v1/rules/NONE/test/history")).status_code


async def test_a_bulk_tells_a_hundred_failed_questions_and_counts_the_others(here: Running) -> None:
    """However many rules a bulk writes, its answer stays readable."""
    await here.client.post(TEST, json={"questions": [YES] * 130})
    warnings = (await bulk(here, {"kind": "rule", "code": "R1"} | GRANT | STRICTER))["warnings"]
    assert (len(warnings), warnings[99]["question"], warnings[100]["count"]) == (101, YES | {"reasons": []}, 30)


async def test_questions_go_with_their_rule(here: Running) -> None:
    """A rule deleted and written anew has none."""
    await here.client.post(TEST, json={"questions": [YES]})
    assert (await here.client.delete("/v1/rules/R1")).status_code == 204
    assert problem(await here.client.get(TEST))[:2] == (404, "record_not_found")
    await written(here, "R1")
    assert (await here.client.get(TEST)).json() == {"rule": "R1", "questions": []}


async def test_results_tell_what_was_answered(here: Running) -> None:
    """The question, the instant, the decision, the reasons and those that are missing."""
    at, until = "2026-11-21T03:30:00Z", "2026-11-21T11:30:00Z"
    trainee: Record = {"person": "E2", "equipment": "FORK-07", "process": "LOADING"}
    questions = [
        trainee | {"at": at, "until": until, "expect": "conditional", "reasons": ["supervision_required"]},
        trainee | {"at": at, "supervisor": "E1", "expect": "allow", "reasons": ["expiring_soon", "supervision_given"]},
        trainee | {"at": "2026-11-21T11:30:00+08:00", "person": "NOBODY", "expect": "allow"},
    ]
    answer = await here.client.post(TEST, json={"questions": questions, "keep": False})
    came = {"at": at, "missing": [], "passed": True}
    expected = [
        trainee
        | came
        | {"until": until, "expect": "conditional", "decision": "conditional", "reasons": ["supervision_required"]},
        trainee
        | came
        | {"supervisor": "E1", "expect": "allow", "decision": "allow", "reasons": ["supervision_given"]}
        | {"missing": ["expiring_soon"], "passed": False},
        trainee
        | came
        | {"person": "NOBODY", "expect": "allow", "decision": "deny", "reasons": ["person_unknown"], "passed": False},
    ]
    revision = await head_revision(here.engine)
    assert answer.json() == {"rule": "R1", "revision": revision, "passed": 1, "failed": 2, "results": expected}


async def test_a_question_may_be_about_a_window(here: Running) -> None:
    """E1 may drive when it begins, and his licence ends before it does."""
    window = {
        "at": "2098-12-30T00:00:00Z",
        "until": "2098-12-31T00:00:00Z",
        "expect": "deny",
        "reasons": ["certificate_expired"],
    }
    (result,) = (await here.client.post(TEST, json={"questions": [YES | window], "keep": False})).json()["results"]
    assert (result["decision"], result["reasons"], result["passed"]) == ("deny", ["certificate_expired"], True)


async def test_only_questions_that_are_kept_are_written(here: Running) -> None:
    """Keeping makes a revision, the same again makes none, an empty list keeps none; running writes nothing."""
    before = await head_revision(here.engine)
    revisions = []
    keep: Record = {"questions": [YES]}
    bodies: list[Record] = [keep, keep, {"questions": [NO], "keep": False}, {}, {"questions": []}, {}]
    for body in bodies:
        answer = await here.client.post(TEST, json=body)
        told = answer.headers.get("Revision")
        revisions.append((len(answer.json()["results"]), None if told is None else int(told) - before))
    assert revisions == [(1, 1), (1, 1), (1, None), (1, None), (0, 2), (0, None)]
    assert await head_revision(here.engine) == before + 2


async def test_a_proposed_rule_is_tried_and_not_written(here: Running) -> None:
    """Kept questions and new ones are asked as if it were there, also of a rule that is not there yet."""
    await here.client.post(TEST, json={"questions": [YES]})
    before = await head_revision(here.engine)
    stricter = await here.client.post(TEST, json={"rule": GRANT | STRICTER})
    denied = {"expect": "allow", "decision": "deny", "reasons": ["certificate_missing"], "passed": False}
    assert denied.items() <= stricter.json()["results"][0].items()
    # a second grant of the position narrows it
    more = {"questions": [YES], "rule": GRANT | STRICTER}
    new = await here.client.post("/v1/rules/NEW/test", json=more)
    assert denied.items() <= new.json()["results"][0].items()
    assert (await here.client.get("/v1/rules/NEW")).status_code == 404
    assert (await here.client.post(TEST, json={})).json()["passed"] == 1
    assert (await here.ask(person="E1", equipment="FORK-07", process="LOADING")).json()["decision"] == "allow"
    assert (await here.client.get(TEST)).json()["questions"] == [YES | {"reasons": []}]
    assert await head_revision(here.engine) == before


async def test_a_proposed_rule_is_refused_for_what_writing_it_would_be(here: Running) -> None:
    """References, statutory types and the rule by itself, each fault with its place in the body."""
    cases: tuple[tuple[Record, tuple[int, str, list[str]]], ...] = (
        ({"requirement": {"certificate": {"type": "NO"}}}, (422, "unknown_reference", ["/rule/requirement/certificate/type"])),
        ({"requirement": {"certificate": {"type": "LAW"}}, "waivable": True}, (422, "statutory_rule", ["/rule/waivable"])),
        ({"requirement": {"all": []}}, (422, "requirement_invalid", ["/rule/requirement/all"])),
        ({"enforcement": "monitor"}, (422, "monitor_on_grant", ["/rule/enforcement"])),
        ({"code": "R2"}, (422, "code_mismatch", ["/rule/code"])),
        ({"nmae": "x"}, (422, "unknown_field", ["/rule/nmae"])),
    )
    for fields, expected in cases:
        answer = await here.client.post(TEST, json={"questions": [YES], "rule": GRANT | fields})
        assert (fields, *problem(answer)) == (fields, *expected)


WINDOW = {"until": "2026-11-21T11:30:00Z"}
BAD_TESTS: list[tuple[str, Any, tuple[int, str, list[str]]]] = [
    ("/v1/rules/NO/test", {}, (404, "record_not_found", [])),
    ("/v1/rules/NO/test", {"questions": [YES]}, (404, "record_not_found", [])),
    ("/v1/rules/NO/test", {"questions": [YES], "keep": False}, (404, "record_not_found", [])),
    ("/v1/rules/a%20b/test", {"questions": [YES], "rule": GRANT}, (404, "record_not_found", [])),
    ("/v1/rules/%FF/test", {}, (400, "malformed_path", [])),
    (f"{TEST}?x=1", {}, (400, "unknown_parameter", ["?x"])),
    (TEST, [], (422, "wrong_type", [""])),
    (TEST, {"question": []}, (422, "unknown_field", ["/question"])),
    (TEST, {"questions": {}}, (422, "wrong_type", ["/questions"])),
    (TEST, {"keep": 1}, (422, "wrong_type", ["/keep"])),
    (TEST, {"keep": True, "rule": GRANT}, (422, "not_one_of", ["/keep"])),
    (TEST, {"rule": []}, (422, "wrong_type", ["/rule"])),
    (
        TEST,
        {"questions": [YES, {"person": "E1"}]},
        (422, "missing", [f"/questions/1/{n}" for n in ("equipment", "process", "expect")]),
    ),
    (TEST, {"questions": [YES | {"expect": "yes"}]}, (422, "not_one_of", ["/questions/0/expect"])),
    (TEST, {"questions": [YES | {"at": "now"}]}, (422, "invalid_instant", ["/questions/0/at"])),
    (TEST, {"questions": [YES | {"badge": "B-1"}]}, (422, "unknown_field", ["/questions/0/badge"])),
    (TEST, {"questions": [YES | WINDOW]}, (422, "missing", ["/questions/0/at"])),
    (TEST, {"questions": [YES | WINDOW | {"at": WINDOW["until"]}]}, (422, "end_before_start", ["/questions/0/until"])),
    (TEST, {"questions": [NO | {"reasons": ["no_grant", "nope"]}]}, (422, "not_one_of", ["/questions/0/reasons/1"])),
]


async def test_bad_tests_are_named_and_change_nothing(here: Running) -> None:
    """Each is refused with its problem, and the head stays where it was."""
    before = await head_revision(here.engine)
    for path, body, expected in BAD_TESTS:
        answer = await here.client.post(path, json=body)
        assert (path, body, *problem(answer)) == (path, body, *expected)
    assert problem(await here.client.post(TEST, content="{}"))[:2] == (415, "unsupported_media_type")
    assert problem(await here.client.post(TEST, json={"questions": [YES] * 201}))[0] == 422
    assert problem(await here.client.get("/v1/rules/NO/test")) == (404, "record_not_found", [])
    assert await head_revision(here.engine) == before


async def test_who_reads_may_ask_and_who_maintains_may_keep(here: Running) -> None:
    """A key for asks at doors is for neither."""
    scopes: tuple[Scope, ...] = ("read", "maintain", "ask")
    keys = {scope: await here.key(scope) for scope in scopes}
    statuses = {}
    for scope, key in keys.items():
        headers = {"Authorization": f"Bearer {key}"}
        asked = await here.client.post(TEST, json={"questions": [YES], "keep": False}, headers=headers)
        kept = await here.client.post(TEST, json={"questions": [YES]}, headers=headers)
        read = await here.client.get(TEST, headers=headers)
        covered = await here.client.get("/v1/rules/coverage", headers=headers)
        statuses[scope] = [answer.status_code for answer in (asked, kept, read, covered)]
    assert statuses == {"read": [200, 403, 200, 200], "maintain": [200, 200, 403, 403], "ask": [403, 403, 403, 403]}


async def test_a_key_for_one_request_keeps_once(here: Running) -> None:
    """Sent again with the same `Idempotency-Key` it keeps nothing anew; another body with that key is refused."""
    headers = {"Idempotency-Key": "k-1"}
    before = await head_revision(here.engine)
    first = await here.client.post(TEST, json={"questions": [YES]}, headers=headers)
    await here.client.post(TEST, json={"questions": []})
    again = await here.client.post(TEST, json={"questions": [YES]}, headers=headers)
    assert (first.headers["Revision"], again.headers["Revision"]) == (str(before + 1), str(before + 1))
    assert (again.json()["passed"], (await here.client.get(TEST)).json()["questions"]) == (1, [])
    other = await here.client.post(TEST, json={"questions": [NO]}, headers=headers)
    assert other.status_code == 422


async def test_what_cannot_be_warned_of_is_written_all_the_same(client: httpx.AsyncClient) -> None:
    """Where no fresh facts are held, a rule is answered without `warnings`, and a test is not answered at all."""
    await fill(client)
    answer = await client.patch("/v1/rules/R1", json={"name": "Anew"})
    assert (answer.status_code, answer.json()["name"], "warnings" in answer.json()) == (200, "Anew", False)
    kept = await client.post(TEST, json={"questions": [YES | {"person": RECORDS["person"]["code"]}]})
    assert problem(kept)[:2] == (503, "stale")
    assert (await client.get(TEST)).json()["questions"] == []
