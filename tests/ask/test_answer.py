"""The answer: its exact shape, whom and what it is about, and until when."""

import re
import time

import pytest

from qualsvc.kernel.instants import format_instant, parse_instant
from tests.serving import ENDS, QUESTION, TRAINEE, Running, changed, load

pytestmark = pytest.mark.anyio

MINUTE = 60_000_000
KEYS = [
    *("decision", "allowed", "person", "equipment", "process", "at", "asked_at", "valid_until", "recheck_by"),
    *("obligations", "reasons", "revision", "data_age_ms", "decision_id"),
]
AT = "2026-11-21T03:30:00Z"


async def test_shape(own: Running) -> None:
    """An answer has exactly the keys of the contract, in its order, is JSON, and must not be stored by anybody."""
    response = await own.ask(**QUESTION)
    assert 200 == response.status_code
    assert "application/json" == response.headers["content-type"]
    assert "no-store" == response.headers["cache-control"]
    answer = response.json()
    assert KEYS == list(answer)
    asked_at = parse_instant(answer["asked_at"])
    assert 0 <= answer["data_age_ms"] < 10_000
    assert {
        "decision": "allow",
        "allowed": True,
        "person": "E1",
        "equipment": "FORK-07",
        "process": "LOADING",
        "at": answer["asked_at"],
        "asked_at": format_instant(asked_at),
        "valid_until": ENDS,
        "recheck_by": format_instant(asked_at + 5 * MINUTE),
        "obligations": [],
        "reasons": [],
        "revision": own.service.replica.revision,
        "data_age_ms": answer["data_age_ms"],
        "decision_id": f"{own.service.spool().boot_id}-1",
    } == answer


async def test_ids_are_dense(own: Running) -> None:
    """Decision ids are the boot id and a sequence without gaps, refusals notwithstanding."""
    ids = []
    for question in (QUESTION, TRAINEE, QUESTION):
        ids.append((await own.ask(**question)).json()["decision_id"])
        assert 400 == (await own.ask(person="E1")).status_code
    boot_id = own.service.spool().boot_id
    assert [f"{boot_id}-{sequence}" for sequence in (1, 2, 3)] == ids


async def test_now_is_not_chosen(plant: Running) -> None:
    """Without `at` the answer is about the instant it was asked, to the microsecond."""
    answer = (await plant.ask(**QUESTION)).json()
    assert answer["asked_at"] == answer["at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", answer["at"])


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-11-21T03:30:00Z", "2026-11-21T03:30:00Z"),
        ("2026-11-21T11:30:00+08:00", "2026-11-21T03:30:00Z"),
        ("2026-11-21t03:30:00.5z", "2026-11-21T03:30:00.500000Z"),
        ("2026-11-21T03:30:00.0000019Z", "2026-11-21T03:30:00.000001Z"),
        ("2026-11-21T03:30:00.000000Z", "2026-11-21T03:30:00Z"),
        ("2026-11-20T23:30:00-04:00", "2026-11-21T03:30:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
async def test_instants_in_utc(plant: Running, given: str, shown: str) -> None:
    """Instants come back in UTC with `Z`, with a fraction only when it is not zero; digits past the microsecond are cut."""
    assert shown == (await plant.ask(**QUESTION, at=given)).json()["at"]


async def test_no_recheck_with_at(plant: Running) -> None:
    """Who chose the instant gets no `recheck_by`: nothing may be acted on."""
    answer = (await plant.ask(**QUESTION, at=AT)).json()
    assert None is answer["recheck_by"]
    assert ENDS == answer["valid_until"]
    assert answer["at"] != answer["asked_at"]


@pytest.mark.parametrize(("minutes", "earlier"), [(2, "valid_until"), (90, "age")])
async def test_recheck_by_the_earlier_bound(own: Running, minutes: int, earlier: str) -> None:
    """`recheck_by` is the earlier of `valid_until` and MAX_ANSWER_AGE_S after the asking."""
    ends = time.time_ns() // 1000 + minutes * MINUTE
    await own.load([changed("A1", valid_until=format_instant(ends))])
    answer = (await own.ask(**QUESTION)).json()
    bounds = {"valid_until": ends, "age": parse_instant(answer["asked_at"]) + 5 * MINUTE}
    assert format_instant(ends) == answer["valid_until"]
    assert format_instant(bounds[earlier]) == answer["recheck_by"]


async def test_recheck_by_of_a_no(plant: Running) -> None:
    """A no is to be asked again too: it may become a yes."""
    answer = (await plant.ask(**QUESTION | {"person": "E3"})).json()
    assert "deny" == answer["decision"]
    assert format_instant(parse_instant(answer["asked_at"]) + 5 * MINUTE) == answer["recheck_by"]


async def test_end_of_the_last_day(plant: Running) -> None:
    """A licence counts to the end of its last day in Ningbo, and not one microsecond longer."""
    found = [(await plant.ask(**QUESTION, at=at)).json()["decision"] for at in ("2098-12-30T15:59:59.999999Z", ENDS)]
    assert ["allow", "deny"] == found


@pytest.mark.parametrize(
    ("asked", "codes", "person"),
    [
        ({"person": "nobody"}, ["person_unknown"], "nobody"),
        ({"equipment": "none"}, ["equipment_unknown"], "E1"),
        ({"process": "none"}, ["process_unknown"], "E1"),
        (
            {"person": "无", "equipment": "none", "process": "x"},
            ["person_unknown", "equipment_unknown", "process_unknown"],
            "无",
        ),
    ],
)
async def test_unknown_is_denied(plant: Running, asked: dict[str, str], codes: list[str], person: str) -> None:
    """What nobody has heard of is a decision like any other: 200 and deny, saying each cause."""
    response = await plant.ask(**QUESTION | asked)
    assert 200 == response.status_code
    answer = response.json()
    assert ("deny", False, person) == (answer["decision"], answer["allowed"], answer["person"])
    assert codes == [reason["code"] for reason in answer["reasons"]]
    assert (QUESTION | asked)["equipment"] == answer["equipment"]


async def test_badge(own: Running) -> None:
    """A badge answers for whoever carries it."""
    answer = (await own.ask(badge="B-1", equipment="FORK-07", process="LOADING")).json()
    assert ("allow", "E1") == (answer["decision"], answer["person"])


async def test_unknown_badge(plant: Running) -> None:
    """A badge that is nobody's is denied, and names no person."""
    answer = (await plant.ask(badge="B-2", equipment="FORK-07", process="LOADING")).json()
    assert ("deny", None) == (answer["decision"], answer["person"])
    assert [("person_unknown", "B-2")] == [(reason["code"], reason["subject"]) for reason in answer["reasons"]]


async def test_badge_moves(own: Running) -> None:
    """A badge handed to another person answers for that one from that revision on."""
    await own.load([changed("E1", badges=[]), changed("E3", badges=["B-1"])])
    assert "E3" == (await own.ask(badge="B-1", equipment="FORK-07", process="LOADING")).json()["person"]


async def test_obligations_and_supervisor(plant: Running) -> None:
    """A trainee is let in on condition of a supervisor; named and qualified, the condition is met."""
    alone = (await plant.ask(**TRAINEE)).json()
    assert ("conditional", False, [["supervisor_present"]]) == (alone["decision"], alone["allowed"], alone["obligations"])
    watched = (await plant.ask(**TRAINEE, supervisor="E1")).json()
    assert ("allow", True, []) == (watched["decision"], watched["allowed"], watched["obligations"])


@pytest.mark.parametrize("supervisor", ["E2", "E3", "nobody"])
async def test_supervisor_who_is_none(plant: Running, supervisor: str) -> None:
    """The trainee, somebody unqualified and somebody unknown supervise nothing, and the answer says so."""
    answer = (await plant.ask(**TRAINEE, supervisor=supervisor)).json()
    assert ("conditional", False) == (answer["decision"], answer["allowed"])
    assert "supervisor_not_qualified" in [reason["code"] for reason in answer["reasons"]]


async def test_confirmed_by(own: Running) -> None:
    """A rule that may be confirmed lets in who is confirmed by a regular holder of a position that may confirm."""
    leads = {"kind": "assignment", "code": "A3", "person": "E3", "position": "LEADER", "basis": "regular"}
    guard = {"kind": "rule", "code": "R2", "name": "Night", "effect": "guard", "enforcement": "confirm", "risk": "low"}
    unmet = {"requirement": {"certificate": {"type": "N1", "verified": True}}}
    await own.load([leads | {"valid_from": "2020-01-01T00:00:00Z"}, guard | unmet])
    found = {}
    for who in (None, "E3", "E2", "E1", "nobody"):
        answer = (await own.ask(**QUESTION, **({} if who is None else {"confirmed_by": who}))).json()
        found[who] = (answer["decision"], answer["obligations"])
    unconfirmed = ("conditional", [["confirmation"]])
    assert {None: unconfirmed, "E3": ("allow", []), "E2": unconfirmed, "E1": unconfirmed, "nobody": unconfirmed} == found


async def test_until(plant: Running) -> None:
    """A window is answered by its worst instant, which is named; one that ends as the licence does is still a yes."""
    asked = QUESTION | {"at": "2098-12-30T00:00:00Z"}
    good = (await plant.ask(**asked, until=ENDS)).json()
    assert ("allow", asked["at"], ENDS) == (good["decision"], good["worst_from"], good["valid_until"])
    bad = (await plant.ask(**asked, until="2098-12-30T16:00:00.000001Z")).json()
    assert ("deny", False, ENDS, ENDS) == (bad["decision"], bad["allowed"], bad["worst_from"], bad["valid_until"])
    assert ["certificate_expired"] == [reason["code"] for reason in bad["reasons"]]


async def test_worst_from_only_with_until(plant: Running) -> None:
    """`worst_from` is there when a window was asked about, between `recheck_by` and `obligations`, and not otherwise."""
    answer = (await plant.ask(**QUESTION, until="2098-01-01T00:00:00Z")).json()
    assert [*KEYS[:9], "worst_from", *KEYS[9:]] == list(answer)
    assert answer["at"] == answer["worst_from"]


async def test_lang(plant: Running) -> None:
    """Messages and remedies are English unless Chinese is asked for; codes are the same."""
    spoken = {}
    for lang in ({}, {"lang": "en"}, {"lang": "zh"}, {"lang": "zh-CN"}):
        (reason,) = (await plant.ask(**QUESTION | {"person": "nobody"} | lang)).json()["reasons"]
        spoken[lang.get("lang")] = (reason["code"], reason["message"].isascii(), reason["remedy"].isascii())
    english, chinese = ("person_unknown", True, True), ("person_unknown", False, False)
    assert {None: english, "en": english, "zh": chinese, "zh-CN": chinese} == spoken


@pytest.mark.parametrize(
    "question",
    [
        QUESTION,
        TRAINEE | {"supervisor": "E1", "confirmed_by": "E3", "purpose": "schedule", "lang": "zh-CN"},
        {"badge": "B-1", "equipment": "FORK-07", "process": "LOADING", "at": AT, "until": ENDS},
        QUESTION | {"person": "a+b %&=é", "at": "2026-11-21T11:30:00+08:00"},
    ],
)
async def test_post_equals_get(plant: Running, question: dict[str, str]) -> None:
    """The same question by POST has the same answer, but for the instant it was asked and its number."""
    answers = [(await plant.ask(**question)).json(), (await plant.post(question)).json()]
    if "at" not in question:
        for answer in answers:
            assert answer["asked_at"] == answer["at"]
            answer["at"] = answer["recheck_by"] = None
    for answer in answers:
        answer["asked_at"] = answer["decision_id"] = answer["data_age_ms"] = None
    assert answers[0] == answers[1]


async def test_null_is_left_out(plant: Running) -> None:
    """A null field of a JSON question is one that was left out, as everywhere in the contract."""
    optional = ("badge", "at", "until", "supervisor", "confirmed_by", "purpose", "min_revision", "lang")
    answer = (await plant.post(QUESTION | dict.fromkeys(optional))).json()
    assert ("allow", answer["asked_at"]) == (answer["decision"], answer["at"])


async def test_min_revision(plant: Running) -> None:
    """A revision that is here is answered from; one that never comes is 503 `stale`, not an older answer."""
    here = plant.service.replica.revision
    assert here == (await plant.ask(**QUESTION, min_revision=here)).json()["revision"]
    missing = await plant.ask(**QUESTION, min_revision=here + 1)
    assert (503, "stale", "1") == (missing.status_code, missing.json()["code"], missing.headers["retry-after"])
    posted = await plant.post(QUESTION | {"min_revision": here + 1})
    assert (503, "stale") == (posted.status_code, posted.json()["code"])


async def test_min_revision_waits(own: Running) -> None:
    """A revision that is on its way is waited for."""
    replica = own.service.replica
    revision = await load(own.engine, [changed("C1", status="revoked")])  # not applied here yet: nobody gave way since
    answer = (await own.ask(**QUESTION, min_revision=revision)).json()
    assert (revision, "deny") == (answer["revision"], answer["decision"])
    assert revision == replica.revision
