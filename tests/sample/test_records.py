"""The sample plant's records are what the contract says, whichever day they are made for."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from qualsvc.kernel.instants import format_instant, parse_date, parse_instant
from qualsvc.kernel.requirement_reader import parse_requirement
from qualsvc.kernel.requirements import certificate_types, courses
from qualsvc.records.kinds import KINDS
from qualsvc.sample import CAST, next_monday, plant_day, records, stale
from tests.sample.plant import DAYS, Sample, begins

CONTRACT = json.loads((Path(__file__).parents[1] / "contract" / "contract.json").read_text(encoding="utf-8"))["kinds"]
TODAY = DAYS[0]
each_day = pytest.mark.parametrize("today", DAYS, ids=str)


def is_of_type(value: Any, spec: dict[str, Any], known: dict[str, set[str]]) -> bool:
    """Whether a value is what the contract's field says, references resolved."""

    def number(candidate: Any) -> bool:
        return isinstance(candidate, int | float) and not isinstance(candidate, bool)

    if value is None:
        return "default" in spec and spec["default"] is None
    match spec["type"]:
        case "code":
            return bool(re.fullmatch(r"[^\s/?#%]{1,64}", value)) and bool(value.isprintable())
        case "string":
            return isinstance(value, str) and bool(value)
        case "iana_time_zone":
            return bool(ZoneInfo(value).key)
        case "enum":
            return bool(spec["values"].count(value))
        case "ref":
            return str(value) in known[spec["kind"]]
        case "list of ref":
            return all(one in known[spec["kind"]] for one in value)
        case "boolean":
            return isinstance(value, bool)
        case "date":
            return date.fromordinal(parse_date(value)).isoformat() == str(value)
        case "instant":
            return format_instant(parse_instant(value)) == str(value)
        case "integer > 0":
            return isinstance(value, int) and value > 0
        case "number" | "number ≥ 0":
            return number(value) and bool(value >= 0)
        case "number 0..1":
            return number(value) and bool(0 <= value <= 1)
        case "list of integer ≥ 0":
            return all(isinstance(one, int) and one >= 0 for one in value)
        case "map of name to number":
            return all(isinstance(name, str) and number(one) for name, one in value.items())
        case "map of name to string, number or boolean":
            return all(isinstance(name, str) and isinstance(one, str | int | float) for name, one in value.items())
        case "requirement":
            asked = parse_requirement(value)
            return certificate_types(asked) <= known["certificate_type"] and courses(asked) <= known["course"]
        case lists if lists.startswith("list of string"):
            return all(isinstance(one, str) for one in value)
    raise AssertionError(f"the contract has a new type: {spec['type']}")


def test_the_plant_has_the_size_it_is_announced_with() -> None:
    """Two sites in different zones, three companies, 40 machines, 12 processes, 25 rules and 200 persons."""
    counts = Counter(line["kind"] for line in records(TODAY))
    expected = {"site": 2, "company": 3, "equipment": 40, "process": 12, "rule": 25, "person": 200}
    assert {kind: counts[kind] for kind in expected} == expected
    assert counts.keys() == CONTRACT.keys()
    assert len({line["time_zone"] for line in records(TODAY) if line["kind"] == "site"}) == 2


@each_day
def test_every_line_has_the_contracts_shape(today: date) -> None:
    """Each line has exactly its kind's fields and those of ours it uses, each of its type, and every reference resolves."""
    lines = records(today)
    known: dict[str, set[str]] = {kind: {line["code"] for line in lines if line["kind"] == kind} for kind in CONTRACT}
    for line in lines:
        ours = {name: {"type": "requirement"} for name in KINDS[line["kind"]].optional & line.keys()}
        fields = CONTRACT[line["kind"]]["fields"] | ours
        assert line.keys() - {"kind"} == fields.keys(), line
        wrong = [name for name, spec in fields.items() if not is_of_type(line[name], spec, known)]
        assert wrong == [], line


@each_day
def test_nothing_is_there_twice(today: date) -> None:
    """Codes are unique within their kind and badges within the plant."""
    lines = records(today)
    twice = [key for key, times in Counter((line["kind"], line["code"]) for line in lines).items() if times > 1]
    badges = [badge for line in lines if line["kind"] == "person" for badge in line["badges"]]
    assert twice == []
    assert len(badges) == len(set(badges)) == 200


def test_a_sample_made_anew_replaces_the_old_one() -> None:
    """The kinds and codes are the same on every day, so that no stale record is left behind."""
    codes = [[(line["kind"], line["code"]) for line in records(today)] for today in DAYS]
    assert all(one == codes[0] for one in codes)


def test_the_same_day_makes_the_same_sample() -> None:
    """Two samples for one day are equal, and share nothing that a reader could change."""
    first, second = records(TODAY), records(TODAY)
    assert first == second
    for line in first:
        for value in line.values():
            if isinstance(value, dict | list):
                value.clear()
    assert second == records(TODAY)


def test_it_can_be_made_on_any_day() -> None:
    """Days all through five years, whatever month they fall in, make the same records."""
    firsts = [line["code"] for line in records(TODAY)]
    for offset in range(0, 5 * 366, 61):
        assert [line["code"] for line in records(TODAY + timedelta(days=offset))] == firsts


@each_day
def test_no_interval_ends_before_it_starts(today: date) -> None:
    """Every pair of bounds of every record is in order."""
    for line in records(today):
        for start, end in (
            ("valid_from", "valid_until"),
            ("employed_from", "employed_until"),
            ("effective_from", "effective_until"),
        ):
            if line.get(start) is not None and line.get(end) is not None:
                assert line[start] < line[end], line


def test_trees_have_no_cycles() -> None:
    """Following parents, or supervisors, always ends."""
    for kind, upward in (
        ("org_unit", "parent"),
        ("equipment_class", "parent"),
        ("process", "parent"),
        ("person", "supervisor"),
    ):
        above = {line["code"]: line[upward] for line in records(TODAY) if line["kind"] == kind}
        for code, parent in above.items():
            passed, upper = [code], parent
            while upper is not None:
                assert upper not in passed, passed
                passed.append(upper)
                upper = above[upper]


def test_statutory_rules_are_hard() -> None:
    """A rule that names a statutory type blocks, cannot be waived and knows no supervision; the other refusals hold too."""
    lines = records(TODAY)
    statutory = {line["code"] for line in lines if line["kind"] == "certificate_type" and line["category"] == "statutory"}
    for rule in (line for line in lines if line["kind"] == "rule"):
        asked = [parse_requirement(one) for one in (rule["requirement"], rule["supervised_requirement"]) if one is not None]
        if any(certificate_types(one) & statutory for one in asked):
            expected = {"enforcement": "block", "waivable": False, "supervised_requirement": None}
            assert {name: rule[name] for name in expected} == expected, rule["code"]
        assert rule["effect"] == "guard" or rule["enforcement"] != "monitor", rule["code"]
        assert rule["effect"] == "guard" or rule["enforcement"] != "confirm" or rule["position"], rule["code"]
        assert rule["equipment"] is None or rule["equipment_class"] is None, rule["code"]


def test_levels_and_limits_are_of_the_type() -> None:
    """Every certificate's level, and every level a rule asks for, is one of its type's."""
    documents = Sample.made_on(TODAY).documents
    levels = {code: line["levels"] for code, line in documents["certificate_type"].items()}
    for certificate in documents["certificate"].values():
        assert certificate["level"] in (levels[certificate["type"]] or [None]), certificate


def test_waivers_are_approved_by_a_third_person() -> None:
    """Requester, approver and beneficiary differ, and the rule may be waived."""
    documents = Sample.made_on(TODAY).documents
    approved = [waiver for waiver in documents["waiver"].values() if waiver["status"] == "approved"]
    assert len(approved) == 1
    for waiver in approved:
        assert len({waiver["person"], waiver["requested_by"], waiver["approved_by"]}) == 3
        assert documents["rule"][waiver["rule"]]["waivable"] is True


def test_personal_fields_cannot_be_taken_for_real_ones() -> None:
    """Nobody has an identity number, and no phone number or address leads anywhere."""
    for person in (line for line in records(TODAY) if line["kind"] == "person"):
        assert person["id_number"] is None
        assert person["email"].endswith(".example")
        assert person["phone"].startswith("+00 ")


def test_most_people_may_do_their_work() -> None:
    """More than three in four who hold an operating position may do its work on some machine today."""
    sample = Sample.made_on(TODAY)
    noon = begins(TODAY, "NGB") + 12 * 3_600_000_000
    work: dict[str, set[str]] = {}
    for rule in sample.documents["rule"].values():
        if rule["effect"] == "grant":
            work.setdefault(rule["position"], set()).add(rule["process"])
    able = {
        (assignment["person"], assignment["position"]): any(
            _may_do(sample, assignment["person"], process, noon) for process in work[assignment["position"]]
        )
        for assignment in sample.documents["assignment"].values()
        if assignment["position"] in work
    }
    assert sum(able.values()) / len(able) > 0.75


def _may_do(sample: Sample, person: str, process: str, at: int) -> bool:
    return any(
        sample.by_kernel(replace(CAST[0], person=person, equipment=equipment, process=process), at)[0] == "allow"
        for equipment in sample.documents["equipment"]
    )


@each_day
def test_a_sample_is_stale_from_its_next_monday(today: date) -> None:
    """It serves from its own day to the Sunday after, and not when the clock has gone back."""
    monday = next_monday(today)
    assert monday.weekday() == 0
    assert 1 <= (monday - today).days <= 7
    assert [stale(today, today + timedelta(days=n)) for n in (-1, 0, (monday - today).days - 1)] == [True, False, False]
    assert stale(today, monday) is True


def test_the_plants_day_is_ningbos() -> None:
    """The day to make the sample for begins at midnight in Shanghai's zone, whatever the server's."""
    assert plant_day(datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert plant_day(datetime(2026, 11, 20, 16, tzinfo=UTC)) == date(2026, 11, 21)
