"""What peers are given of the plant decides as the plant does."""

from datetime import date
from typing import Any

import pytest
from benchmarks.answers import expected
from benchmarks.peers.aside import document
from benchmarks.peers.engines.leaves import formula, gates, leaf, with_sets
from benchmarks.peers.facts import Facts
from benchmarks.peers.records import LAST, NOTHING, person
from benchmarks.peers.server import noon
from benchmarks.plant import Plant, plant, questions

from qualsvc import zones
from qualsvc.kernel.facts import Person
from qualsvc.kernel.instants import parse_instant
from qualsvc.kernel.snapshot import Snapshot

DAY = date(2026, 11, 21).toordinal()

CERTIFICATE: dict[str, Any] = {
    "kind": "certificate",
    "types": ["LIC", "OLD"],
    "levels": None,
    "scope": None,
    "verified": False,
    "covers": [],
}
HELD: dict[str, Any] = {
    "usable": True,
    "from": DAY,
    "until": DAY,
    "review": LAST,
    "verified": True,
    "level": "L2",
    "scopes": ["indoor"],
    "limits": {"t": 5},
}


@pytest.fixture(scope="module")
def made() -> Plant:
    return plant(persons=400, equipment=120, processes=50, rules=200, day=date(2026, 11, 21))


@pytest.fixture(scope="module")
def facts(made: Plant) -> Facts:
    return Facts(made, noon(made))


def test_places_ask_what_the_kernel_asks(made: Plant, facts: Facts) -> None:
    """Gates and the formula of the place together are the kernel's allow, whoever asks for what."""
    persons, machines = with_sets(facts.persons()), facts.equipment()
    asked = questions(made, 800, seed=3)

    def allowed(number: int) -> bool:
        put = facts.put(asked[number])
        place = facts.places[facts.place_of[put.equipment][put.process]]
        person, machine = persons[put.person], machines[put.equipment]
        passes = gates(person, machine, put.day, maintenance=place.maintenance)
        return passes and formula(document(facts.formula(place)))(person, machine, put.day)

    verdicts = expected(made, asked, facts.now)
    assert {"allow", "conditional", "deny"} == set(verdicts)
    assert [verdict == "allow" for verdict in verdicts] == [allowed(number) for number in range(len(asked))]


def test_pairs_that_no_rule_tells_apart_are_one_place(facts: Facts) -> None:
    """There are as many places as there are different sets of rules, maintenance apart."""
    assert len(facts.places) == len(set(facts.places))
    assert sum(map(len, facts.place_of.values())) == 120 * 50
    assert len(facts.places) < 120 * 50 / 4


def test_rules_that_are_past_or_to_come_ask_nothing(facts: Facts) -> None:
    """What is not in force at the instant is in no place."""
    named = {rule.code for place in facts.places for path in place.paths for rule in (*place.guards, *path.rules)}
    assert "U-INDUCTION-NB" in named
    assert not {code for code in named if code.startswith(("U-NEXT", "U-PAST"))}


@pytest.mark.parametrize(
    ("asked", "held", "on", "counts"),
    [
        ({}, {}, DAY, True),
        ({}, {}, DAY - 1, False),
        ({}, {}, DAY + 1, False),
        ({}, {"until": LAST, "review": DAY}, DAY, True),
        ({}, {"until": LAST, "review": DAY}, DAY + 1, False),
        ({}, {"usable": False}, DAY, False),
        ({"verified": True}, {"verified": False}, DAY, False),
        ({"levels": ["L2", "L3"]}, {}, DAY, True),
        ({"levels": ["L3"]}, {}, DAY, False),
        ({"scope": "outdoor"}, {}, DAY, False),
        ({"covers": ["t"]}, {}, DAY, True),
        ({"covers": ["t"]}, {"limits": {"t": 4.9}}, DAY, False),
        ({"covers": ["m"]}, {}, DAY, False),
    ],
)
def test_a_certificate_counts_as_asked(asked: dict[str, Any], held: dict[str, Any], on: int, counts: bool) -> None:
    """From its first day to the earlier of its last and its review, both included, if it is all that is asked."""
    holds = leaf({**CERTIFICATE, **asked})
    person = {"certificates": {"OLD": [{**HELD, **held}]}}
    assert counts == holds(person, {"ratings": {"t": 5}}, on)


@pytest.mark.parametrize(
    ("done", "counts"),
    [({}, True), ({"on": DAY - 11}, False), ({"on": DAY + 1}, False), ({"undone": DAY}, False), ({"score": 79}, False)],
)
def test_training_counts_as_asked(done: dict[str, Any], counts: bool) -> None:
    """Within its days, done well enough, and not undone by a later failure."""
    asked = {"course": "C", "within_days": 10, "min_score": 80, "min_hours": None, "min_attendance": None}
    holds = leaf({"kind": "training", **asked})
    passed = {"on": DAY - 10, "undone": DAY + 1, "score": 80, "hours": -1, "attendance": -1}
    assert counts == holds({"training": {"C": [{**passed, **done}]}}, {}, DAY)


def test_a_later_failure_of_the_course_undoes_training() -> None:
    """From the day of the first failure after it, and no other course's."""
    snapshot = Snapshot(zones.load)
    for number, (course, on, passed) in enumerate([("C", 1, True), ("C", 9, False), ("C", 5, False), ("D", 3, False)]):
        record = {"person": "P", "course": course, "completed_on": f"2026-11-0{on}", "passed": passed, "hours": None}
        snapshot.apply("training_record", f"T{number}", {"code": f"T{number}", **record, "score": 80, "attendance": None})
    told = person(snapshot, parsed(), 0)["training"]
    assert {"C": [{"on": DAY - 20, "undone": DAY - 16, "score": 80, "hours": NOTHING, "attendance": NOTHING}]} == told


def test_a_waiver_of_one_machine_is_refused() -> None:
    """Peers are not told of such, so a plant that has them cannot be measured with peers."""
    snapshot = Snapshot(zones.load)
    span = {"valid_from": "2026-11-01T00:00:00Z", "valid_until": "2026-12-01T00:00:00Z"}
    waiver = {"code": "W", "person": "P", "rule": "R", "equipment": "E", "process": None, "supervised": False, **span}
    snapshot.apply("waiver", "W", {**waiver, "status": "approved"})
    with pytest.raises(ValueError, match="not translated"):
        person(snapshot, parsed(), parse_instant("2026-11-21T00:00:00Z"))


def parsed() -> Person:
    return Person(
        code="P", employment="employee", company=None, status="active", employed_from=None, employed_until=None, badges=()
    )
