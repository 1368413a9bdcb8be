"""Hired, transferred, gone, and back again: each in one call."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.registry.callers import problem
from tests.registry.life import LOADING, SINCE, WELDING, Line, call, called, certificate, decision, head, living, read, reasons
from tests.serving import Running

pytestmark = pytest.mark.anyio

NEW = {"name": "Li-secret", "employment": "employee", "site": "NGB", "email": "li-secret@example.com", "badges": ["B-9"]}
SOON = datetime.now(UTC).date() + timedelta(days=300)
LATER = f"{SOON}T03:00:00Z"
"""11:00 in Ningbo; the day before is the last one before it that is whole."""
DAY_BEFORE = str(SOON - timedelta(days=1))
MIDNIGHT = f"{DAY_BEFORE}T16:00:00Z"
"""Ends the day before in Ningbo."""
LAST = f"{DAY_BEFORE}T15:59:59.999999Z"
INTERNAL = [f"E1-{name}" for name in ("IA-BOTH", "IA-GATE", "IA-NONE", "IA-OLD", "IA-TRUCK")]
"""The internal authorisations of E1."""


async def ends(plant: Running) -> dict[str, tuple[str, str | None]]:
    """Status and last day of each certificate of E1."""
    items = (await read(plant, "certificates", person="E1", limit=1000))["items"]
    return {each["type"]: (each["status"], each["valid_until"]) for each in items}


async def test_a_new_person_is_hired_into_a_post(database_url: str, tmp_path: Path) -> None:
    """One call makes the person and the assignments, in one revision, and tells what is lacking for the post."""
    async with living(database_url, tmp_path) as plant:
        before = await head(plant)
        body = {"person": NEW, "positions": [{"position": "DRIVER"}, {"position": "WELDER", "basis": "trial"}]}
        answer = await call(plant, "persons/E9/hire", body)
        told = answer.json()
        assert (201, str(before + 1), before + 1) == (answer.status_code, answer.headers["Revision"], told["revision"])
        assert before + 1 == await head(plant)
        person = await read(plant, "persons/E9")
        assert NEW | {"status": "active"} == {name: person[name] for name in (*NEW, "status")}
        assert told["person"] == {name: value for name, value in person.items() if name not in PERSONAL}
        assert ["E9-DRIVER", "E9-WELDER"] == [each["code"] for each in told["assignments"]]
        assert told["assignments"] == (await read(plant, "assignments", person="E9"))["items"]
        assert ([], [], []) == (told["ended"], told["withdrawn"], told["lapsed"])
        driver, welder = told["posts"]
        assert ("DRIVER", 1, 0, 0) == (driver["position"], driver["pairs"], driver["allowed"], driver["conditional"])
        missing = ["certificate IA-BOTH", "certificate IA-GATE", "certificate IA-TRUCK", "certificate MED", "certificate N1"]
        assert missing == sorted({lack["requirement"] for lack in driver["lacks"]})
        assert {"certificate_missing", "supervision_required"} < {lack["code"] for lack in welder["lacks"]}
        assert "deny" == await decision(plant, **LOADING | {"person": "E9"})


PERSONAL = {"name", "phone", "email", "id_number", "language"}


async def test_what_is_lacking_is_what_a_decision_lacks(database_url: str, tmp_path: Path) -> None:
    """Lacks are reasons as an answer gives them, recommended ones too, in the language asked for."""
    async with living(database_url, tmp_path, certificate("E1", "IA-WELD")) as plant:
        answer = await plant.client.post("/v1/persons/E1/transfer?lang=zh-CN", json={"positions": [{"position": "WELDER"}]})
        [post] = answer.json()["posts"]
        asked = (await plant.ask(**WELDING, lang="zh-CN")).json()
        assert ("allow", 1, 1) == (asked["decision"], post["pairs"], post["allowed"])
        assert asked["reasons"] == post["lacks"]
        assert ["recommended_missing"] == [lack["code"] for lack in post["lacks"]]
        assert "仅提示" in post["lacks"][0]["message"]


async def test_hired_from_a_day_to_come(database_url: str, tmp_path: Path) -> None:
    """With a later `at` employment and posts begin then, by the date at the person's site; given dates and codes are kept."""
    async with living(database_url, tmp_path) as plant:
        midnight = {"at": "2090-06-14T16:30:00Z"}
        told = await called(plant, "persons/E9/hire", midnight | {"person": NEW, "positions": [{"position": "DRIVER"}]})
        assert "2090-06-15" == told["person"]["employed_from"]
        assert "2090-06-14T16:30:00Z" == told["assignments"][0]["valid_from"]
        own = {"position": "DRIVER", "code": "X-7", "valid_until": "2090-06-20T00:00:00Z"}
        given = midnight | {"person": NEW | {"employed_from": "2090-06-01", "badges": []}, "positions": [own]}
        told = await called(plant, "persons/E8/hire", given)
        assert ("2090-06-01", "X-7", "2090-06-20T00:00:00Z") == (
            told["person"]["employed_from"],
            told["assignments"][0]["code"],
            told["assignments"][0]["valid_until"],
        )
        nowhere: dict[str, Any] = {"person": NEW | {"site": None, "badges": []}}
        assert "2090-06-14" == (await called(plant, "persons/E7/hire", midnight | nowhere))["person"]["employed_from"]


async def test_a_transfer_turns_the_posts_over_at_once(database_url: str, tmp_path: Path) -> None:
    """The old post is denied and the new one open with the answer; everything else of the person goes on."""
    async with living(database_url, tmp_path, certificate("E1", "IA-WELD")) as plant:
        assert ("allow", "deny") == (await decision(plant, **LOADING), await decision(plant, **WELDING))
        before = await head(plant)
        body = {"positions": [{"position": "WELDER"}], "org_unit": "WELD"}
        told = await called(plant, "persons/E1/transfer", body)
        assert ("deny", "allow") == (await decision(plant, **LOADING), await decision(plant, **WELDING))
        assert (["E1-D"], [], ["E1-WELDER"]) == (told["ended"], told["withdrawn"], [a["code"] for a in told["assignments"]])
        ended, begun = (await read(plant, "assignments", person="E1"))["items"]
        assert (SINCE, begun["valid_from"]) == (ended["valid_from"], ended["valid_until"])
        person = await read(plant, "persons/E1")
        assert ("WELD", "NGB", "Wang-secret", "138-secret") == tuple(
            person[name] for name in ("org_unit", "site", "name", "phone")
        )
        histories = [("persons", "E1"), ("assignments", "E1-D"), ("assignments", "E1-WELDER"), ("certificates", "E1-IA-TRUCK")]
        for path, code in histories:
            changes = (await read(plant, f"{path}/{code}/history"))["items"]
            assert before + 1 == changes[-1]["revision"] == told["revision"]
            assert "secret" not in str(changes)
        assert before + 1 == await head(plant)


async def test_internal_authorisations_lapse_with_the_post(database_url: str, tmp_path: Path) -> None:
    """Those of the old post, and what counts for them, end with the last whole day; all others are not touched."""
    async with living(database_url, tmp_path) as plant:
        told = await called(plant, "persons/E1/transfer", {"at": LATER, "positions": [{"position": "WELDER"}]})
        assert ["E1-IA-OLD", "E1-IA-TRUCK"] == told["lapsed"]
        lapsed, still = ("valid", DAY_BEFORE), ("valid", None)
        own = {"IA-TRUCK": lapsed, "IA-OLD": lapsed}
        assert own | dict.fromkeys(("N1", "MED", "IA-BOTH", "IA-GATE", "IA-NONE"), still) == await ends(plant)
        assert "allow" == await decision(plant, **LOADING)  # until then everything goes on
        assert "allow" == await decision(plant, **LOADING, at=LAST)
        assert ["certificate_expired"] == (await reasons(plant, **LOADING, at=MIDNIGHT))[:1]


async def test_a_transfer_at_midnight_takes_no_day_away(database_url: str, tmp_path: Path) -> None:
    """The day that ends at the very instant is whole."""
    async with living(database_url, tmp_path) as plant:
        body = {"at": MIDNIGHT, "positions": [{"position": "WELDER"}]}
        await called(plant, "persons/E1/transfer", body)
        assert ("valid", DAY_BEFORE) == (await ends(plant))["IA-TRUCK"]


async def test_an_authorisation_that_would_end_before_it_began_is_revoked(database_url: str, tmp_path: Path) -> None:
    """What was given on the day of the transfer has no whole day; one that ends sooner by itself is left alone."""
    late = certificate("E1", "IA-TRUCK", valid_from=str(SOON))
    ends_by_itself = str(SOON - timedelta(days=30))
    soon = certificate("E1", "IA-OLD", valid_until=ends_by_itself)
    async with living(database_url, tmp_path, late, soon) as plant:
        told = await called(plant, "persons/E1/transfer", {"at": LATER, "positions": [{"position": "WELDER"}]})
        found = await ends(plant)
        assert ["E1-IA-TRUCK"] == told["lapsed"]
        assert (("revoked", None), ("valid", ends_by_itself)) == (found["IA-TRUCK"], found["IA-OLD"])


async def test_without_a_site_the_earliest_date_counts(database_url: str, tmp_path: Path) -> None:
    """Nobody keeps an authorisation longer because no site is named: Hamburg has the earlier date."""
    async with living(database_url, tmp_path) as plant:
        assert 200 == (await plant.client.patch("/v1/persons/E1", json={"site": None})).status_code
        body = {"at": f"{DAY_BEFORE}T17:00:00Z", "positions": [{"position": "WELDER"}]}
        await called(plant, "persons/E1/transfer", body)
        assert ("valid", str(SOON - timedelta(days=2))) == (await ends(plant))["IA-TRUCK"]


async def test_a_post_held_already_goes_on(database_url: str, tmp_path: Path) -> None:
    """The same post on the same basis is not touched, and neither are its authorisations; another end may be given."""
    async with living(database_url, tmp_path) as plant:
        before = (await read(plant, "assignments/E1-D")), await ends(plant)
        told = await called(plant, "persons/E1/transfer", {"positions": [{"position": "DRIVER"}, {"position": "CLERK"}]})
        assert (["E1-D", "E1-CLERK"], [], []) == ([a["code"] for a in told["assignments"]], told["ended"], told["lapsed"])
        assert before == ((await read(plant, "assignments/E1-D")), await ends(plant))
        told = await called(plant, "persons/E1/transfer", {"positions": [{"position": "DRIVER", "valid_until": LATER}]})
        assert (["E1-CLERK"], before[0] | {"valid_until": LATER}) == (told["ended"], told["assignments"][0])
        again = await called(plant, "persons/E1/transfer", {"positions": [{"position": "DRIVER"}]})
        assert (told["revision"], told["assignments"]) == (again["revision"], again["assignments"])


async def test_another_basis_is_another_assignment(database_url: str, tmp_path: Path) -> None:
    """From regular to trial the old assignment ends and a new one begins; the post being held, its authorisations stay."""
    async with living(database_url, tmp_path) as plant:
        told = await called(plant, "persons/E1/transfer", {"positions": [{"position": "DRIVER", "basis": "trial"}]})
        assert (["E1-D"], ["E1-DRIVER"], []) == (told["ended"], [a["code"] for a in told["assignments"]], told["lapsed"])
        assert "conditional" == await decision(plant, **LOADING)


async def test_what_would_begin_later_never_begins(database_url: str, tmp_path: Path) -> None:
    """Assignments still to come are deleted, those over by then stay; the same transfer again changes nothing."""
    over = {"code": "E1-0", "valid_from": SINCE, "valid_until": "2021-01-01T00:00:00Z"}
    to_come = {"code": "E1-2", "valid_from": "2095-01-01T00:00:00Z"}
    lines = ({"kind": "assignment", "person": "E1", "position": "CLERK", "basis": "regular"} | each for each in (over, to_come))
    async with living(database_url, tmp_path, *lines) as plant:
        body = {"at": LATER, "positions": [{"position": "WELDER"}]}
        told = await called(plant, "persons/E1/transfer", body)
        assert (["E1-D"], ["E1-2"]) == (told["ended"], told["withdrawn"])
        there = (await read(plant, "assignments", person="E1"))["items"]
        assert ["E1-0", "E1-D", "E1-WELDER"] == [each["code"] for each in there]
        assert "2021-01-01T00:00:00Z" == there[0]["valid_until"]
        again = await called(plant, "persons/E1/transfer", body)
        assert (told["revision"], [], []) == (again["revision"], again["ended"], again["withdrawn"])


async def test_codes_are_made_up_as_often_as_needed(database_url: str, tmp_path: Path) -> None:
    """Back and forth between posts each assignment has a code of its own, and long codes are cut."""
    long = "P" * 64
    lines: list[Line] = [{"kind": "person", "code": long, "name": "-", "employment": "employee", "status": "active"}]
    async with living(database_url, tmp_path, *lines) as plant:
        codes = []
        for position in ("WELDER", "DRIVER", "WELDER", "CLERK", "WELDER"):
            told = await called(plant, "persons/E1/transfer", {"positions": [{"position": position}]})
            codes.append(told["assignments"][0]["code"])
        assert ["E1-WELDER", "E1-DRIVER", "E1-WELDER-2", "E1-CLERK", "E1-WELDER-3"] == codes
        told = await called(plant, f"persons/{long}/transfer", {"positions": [{"position": "WELDER"}, {"position": "CLERK"}]})
        assert ["P" * 58, "P" * 58 + "-2"] == [each["code"] for each in told["assignments"]]


async def test_who_leaves_loses_all_that_was_given_for_the_work(database_url: str, tmp_path: Path) -> None:
    """Posts, every internal authorisation, waivers and the stay on a site end with the employment, in one revision."""
    waiver: dict[str, Any] = {
        "kind": "waiver",
        "person": "E1",
        "rule": "WELD",
        "valid_from": SINCE,
        "reason": "-",
        "approved_by": "b",
    }
    waivers = [
        waiver | {"code": "W-ON", "valid_until": "2095-01-01T00:00:00Z", "status": "approved"},
        waiver
        | {"code": "W-ASKED", "status": "requested", "approved_by": None}
        | {"valid_from": "2095-01-01T00:00:00Z", "valid_until": "2095-01-31T00:00:00Z"},
        waiver | {"code": "W-OVER", "valid_until": "2021-01-01T00:00:00Z", "status": "approved"},
    ]
    stay = {"kind": "site_stay", "code": "S1", "person": "E1", "site": "NGB", "valid_from": SINCE}
    async with living(database_url, tmp_path, *waivers, stay) as plant:
        before = await head(plant)
        told = await called(plant, "persons/E1/leave")
        assert before + 1 == told["revision"] == await head(plant)
        assert ["person_inactive", "position_not_held"] == [
            code for code in await reasons(plant, **LOADING) if code in {"person_inactive", "position_not_held"}
        ]
        assert (["E1-D"], INTERNAL, ["W-ASKED", "W-ON"], ["S1"]) == tuple(
            told[name] for name in ("ended", "lapsed", "revoked", "stays")
        )
        assert {"N1", "MED"} == {name for name, (_, until) in (await ends(plant)).items() if until is None}
        assert ["revoked", "revoked", "approved"] == [
            (await read(plant, f"waivers/{code}"))["status"] for code in ("W-ASKED", "W-ON", "W-OVER")
        ]
        assert ("left", PERSONAL) == (told["person"]["status"], PERSONAL - told["person"].keys())
        assert (await read(plant, "site-stays/S1"))["valid_until"] == (await read(plant, "assignments/E1-D"))["valid_until"]
        assert [] == (await read(plant, "sites/NGB/present"))["items"]
        assert (409, "not_employed", [""]) == problem(await call(plant, "persons/E1/leave"))


async def test_who_had_left_already_was_there_all_the_same(database_url: str, tmp_path: Path) -> None:
    """Told late that somebody left, what was given ends back then; where they have been since stays on record until now."""
    stay = {"kind": "site_stay", "person": "E1", "site": "NGB", "valid_from": "2026-02-01T00:00:00Z"}
    stays = [stay | {"code": "S1", "valid_until": "2026-02-02T00:00:00Z"}, stay | {"code": "S2"}]
    async with living(database_url, tmp_path, *stays) as plant:
        told = await called(plant, "persons/E1/leave", {"at": "2026-01-15T10:00:00+08:00"})
        assert (["S2"], "left", "2026-01-15") == (told["stays"], told["person"]["status"], told["person"]["employed_until"])
        assert "2026-01-15T02:00:00Z" == (await read(plant, "assignments/E1-D"))["valid_until"]
        assert ("valid", "2026-01-14") == (await ends(plant))["IA-TRUCK"]
        first, second = (await read(plant, "site-stays", person="E1"))["items"]
        assert "2026-02-02T00:00:00Z" == first["valid_until"] < second["valid_until"]


async def test_null_takes_away_and_left_out_stays(database_url: str, tmp_path: Path) -> None:
    """A transfer changes of the person what it names, and nothing else."""
    async with living(database_url, tmp_path) as plant:
        body = {"positions": [{"position": "DRIVER"}], "supervisor": "C1", "org_unit": None}
        person = (await called(plant, "persons/E1/transfer", body))["person"]
        assert ("C1", None, "NGB") == (person["supervisor"], person["org_unit"], person["site"])
        body = {"positions": [{"position": "DRIVER"}], "supervisor": None, "org_unit": "WELD"}
        person = (await called(plant, "persons/E1/transfer", body))["person"]
        assert (None, "WELD", "NGB") == (person["supervisor"], person["org_unit"], person["site"])


async def test_who_leaves_later_works_until_then(database_url: str, tmp_path: Path) -> None:
    """With a later `at` the person stays active; the last day is the one before the instant, and the gate goes by it."""
    async with living(database_url, tmp_path) as plant:
        told = await called(plant, "persons/E1/leave", {"at": MIDNIGHT})
        assert ("active", DAY_BEFORE) == (told["person"]["status"], told["person"]["employed_until"])
        assert "allow" == await decision(plant, **LOADING, at=LAST)
        assert ["not_employed"] == (await reasons(plant, **LOADING, at=MIDNIGHT))[:1]
        later = await call(plant, "persons/E1/leave", {"at": f"{SOON + timedelta(days=20)}T00:00:00Z"})
        assert (409, "not_employed", [""]) == problem(later)
        sooner = await called(plant, "persons/E1/leave", {"at": f"{SOON - timedelta(days=100)}T00:00:00Z"})
        assert (str(SOON - timedelta(days=100)), f"{SOON - timedelta(days=100)}T00:00:00Z") == (
            sooner["person"]["employed_until"],
            (await read(plant, "assignments/E1-D"))["valid_until"],
        )
        transferred = await call(plant, "persons/E1/transfer", {"at": LATER, "positions": [{"position": "CLERK"}]})
        assert (409, "not_employed", [""]) == problem(transferred)
        assert (409, "already_employed", [""]) == problem(await call(plant, "persons/E1/hire", {"person": {}}))
        assert "left" == (await called(plant, "persons/E1/leave"))["person"]["status"]


async def test_who_never_began_may_leave(database_url: str, tmp_path: Path) -> None:
    """Somebody hired for later who does not come is gone at once, and never was employed."""
    async with living(database_url, tmp_path) as plant:
        await called(plant, "persons/E9/hire", {"at": LATER, "person": NEW, "positions": [{"position": "DRIVER"}]})
        told = await called(plant, "persons/E9/leave")
        assert (["E9-DRIVER"], [], "left") == (told["withdrawn"], told["ended"], told["person"]["status"])
        assert [] == (await read(plant, "assignments", person="E9"))["items"]


async def test_who_left_is_hired_again(database_url: str, tmp_path: Path) -> None:
    """What is sent replaces, the rest is as it was; nothing given before comes back, not even what was never closed."""
    async with living(database_url, tmp_path) as plant:
        assert 200 == (await plant.client.patch("/v1/persons/E1", json={"status": "left"})).status_code
        body: dict[str, Any] = {"person": {"org_unit": "WELD", "phone": None}, "positions": [{"position": "WELDER"}]}
        answer = await call(plant, "persons/E1/hire", body)
        told = answer.json()
        assert (200, ["E1-D"], INTERNAL) == (answer.status_code, told["ended"], told["lapsed"])
        person = await read(plant, "persons/E1")
        assert ("active", None, "WELD", None, "Wang-secret", ["B-1"]) == tuple(
            person[name] for name in ("status", "employed_until", "org_unit", "phone", "name", "badges")
        )
        assert person["employed_from"] is not None
        assert "position_not_held" in await reasons(plant, **LOADING)
        await called(plant, "persons/E1/leave")
        again = await call(plant, "persons/E1/hire", {"person": {}})
        assert (200, []) == (again.status_code, again.json()["assignments"])
        assert (409, "already_employed", [""]) == problem(await call(plant, "persons/E1/hire", {"person": {}}))
