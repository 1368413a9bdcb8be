"""One record at a time over HTTP."""

import json
from typing import Any

import httpx
import pytest

from qualsvc.records.kinds import KINDS, RECORD_KINDS
from tests.registry.conftest import Applied
from tests.store.world import RECORDS

pytestmark = pytest.mark.anyio

JSON = {"Content-Type": "application/json"}
SITE = json.dumps(RECORDS["site"])


async def fill(client: httpx.AsyncClient) -> None:
    for kind, record in RECORDS.items():
        answer = await client.put(f"/v1/{KINDS[kind].path}/{record['code']}", json=record)
        assert answer.status_code == 201, answer.text


def problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """Status, code and pointers of a problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "code", "errors"}
    assert (body["status"], body["type"]) == (answer.status_code, f"urn:qualsvc:problem:{body['code']}")
    return answer.status_code, body["code"], [error["pointer"] for error in body["errors"]]


async def test_a_record_of_each_kind_lives_and_dies(client: httpx.AsyncClient, applied: Applied) -> None:
    """Created, replaced unchanged, read, listed, merged and deleted; each change is one revision."""
    await fill(client)
    assert applied.revisions == list(range(1, len(RECORD_KINDS) + 1))
    for kind in RECORD_KINDS:
        record = RECORDS[kind.name]
        path = f"/v1/{kind.path}/{record['code']}"
        read = await client.get(path)
        again = await client.put(path, json={name: value for name, value in record.items() if name != "code"})
        patched = await client.patch(path, json={})
        listed = (await client.get(f"/v1/{kind.path}")).json()
        assert (again.status_code, again.headers["Revision"], again.json()) == (200, str(len(RECORD_KINDS)), read.json())
        assert (patched.status_code, patched.headers["Revision"], patched.json()) == (200, str(len(RECORD_KINDS)), read.json())
        assert listed == {"items": [read.json()], "next_cursor": None}
    assert (await client.patch("/v1/persons/E1001", json={"supervisor": None})).status_code == 200
    for kind in reversed(RECORD_KINDS):
        path = f"/v1/{kind.path}/{RECORDS[kind.name]['code']}"
        deleted = await client.delete(path)
        if deleted.status_code == 409:
            continue
        assert (deleted.status_code, deleted.content) == (204, b"")
        assert problem(await client.get(path))[:2] == (404, "record_not_found")


async def test_lists_are_paged_by_code(client: httpx.AsyncClient) -> None:
    """Cursors lead through all records once, in the order of their codes."""
    for code in ("b", "A", "中", "a.b", "B", "~"):
        await client.put(f"/v1/courses/{code}", json={"name": "x"})
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await client.get("/v1/courses", params={"limit": "2"} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["A", "B", "a.b", "b", "~", "中"]


BAD_REQUESTS: list[tuple[str, str, Any, dict[str, str], tuple[int, str, list[str]]]] = [
    ("GET", "/v1/sites?limit=0", None, {}, (400, "malformed_parameter", ["?limit"])),
    ("GET", "/v1/sites?limit=1001", None, {}, (400, "malformed_parameter", ["?limit"])),
    ("GET", "/v1/sites?limit=%D9%A1", None, {}, (400, "malformed_parameter", ["?limit"])),
    ("GET", "/v1/sites?limit=", None, {}, (400, "malformed_parameter", ["?limit"])),
    ("GET", "/v1/sites?limit=1&limit=1", None, {}, (400, "repeated_parameter", ["?limit"])),
    ("GET", "/v1/sites?name=x", None, {}, (400, "unknown_parameter", ["?name"])),
    ("GET", "/v1/sites?limit=%FF", None, {}, (400, "malformed_query", [])),
    ("GET", "/v1/sites?cursor=abc", None, {}, (400, "malformed_parameter", ["?cursor"])),
    ("GET", "/v1/sites?cursor=%E4%B8%AD", None, {}, (400, "malformed_parameter", ["?cursor"])),
    ("GET", "/v1/sites?cursor=MSBjb3Vyc2UgYQ", None, {}, (400, "malformed_parameter", ["?cursor"])),
    ("GET", "/v1/sites?cursor=%00", None, {}, (400, "malformed_parameter", ["?cursor"])),
    ("GET", "/v1/sites/NO", None, {}, (404, "record_not_found", [])),
    ("GET", "/v1/sites/%00", None, {}, (404, "record_not_found", [])),
    ("GET", "/v1/sites/%FF", None, {}, (400, "malformed_path", [])),
    ("GET", "/v1/sites/SH?x=1", None, {}, (400, "unknown_parameter", ["?x"])),
    ("GET", "/v1/nothing", None, {}, (404, "not_found", [])),
    ("PUT", "/v1/nothing/a", SITE, JSON, (404, "not_found", [])),
    ("GET", "/v1/api-keys", None, {}, (404, "not_found", [])),
    ("POST", "/v1/sites", SITE, JSON, (405, "method_not_allowed", [])),
    ("DELETE", "/v1/sites/NO", None, {}, (404, "record_not_found", [])),
    ("DELETE", "/v1/sites/%00", None, {}, (404, "record_not_found", [])),
    ("DELETE", "/v1/sites/SH", None, {}, (409, "still_referenced", [""])),
    ("PATCH", "/v1/sites/NO", "{}", JSON, (404, "record_not_found", [])),
    ("PATCH", "/v1/sites/SH", "[]", JSON, (422, "wrong_type", [""])),
    ("PATCH", "/v1/sites/SH", '{"code":"X"}', JSON, (422, "code_mismatch", ["/code"])),
    ("PATCH", "/v1/sites/SH", '{"name":null}', JSON, (422, "missing", ["/name"])),
    ("PUT", "/v1/sites/SH", "[]", JSON, (422, "wrong_type", [""])),
    ("PUT", "/v1/sites/SH", '{"code":"X","name":"x","time_zone":"UTC"}', JSON, (422, "code_mismatch", ["/code"])),
    ("PUT", "/v1/sites/a%20b", '{"name":"x","time_zone":"UTC"}', JSON, (422, "invalid_code", ["/code"])),
    ("PUT", "/v1/sites/SH", '{"name":"x","time_zone":"../UTC"}', JSON, (422, "unknown_time_zone", ["/time_zone"])),
    ("PUT", "/v1/sites/SH", '{"name":1,"time_zone":"UTC"}', JSON, (422, "wrong_type", ["/name"])),
    ("PUT", "/v1/sites/SH", '{"name":"x","time_zone":"UTC","a/b":1}', JSON, (422, "unknown_field", ["/a~1b"])),
    ("PUT", "/v1/sites/SH", SITE, {}, (415, "unsupported_media_type", [])),
    ("PUT", "/v1/sites/SH", SITE, {"Content-Type": "text/plain"}, (415, "unsupported_media_type", [])),
    ("PUT", "/v1/sites/SH", SITE, {"Content-Type": "application/json; charset=gbk"}, (415, "unsupported_media_type", [])),
    ("PUT", "/v1/sites/SH", SITE, JSON | {"Content-Encoding": "gzip"}, (415, "unsupported_media_type", [])),
    ("PUT", "/v1/sites/SH", "", JSON, (400, "malformed_json", [""])),
    ("PUT", "/v1/sites/SH", "{", JSON, (400, "malformed_json", [""])),
    ("PUT", "/v1/sites/SH", '{"name":"a","name":"b"}', JSON, (400, "malformed_json", ["/name"])),
    ("PUT", "/v1/sites/SH", '{"name":NaN}', JSON, (400, "malformed_json", ["/name"])),
    ("PUT", "/v1/sites/SH", '{"name":1e999}', JSON, (400, "malformed_json", ["/name"])),
    ("PUT", "/v1/sites/SH", '{"name":' + "9" * 5000 + "}", JSON, (400, "malformed_json", ["/name"])),
    ("PUT", "/v1/sites/SH", '{"name":' + "[" * 100_000 + "}", JSON, (400, "malformed_json", [""])),
    ("PUT", "/v1/sites/SH", '{"name":' + "[" * 70 + "]" * 70 + "}", JSON, (400, "malformed_json", [""])),
    ("PUT", "/v1/sites/SH", '{"name":"\\ud800"}', JSON, (400, "malformed_json", ["/name"])),
    ("PUT", "/v1/sites/SH", '{"name":"\\u0000"}', JSON, (400, "malformed_json", ["/name"])),
    ("PUT", "/v1/sites/SH", b'{"name":"\xff"}', JSON, (400, "malformed_json", [""])),
    ("PUT", "/v1/sites/SH", b"\xef\xbb\xbf{}", JSON, (400, "malformed_json", [""])),
    ("PUT", "/v1/sites/SH", b" " * (1 << 20) + b"{}", JSON, (413, "body_too_large", [])),
    ("POST", "/v1/bulk", "{}", JSON, (415, "unsupported_media_type", [])),
    ("POST", "/v1/bulk?x=1", "", {"Content-Type": "application/x-ndjson"}, (400, "unknown_parameter", ["?x"])),
]


@pytest.mark.parametrize("start", range(0, len(BAD_REQUESTS), 13))
async def test_bad_requests_are_named_and_change_nothing(client: httpx.AsyncClient, applied: Applied, start: int) -> None:
    """Each is refused with its problem, and the head stays where it was."""
    await fill(client)
    for method, url, body, headers, expected in BAD_REQUESTS[start : start + 13]:
        answer = await client.request(method, url, content=body, headers=headers)
        assert (method, url, *problem(answer)) == (method, url, *expected)
    assert applied.revisions == list(range(1, len(RECORD_KINDS) + 1))


BAD_RECORDS: list[tuple[str, dict[str, Any], set[tuple[str, str]]]] = [
    ("certificate", {"valid_from": "2026-02-30"}, {("/valid_from", "invalid_date")}),
    ("certificate", {"valid_from": "2026-1-1"}, {("/valid_from", "invalid_date")}),
    ("certificate", {"valid_until": "2024-12-31"}, {("/valid_until", "end_before_start")}),
    ("certificate", {"verified": 1}, {("/verified", "wrong_type")}),
    ("certificate", {"limits": {"a": "5"}}, {("/limits/a", "wrong_type")}),
    ("certificate", {"limits": {"a": 1e16}}, {("/limits/a", "invalid_number")}),
    ("certificate", {"limits": {"a": True}}, {("/limits/a", "wrong_type")}),
    ("certificate", {"attributes": {"a": []}}, {("/attributes/a", "wrong_type")}),
    ("certificate", {"status": "VALID"}, {("/status", "not_one_of")}),
    ("certificate", {"number": "x" * 2001}, {("/number", "invalid_text")}),
    ("person", {"employed_until": "2019-01-01"}, {("/employed_until", "end_before_start")}),
    ("person", {"badges": ["a", "b", "a"]}, {("/badges/2", "duplicate_badge")}),
    ("person", {"badges": [1]}, {("/badges/0", "wrong_type")}),
    ("person", {"badges": "abc"}, {("/badges", "wrong_type")}),
    ("person", {"company": "NO", "site": "NO"}, {("/company", "unknown_reference"), ("/site", "unknown_reference")}),
    ("assignment", {"valid_until": "2025-12-31T23:59:59Z"}, {("/valid_until", "end_before_start")}),
    ("assignment", {"valid_from": "2026-01-01T00:00:00"}, {("/valid_from", "invalid_instant")}),
    ("assignment", {"valid_from": "2026-06-31T00:00:00Z"}, {("/valid_from", "invalid_instant")}),
    ("certificate_type", {"levels": ["low", "low"]}, {("/levels/1", "duplicate_level")}),
    ("certificate_type", {"warning_days": [-1]}, {("/warning_days/0", "invalid_number")}),
    ("certificate_type", {"validity_months": 0}, {("/validity_months", "invalid_number")}),
    ("training_record", {"attendance": 1.01}, {("/attendance", "invalid_number")}),
    ("training_record", {"hours": -1}, {("/hours", "invalid_number")}),
    ("rule", {"enforcement": "monitor"}, {("/enforcement", "monitor_on_grant")}),
    ("rule", {"enforcement": "confirm", "position": None}, {("/enforcement", "confirm_without_position")}),
    ("rule", {"equipment": "FORK-07"}, {("/equipment_class", "equipment_or_class")}),
    ("rule", {"requirement": {"all": []}}, {("/requirement/all", "requirement_invalid")}),
    (
        "rule",
        {"requirement": {"at_least": 2, "of": [{"training": {"course": "SAFETY"}}]}},
        {("/requirement/at_least", "requirement_invalid")},
    ),
    (
        "rule",
        {"requirement": {"any": [{"training": {"course": "SAFETY"}}] * 200}},
        {("/requirement/any/199", "requirement_too_large")},
    ),
    (
        "rule",
        {"supervised_requirement": json.loads('{"all":[' * 8 + '{"training":{"course":"SAFETY"}}' + "]}" * 8)},
        {("/supervised_requirement" + "/all/0" * 8, "requirement_too_deep")},
    ),
    ("process", {"parent": "LOADING"}, {("/parent", "tree_cycle")}),
    ("org_unit", {"parent": "LOG"}, {("/parent", "tree_cycle")}),
    ("waiver", {"valid_until": None}, {("/valid_until", "missing")}),
]


async def test_bad_records_are_refused_by_field(client: httpx.AsyncClient, applied: Applied) -> None:
    """Each fault is 422 with its pointer and code, and nothing changes."""
    await fill(client)
    for kind, fields, expected in BAD_RECORDS:
        record = RECORDS[kind] | fields
        answer = await client.put(f"/v1/{KINDS[kind].path}/{record['code']}", json=record)
        found = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
        assert (answer.status_code, kind, found) == (422, kind, expected)
    assert applied.revisions == list(range(1, len(RECORD_KINDS) + 1))


async def test_only_admins_write_approved_waivers(client: httpx.AsyncClient) -> None:
    """403 admin_required for a clerk; an admin names two different ones."""
    await fill(client)
    waiver = RECORDS["waiver"] | {"status": "approved", "requested_by": "a", "approved_by": "b"}
    assert problem(await client.put("/v1/waivers/W1", json=waiver))[:2] == (403, "admin_required")
    assert (await client.put("/v1/waivers/W1", json=waiver, headers={"X-Admin": "1"})).status_code == 200


async def test_a_waiver_of_what_is_not_waivable_has_its_own_code(client: httpx.AsyncClient) -> None:
    """422 rule_not_waivable, as the contract has it."""
    await fill(client)
    await client.patch("/v1/rules/R1", json={"waivable": False})
    answer = await client.put("/v1/waivers/W2", json=RECORDS["waiver"] | {"code": "W2"})
    assert problem(answer) == (422, "rule_not_waivable", ["/rule"])


async def test_the_openapi_document_shows_every_kind(client: httpx.AsyncClient) -> None:
    """Six operations a kind and the bulk, with stable ids."""
    document = (await client.get("/openapi.json")).json()
    ids = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    expected = {
        f"{verb}_{kind.name}" for kind in RECORD_KINDS for verb in ("list", "get", "put", "patch", "delete", "history_of")
    }
    assert expected | {"bulk"} <= ids


async def test_allow_names_every_method_of_the_path(client: httpx.AsyncClient) -> None:
    """Who uses the wrong method learns which are right."""
    answer = await client.options("/v1/sites/SH")
    assert (405, "DELETE, GET, PATCH, PUT") == (answer.status_code, answer.headers["allow"])
