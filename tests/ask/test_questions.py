"""What is refused as malformed, parameter by parameter: 400, and every fault named."""

import json
from typing import Any

import pytest

from tests.serving import QUESTION, Running

pytestmark = pytest.mark.anyio

OK = "person=E1&equipment=FORK-07&process=LOADING"
AT = "2026-11-21T03:30:00Z"

QUERIES = {
    "nothing": ("", [("/equipment", "missing"), ("/process", "missing"), ("/person", "missing")]),
    "no person": ("equipment=FORK-07&process=LOADING", [("/person", "missing")]),
    "no equipment": ("person=E1&process=LOADING", [("/equipment", "missing")]),
    "no process": ("person=E1&equipment=FORK-07", [("/process", "missing")]),
    "repeated": (OK + "&person=E1", [("/person", "repeated")]),
    "repeated, the first one better": (OK + "&person=E3", [("/person", "repeated")]),
    "repeated in another spelling": (OK + "&%70erson=E3", [("/person", "repeated")]),
    "repeated instant": (OK + f"&at={AT}&at={AT}", [("/at", "repeated")]),
    "unknown": (OK + "&persons=E1", [("/persons", "unknown")]),
    "unknown by case": (OK + "&Purpose=x", [("/Purpose", "unknown")]),
    "unknown, as of another system": (OK + "&as_of=" + AT, [("/as_of", "unknown")]),
    "known at no instant": (OK + "&known_at=noon", [("/known_at", "bad_instant")]),
    "until before what was known": (OK + "&known_at=" + AT + "&until=2020-01-01T00:00:00Z", [("/until", "not_after_at")]),
    "empty person": ("person=&equipment=FORK-07&process=LOADING", [("/person", "malformed")]),
    "empty purpose": (OK + "&purpose=", [("/purpose", "malformed")]),
    "no value": (OK + "&purpose", [("/purpose", "malformed")]),
    "empty part": (OK + "&", [("/", "malformed")]),
    "semicolon": (OK.replace("&", ";"), [("/equipment", "missing"), ("/process", "missing")]),
    "badge with person": (OK + "&badge=B-1", [("/badge", "badge_with_person")]),
    "lost plus": (OK + "&at=2026-11-21T03:30:00+08:00", [("/at", "bad_instant")]),
    "no offset": (OK + "&at=2026-11-21T03:30:00", [("/at", "bad_instant")]),
    "a date": (OK + "&at=2026-11-21", [("/at", "bad_instant")]),
    "a number": (OK + "&at=1795231800", [("/at", "bad_instant")]),
    "30 February": (OK + "&at=2026-02-30T00:00:00Z", [("/at", "bad_instant")]),
    "29 February of no leap year": (OK + "&at=2027-02-29T00:00:00Z", [("/at", "bad_instant")]),
    "24:00": (OK + "&at=2026-11-21T24:00:00Z", [("/at", "bad_instant")]),
    "leap second": (OK + "&at=2016-12-31T23:59:60Z", [("/at", "bad_instant")]),
    "offset of 24 h": (OK + "&at=2026-11-21T03:30:00%2B24:00", [("/at", "bad_instant")]),
    "before the year 1": (OK + "&at=0001-01-01T00:00:00%2B00:01", [("/at", "bad_instant")]),
    "after the year 9999": (OK + "&at=9999-12-31T23:59:59-00:01", [("/at", "bad_instant")]),
    "other digits": (OK + "&at=２０２６-11-21T03:30:00Z", [("/at", "bad_instant")]),
    "a line after it": (OK + f"&at={AT}%0A", [("/at", "bad_instant")]),
    "until a word": (OK + "&until=tomorrow", [("/until", "bad_instant")]),
    "until at": (OK + f"&at={AT}&until={AT}", [("/until", "not_after_at")]),
    "until before at": (OK + f"&at={AT}&until=2026-11-21T03:29:59.999999Z", [("/until", "not_after_at")]),
    "until the past": (OK + "&until=2020-01-01T00:00:00Z", [("/until", "not_after_at")]),
    "NUL": ("person=E1%00&equipment=FORK-07&process=LOADING", [("/person", "malformed")]),
    "broken UTF-8": ("person=%FF&equipment=FORK-07&process=LOADING", [("/person", "malformed")]),
    "surrogate in UTF-8": ("person=%ED%A0%80&equipment=FORK-07&process=LOADING", [("/person", "malformed")]),
    "overlong UTF-8": ("person=%C0%AF&equipment=FORK-07&process=LOADING", [("/person", "malformed")]),
    "broken UTF-8 in a name": (OK + "&%FF=1", [("/%FF", "malformed")]),
    "percent alone": ("person=E1%&equipment=FORK-07&process=LOADING", [("/person", "malformed")]),
    "percent and one digit": ("person=%4&equipment=FORK-07&process=LOADING", [("/person", "malformed")]),
    "percent and no digits": ("person=%zz&equipment=FORK-07&process=LOADING", [("/person", "malformed")]),
    "percent and a sign": ("person=%+1&equipment=FORK-07&process=LOADING", [("/person", "malformed")]),
    "over-long person": (f"person={'E' * 257}&equipment=FORK-07&process=LOADING", [("/person", "malformed")]),
    "over-long purpose": (OK + "&purpose=" + "p" * 65, [("/purpose", "malformed")]),
    "over-long name": (OK + "&" + "n" * 5000 + "=1", [("/" + "n" * 64, "unknown")]),
    "revision a word": (OK + "&min_revision=latest", [("/min_revision", "malformed")]),
    "negative revision": (OK + "&min_revision=-1", [("/min_revision", "malformed")]),
    "signed revision": (OK + "&min_revision=%2B1", [("/min_revision", "malformed")]),
    "other digits in a revision": (OK + "&min_revision=١", [("/min_revision", "malformed")]),
    "5,000 digits": (OK + "&min_revision=" + "1" * 5000, [("/min_revision", "malformed")]),
    "lang": (OK + "&lang=de", [("/lang", "malformed")]),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_query(plant: Running, name: str) -> None:
    """A query that could be understood in two ways, or in none, is 400 and names each fault."""
    query, faults = QUERIES[name]
    problem = (await plant.query(query)).json()
    found = [(error["pointer"], error["code"]) for error in problem["errors"]]
    assert (400, "malformed") == (problem["status"], problem["code"])
    if name in ("broken UTF-8", "surrogate in UTF-8", "overlong UTF-8") or name.startswith("percent"):
        found = found[:1]  # a person that cannot be read is missing, too
    assert faults == found


async def test_lost_plus_is_explained(plant: Running) -> None:
    """The commonest mistake of all is explained: a `+` in a URL is a space."""
    (error,) = (await plant.query(OK + "&at=2026-11-21T03:30:00+08:00")).json()["errors"]
    assert "the `+` of the offset was lost; write it as `%2B` in a URL, or use `Z`" == error["message"]


async def test_all_faults_at_once(plant: Running) -> None:
    """A question wrong in several ways is told all of them."""
    problem = (await plant.query("person=E1&badge=B-1&at=noon&lang=de&x=1&process=LOADING")).json()
    assert {"/badge", "/at", "/lang", "/x", "/equipment"} == {error["pointer"] for error in problem["errors"]}


async def test_plus_is_a_space_and_percent_a_byte(plant: Running) -> None:
    """Names and values are read as every form encodes them."""
    answer = (await plant.query("pers%6Fn=a+b%2B%e7%8e%8b&equipment=FORK-07&process=LOADING")).json()
    assert "a b+王" == answer["person"]


TEXT = json.dumps(QUESTION)[:-1]
BODIES: dict[str, tuple[Any, str, list[tuple[str, str]]]] = {
    "an empty body": (b"", "malformed_json", [("", "malformed_json")]),
    "not JSON": (b"person=E1", "malformed_json", [("", "malformed_json")]),
    "two values": (TEXT.encode() + b"} {}", "malformed_json", [("", "malformed_json")]),
    "duplicate keys": (TEXT.encode() + b', "person": "E3"}', "malformed_json", [("/person", "malformed_json")]),
    "duplicate keys, escaped": (TEXT.encode() + b', "p\\u0065rson": "E3"}', "malformed_json", [("/person", "malformed_json")]),
    "NaN": (TEXT.encode() + b', "min_revision": NaN}', "malformed_json", [("/min_revision", "malformed_json")]),
    "Infinity": (TEXT.encode() + b', "min_revision": -Infinity}', "malformed_json", [("/min_revision", "malformed_json")]),
    "1e400": (TEXT.encode() + b', "min_revision": 1e400}', "malformed_json", [("/min_revision", "malformed_json")]),
    "5,000 digits": (
        TEXT.encode() + b', "min_revision": ' + b"1" * 5000 + b"}",
        "malformed_json",
        [("/min_revision", "malformed_json")],
    ),
    "lone surrogate": (
        b'{"person": "\\ud800", "equipment": "FORK-07", "process": "LOADING"}',
        "malformed_json",
        [("/person", "malformed_json")],
    ),
    "lone surrogate in a key": (TEXT.encode() + b', "\\udc00": 1}', "malformed_json", [("/\ufffd", "malformed_json")]),
    "NUL": (
        b'{"person": "E1\\u0000", "equipment": "FORK-07", "process": "LOADING"}',
        "malformed_json",
        [("/person", "malformed_json")],
    ),
    "byte order mark": (b"\xef\xbb\xbf" + TEXT.encode() + b"}", "malformed_json", [("", "malformed_json")]),
    "UTF-16": ((TEXT + "}").encode("utf-16"), "malformed_json", [("", "malformed_json")]),
    "broken UTF-8": (
        b'{"person": "\xff", "equipment": "FORK-07", "process": "LOADING"}',
        "malformed_json",
        [("", "malformed_json")],
    ),
    "too deep": (b"[" * 5000 + b"]" * 5000, "malformed_json", [("", "malformed_json")]),
    "a comment": (TEXT.encode() + b"} // E1", "malformed_json", [("", "malformed_json")]),
    "a trailing comma": (TEXT.encode() + b",}", "malformed_json", [("", "malformed_json")]),
    "a list": ([QUESTION], "malformed", [("", "malformed")]),
    "a string": ("E1", "malformed", [("", "malformed")]),
    "null": (None, "malformed", [("", "malformed")]),
    "a number for a person": (QUESTION | {"person": 1}, "malformed", [("/person", "malformed")]),
    "true for a person": (QUESTION | {"person": True}, "malformed", [("/person", "malformed")]),
    "a list of persons": (QUESTION | {"person": ["E1"]}, "malformed", [("/person", "malformed")]),
    "an object": (QUESTION | {"equipment": {"code": "FORK-07"}}, "malformed", [("/equipment", "malformed")]),
    "null where it is required": (QUESTION | {"equipment": None}, "malformed", [("/equipment", "missing")]),
    "null person": (QUESTION | {"person": None}, "malformed", [("/person", "missing")]),
    "empty": (QUESTION | {"supervisor": ""}, "malformed", [("/supervisor", "malformed")]),
    "unknown": (QUESTION | {"persona": "E1"}, "malformed", [("/persona", "unknown")]),
    "unknown and null": (QUESTION | {"supervisr": None}, "malformed", [("/supervisr", "unknown")]),
    "a number for an instant": (QUESTION | {"at": 1795231800}, "malformed", [("/at", "malformed")]),
    "lost plus": (QUESTION | {"at": "2026-11-21T03:30:00 08:00"}, "malformed", [("/at", "bad_instant")]),
    "until at": (QUESTION | {"at": AT, "until": AT}, "malformed", [("/until", "not_after_at")]),
    "badge with person": (QUESTION | {"badge": "B-1"}, "malformed", [("/badge", "badge_with_person")]),
    "true for a revision": (QUESTION | {"min_revision": True}, "malformed", [("/min_revision", "malformed")]),
    "text for a revision": (QUESTION | {"min_revision": "1"}, "malformed", [("/min_revision", "malformed")]),
    "half a revision": (QUESTION | {"min_revision": 1.5}, "malformed", [("/min_revision", "malformed")]),
    "a revision of 19 digits": (QUESTION | {"min_revision": 10**18}, "malformed", [("/min_revision", "malformed")]),
    "a list of languages": (QUESTION | {"lang": ["en"]}, "malformed", [("/lang", "malformed")]),
    "over-long": (QUESTION | {"process": "L" * 257}, "malformed", [("/process", "malformed")]),
}


@pytest.mark.parametrize("name", BODIES)
async def test_body(plant: Running, name: str) -> None:
    """A JSON question is read as strictly as a query."""
    body, code, faults = BODIES[name]
    problem = (await plant.post(body)).json()
    assert (400, code) == (problem["status"], problem["code"])
    assert faults == [(error["pointer"], error["code"]) for error in problem["errors"]]


async def test_many_unknown_keys(plant: Running) -> None:
    """However many fields nobody knows, a few faults are told, and nobody else waits for them."""
    response = await plant.post(QUESTION | {f"x{number}": 1 for number in range(5000)})
    assert (400, "malformed") == (response.status_code, response.json()["code"])
    assert 100 >= len(response.json()["errors"])


async def test_query_and_body(plant: Running) -> None:
    """A question stands in the query or in the body, never in both."""
    headers = {"Content-Type": "application/json"}
    response = await plant.client.post("/can-operate?lang=en", json=QUESTION, headers=headers)
    assert (400, "malformed") == (response.status_code, response.json()["code"])


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "BREW"])
async def test_other_methods(plant: Running, method: str) -> None:
    """A question is asked by GET or POST, a batch by POST."""
    single = await plant.client.request(method, "/can-operate?" + OK)
    batch = await plant.client.request(method, "/can-operate/batch")
    assert [(405, "GET, POST"), (405, "POST")] == [(each.status_code, each.headers["allow"]) for each in (single, batch)]
    if method != "HEAD":
        assert ["method_not_allowed"] * 2 == [each.json()["code"] for each in (single, batch)]


async def test_get_of_a_batch(plant: Running) -> None:
    """A batch cannot be asked by GET."""
    assert 405 == (await plant.client.get("/can-operate/batch?" + OK)).status_code


@pytest.mark.parametrize(("path", "limit"), [("/can-operate", 64 << 10), ("/can-operate/batch", 16 << 20)])
async def test_too_long(plant: Running, path: str, limit: int) -> None:
    """A body longer than its limit is 413, declared or not; one at the limit is read."""

    async def chunked(size: int) -> Any:
        for start in range(0, size, 65_536):
            yield b" " * min(65_536, size - start)

    headers = {"Content-Type": "application/json"}
    declared = await plant.client.post(path, content=b" " * (limit + 1), headers=headers)
    streamed = await plant.client.post(path, content=chunked(limit + 1), headers=headers)
    within = await plant.client.post(path, content=chunked(limit), headers=headers)
    assert [413, 413, 400] == [declared.status_code, streamed.status_code, within.status_code]
    assert ["body_too_large"] * 2 == [declared.json()["code"], streamed.json()["code"]]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": ""},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_media_type(plant: Running, headers: dict[str, str]) -> None:
    """Only plain JSON in UTF-8 is read."""
    response = await plant.client.post("/can-operate", content=json.dumps(QUESTION), headers=headers)
    assert (415, "unsupported_media_type") == (response.status_code, response.json()["code"])


async def test_media_type_with_its_character_set(plant: Running) -> None:
    """JSON that says it is UTF-8 is read."""
    headers = {"Content-Type": "Application/JSON; charset=UTF-8"}
    assert 200 == (await plant.client.post("/can-operate", content=json.dumps(QUESTION), headers=headers)).status_code


async def test_problem_json(plant: Running) -> None:
    """A refusal is RFC 9457 problem+json with a stable code."""
    response = await plant.query("person=E1")
    assert "application/problem+json" == response.headers["content-type"]
    problem = response.json()
    assert ["type", "title", "status", "detail", "code", "errors"] == list(problem)
    assert ("urn:qualsvc:problem:malformed", "Bad Request", 400) == (problem["type"], problem["title"], problem["status"])
    assert [["pointer", "code", "message"]] * 2 == [list(error) for error in problem["errors"]]
