"""A clerk's mistakes: each gets an answer they can act on, and changes nothing."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text

from qualsvc.records.kinds import KINDS
from tests.registry.callers import WORLD, Caller, caller, ndjson
from tests.serving import Running, running
from tests.store.world import RECORDS

pytestmark = pytest.mark.anyio

NDJSON = {"Content-Type": "application/x-ndjson"}
SITE = {"kind": "site", "code": "WH", "name": "芜湖", "time_zone": "Asia/Shanghai"}


@dataclass(frozen=True)
class Mistake:
    """What was sent, and what must come back: status, code, where (pointer, or line and pointer), and words of the answer."""

    name: str
    method: str
    path: str
    body: Any
    status: int
    code: str
    where: list[Any]
    says: tuple[str, ...]
    headers: dict[str, str] = field(default_factory=dict)


def put(name: str, kind: str, fields: dict[str, Any], code: str, where: str | list[str], *says: str) -> Mistake:
    """The record of the small plant, put with some fields wrong."""
    record = RECORDS[kind] | fields
    pointers = [where] if isinstance(where, str) else where
    return Mistake(name, "PUT", f"/v1/{KINDS[kind].path}/{RECORDS[kind]['code']}", record, 422, code, pointers, says)


def bulk(name: str, body: bytes, status: int, code: str, where: list[tuple[int, str]], *says: str) -> Mistake:
    """Lines sent in bulk."""
    return Mistake(name, "POST", "/v1/bulk", body, status, code, where, says, NDJSON)


def other(name: str, request: str, body: Any, status: int, code: str, where: list[str], *says: str) -> Mistake:
    """Any other request, written `METHOD path`."""
    method, path = request.split(" ", 1)
    return Mistake(name, method, path, body, status, code, where, says)


LINE = json.dumps(SITE, ensure_ascii=False)

UNKNOWN_CODES = [
    put("a person nobody has entered", "certificate", {"person": "E1002"}, "unknown_reference", "/person", "`E1002`",
        "make it first"),
    put("the right number in small letters", "certificate", {"person": "e1001"}, "unknown_reference", "/person",
        "no person `e1001`"),
    put("the name of a certificate for its code", "certificate", {"type": "叉车证"}, "unknown_reference", "/type",
        "`叉车证`"),
    put("a space copied along", "certificate", {"person": "E1001 "}, "invalid_code", "/person", "`E1001 `", "without space"),
    put("an empty cell", "certificate", {"person": ""}, "invalid_code", "/person", "1 to 64 printable characters"),
    put("a supervisor who has left long ago", "person", {"supervisor": "E77"}, "unknown_reference", "/supervisor", "`E77`"),
    put("a level the type does not have", "rule", {"requirement": {"certificate": {"type": "N1", "min_level": "medium"}}},
        "unknown_level", "/requirement/certificate/min_level", "`medium`", "it has `low`, `high`"),
    put("a certificate type in a rule that is not there", "rule", {"requirement": {"any": [{"certificate": {"type": "N9"}}]}},
        "unknown_reference", "/requirement/any/0/certificate/type", "`N9`"),
    put("a time zone by its city", "site", {"time_zone": "Beijing"}, "unknown_time_zone", "/time_zone", "`Beijing`",
        "`Asia/Shanghai`"),
    put("a badge written twice", "person", {"code": "E1001", "badges": ["B1", "B1"]}, "duplicate_badge",
        "/badges/1", "`B1`"),
    other("a person who is not there to be changed", "PATCH /v1/persons/E1002", {"status": "left"}, 404, "record_not_found",
          [],
          "there is no person `E1002`"),
    other("a badge another wears", "PUT /v1/persons/E2", RECORDS["person"] | {"code": "E2", "badges": ["B2"]}, 422,
          "badge_taken",
          ["/badges/0"], "`B2` is person `E1001`'s", "take it away there first"),
]  # fmt: skip

DATES = [
    put("slashes", "certificate", {"valid_from": "2026/11/21"}, "invalid_date", "/valid_from", "`2026/11/21`",
        "`2026-11-21`"),
    put("the European way", "certificate", {"valid_from": "21.11.2026"}, "invalid_date", "/valid_from",
        "write it like `2026-11-21`"),
    put("the Chinese way", "certificate", {"valid_from": "2026年11月21日"}, "invalid_date", "/valid_from",
        "`2026年11月21日`"),
    put("the 31st of November", "certificate", {"valid_from": "2026-11-31"}, "invalid_date", "/valid_from", "`2026-11-31`",
        "does not exist"),
    put("29 February of no leap year", "certificate", {"valid_from": "2025-02-29"}, "invalid_date", "/valid_from",
        "does not exist"),
    put("a day as the spreadsheet counts it", "certificate", {"valid_from": 46347}, "wrong_type", "/valid_from", "`46347`",
        "like `2026-11-21`"),
    put("an hour where a date is asked", "certificate", {"valid_from": "2026-11-21T00:00:00Z"}, "invalid_date",
        "/valid_from", "like `2026-11-21`"),
    put("for ever, in words", "certificate", {"valid_until": "长期"}, "invalid_date", "/valid_until", "`长期`"),
    put("no date at all", "certificate", {"valid_from": None}, "missing", "/valid_from", "required; give it a value"),
    put("from and until the wrong way round", "certificate", {"valid_until": "2024-12-31"}, "end_before_start",
        "/valid_until",
        "must not be before `valid_from`"),
    put("a date where an hour is asked", "assignment", {"valid_from": "2026-11-21"}, "invalid_instant", "/valid_from",
        "`2026-11-21T03:30:00Z`"),
    put("an hour without its zone", "assignment", {"valid_from": "2026-11-21T08:00:00"}, "invalid_instant", "/valid_from",
        "offset"),
    put("an hour as people write it", "assignment", {"valid_from": "2026-11-21 08:00"}, "invalid_instant", "/valid_from",
        "write it like `2026-11-21T03:30:00Z`"),
    put("24 o'clock", "assignment", {"valid_from": "2026-11-21T24:00:00+08:00"}, "invalid_instant", "/valid_from",
        "hours go to 23"),
]  # fmt: skip

VALUES = [
    put("a number for a code", "certificate", {"person": 1001}, "wrong_type", "/person", "`1001` is not a string", "quotes"),
    put("an identity number as a number", "person", {"id_number": 110101199003074518}, "wrong_type", "/id_number", "quotes"),
    put("a unit with the number", "certificate", {"limits": {"load_t": "5 t"}}, "wrong_type", "/limits/load_t", "`5 t`",
        "without quotes or unit"),
    put("a decimal comma", "training_record", {"score": "88,5"}, "wrong_type", "/score", "`88,5`", "like `3.5`"),
    put("one where a list is asked", "certificate", {"scopes": "indoor"}, "wrong_type", "/scopes", "`indoor` is not a list"),
    put("a word for yes", "training_record", {"passed": "是"}, "wrong_type", "/passed", "write `true` or `false`"),
    put("a percentage", "training_record", {"attendance": 95}, "invalid_number", "/attendance", "`95`", "between 0 and 1"),
    put("a state in Chinese", "certificate", {"status": "有效"}, "not_one_of", "/status", "`有效`", "'valid', 'renewing'"),
    put("a state that is told, not written", "certificate", {"status": "expired"}, "not_one_of", "/status",
        "`expired` must be"),
    put("a waiver for half a year", "waiver", {"valid_until": "2026-06-30T00:00:00Z"}, "waiver_too_long", "/valid_until",
        "30 days"),
    put("a reason of blanks", "waiver", {"reason": "   "}, "missing", "/reason", "say why the rule is waived"),
    put("a department under itself", "org_unit", {"parent": "LOG"}, "tree_cycle", "/parent",
        "`LOG` would be its own ancestor"),
]  # fmt: skip

NAMES_AND_KINDS = [
    put("a misspelt field", "certificate", {"valid_untill": "2027-12-31"}, "unknown_field", "/valid_untill",
        "is `valid_until` meant?"),
    put("a heading with a capital", "certificate", {"Person": "E1001"}, "unknown_field", "/Person", "is `person` meant?"),
    put("another code than in the path", "certificate", {"code": "C2"}, "code_mismatch", "/code", "`C2`", "leave it out"),
    other("a misspelt field that is only to be changed", "PATCH /v1/persons/E1001", {"stauts": "left"}, 422, "unknown_field",
          ["/stauts"], "is `status` meant?"),
    other("a certificate sent to the persons", "PUT /v1/persons/C1", RECORDS["certificate"], 422, "invalid_record",
          ["/name", "/employment", "/status", "/person", "/type", "/level", "/scopes", "/limits", "/valid_from", "/valid_until",
           "/next_review_on", "/verified_at", "/attributes"], "13 errors", "`valid` must be 'active', 'suspended' or 'left'"),
    other("a kind in the singular", "PUT /v1/certificate/C1", RECORDS["certificate"], 404, "not_found", [], "see /docs"),
    other("POST to make one", "POST /v1/certificates", RECORDS["certificate"], 405, "method_not_allowed", [],
          "see the `Allow` header"),
    other("a filter there is not", "GET /v1/certificates?person=E1001&state=valid", None, 400, "unknown_parameter",
          ["?state"],
          "known here are `limit`", "`status`"),
    other("a patch of another fashion", "PATCH /v1/persons/E1001", [{"op": "replace", "path": "/status", "value": "left"}],
          422,
          "wrong_type", [""], "must be a JSON object"),
    other("a person who is still needed", "DELETE /v1/persons/E1001", None, 409, "still_referenced", [""],
          "person `E1001` is still referred to by assignment `A1`, certificate `C1`"),
]  # fmt: skip

FILES = [
    bulk("half a file", f"{LINE}\n{LINE[: len(LINE) // 2]}".encode(), 400, "malformed_json", [(2, "")],
         "a line is one whole JSON object"),
    bulk("a list instead of lines", json.dumps([SITE], ensure_ascii=False).encode(), 422, "wrong_type", [(1, "")],
         "a line must be a JSON object"),
    bulk("one record over several lines", json.dumps({"kind": "site"}, indent=1).encode(), 400, "malformed_json",
         [(1, ""), (2, ""), (3, "")], "a line is one whole JSON object"),
    bulk("a CSV file", b"kind,code,name\n", 400, "malformed_json", [(1, "")], "a line is one whole JSON object"),
    bulk("the spreadsheet itself", b"PK\x03\x04\x14\x00\x06\x00", 400, "malformed_json", [(1, "")],
         "a line is one whole JSON object"),
    bulk("a file in GB 18030", f"{LINE}\n".encode("gb18030"), 400, "malformed_json", [(1, "")], "not UTF-8",
         "save the text as UTF-8"),
    bulk("a file with a byte order mark", b"\xef\xbb\xbf" + LINE.encode(), 400, "malformed_json", [(1, "")],
         "byte order mark", "without one"),
    bulk("a comma too many", (LINE[:-1] + ",}").encode(), 400, "malformed_json", [(1, "")], "at line 1, column"),
    bulk("the same record twice", ndjson([SITE, SITE]), 422, "duplicate_record", [(2, "/code")],
         "site `WH` is on line 1 already"),
    bulk("a kind in the plural", ndjson([SITE, SITE | {"kind": "sites", "code": "X"}]), 422, "not_one_of", [(2, "/kind")],
         "`sites` must be one of site,"),
    bulk("no kind", ndjson([{"code": "WH"}]), 422, "missing", [(1, "/kind")], "name the kind of record"),
    bulk("another word for delete", ndjson([{"kind": "site", "code": "SH", "op": "remove"}]), 422, "not_one_of",
         [(1, "/op")], "`remove` must be `delete`"),
    bulk("a deletion of what is gone", ndjson([{"kind": "person", "code": "E9", "op": "delete"}]), 422, "record_not_found",
         [(1, "/code")], "no person `E9`"),
    bulk("certificates before their persons",
         ndjson([SITE, {"kind": "certificate"} | RECORDS["certificate"] | {"code": "C9", "person": "E9"}]),
         422, "unknown_reference", [(2, "/person")], "no person `E9`", "in one bulk"),
]  # fmt: skip

MISTAKES = [*UNKNOWN_CODES, *DATES, *VALUES, *NAMES_AND_KINDS, *FILES]


@dataclass(frozen=True)
class Office:
    """A clerk at work, and the service."""

    clerk: Caller
    running: Running

    async def revision(self) -> int:
        async with self.running.engine.connect() as connection:
            return int((await connection.execute(text("SELECT revision FROM head"))).scalar_one())


@pytest.fixture(scope="module")
async def office(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with running(shared_database_url, tmp_path_factory.mktemp("mistakes"), plant=WORLD) as plant:
        yield Office(await caller(plant, "maintain", "read", name="HR"), plant)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
async def test_mistakes(office: Office, mistake: Mistake) -> None:
    """The answer says where it is wrong, what was sent or what to do, and nothing is changed."""
    before = await office.revision()
    answer = await office.clerk.send(mistake.method, mistake.path, mistake.body, mistake.headers)
    body = answer.json()
    assert (mistake.status, mistake.code) == (answer.status_code, body["code"])
    assert "application/problem+json" == answer.headers["content-type"]
    lines = mistake.path == "/v1/bulk"
    assert mistake.where == [(error["line"], error["pointer"]) if lines else error["pointer"] for error in body["errors"]]
    told = " ".join([body["detail"], *(error["message"] for error in body["errors"])])
    assert [] == [word for word in mistake.says if word not in told]
    assert before == await office.revision()


def test_there_are_fifty() -> None:
    """And more; each is another one."""
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES) >= 50


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
async def test_answers_read_like_one_hand(office: Office, mistake: Mistake) -> None:
    """No message begins with a capital, ends with a full stop or speaks of our insides."""
    answer = await office.clerk.send(mistake.method, mistake.path, mistake.body, mistake.headers)
    messages = [error["message"] for error in answer.json()["errors"]] + [answer.json()["detail"]]
    assert [] == [said for said in messages if said[0].isupper() or said.endswith(".") or " at at " in said]
    insides = ("pydantic", "sqlalchemy", "asyncpg", "Traceback", "NoneType", "dict", "tuple", "<class", "input should")
    assert [] == [said for said in messages if any(word in said for word in insides)]
