"""Crowds: who has which bit, facts in cohorts, and everyone's states at once."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualsvc.kernel.cohorts import Look, cohorts, members
from qualsvc.kernel.crowd import Crowd
from qualsvc.kernel.facts import Assignment
from qualsvc.kernel.instants import DAY, FIRST, parse_instant
from qualsvc.kernel.moment import Moment, crowd_states
from qualsvc.kernel.planes import Planes
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.kernel.states import ALLOW, DENY, decision, obligations
from tests import golden
from tests.differential.compare import snapshot_of
from tests.golden.asking import question_of
from tests.golden.cases import Case, all_cases, filled, read_yaml
from tests.kernel import laws_of_sets as laws
from tests.kernel.drawn import a_law

test_sets_are_counted_for_everyone = a_law(40)(laws.sets_are_counted_for_everyone)
test_sets_are_everyones_states = a_law(25)(laws.sets_are_everyones_states)

_LOOK = Look(Assignment, ("valid_from",), ("valid_until",))


@pytest.mark.parametrize("width", [1, 7, 8, 9, 1000])
def test_sets_are_written_alike_dense_and_sparse(width: int) -> None:
    """A set has the bits it was made of, however many there are."""
    rng = random.Random(width)
    for number in {0, 1, width // 40, width // 2, width}:
        bits = rng.sample(range(width), number)
        assert sum(1 << bit for bit in bits) == members(bits, width)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ab"), st.integers(0, 4), st.integers(0, 4)), max_size=12), st.data()
)
def test_cohorts_keep_apart_what_differs(drawn: list[tuple[int, str, int, int]], data: st.DataObject) -> None:
    """Each fact is among those of a part whose one fact equals it, and whose bounds lie on the same side; nobody else is."""
    facts = [Assignment(f"A{n}", f"W{bit}", "PO", basis, *bounds) for n, (bit, basis, *bounds) in enumerate(drawn)]
    bits = [bit for bit, *_ in drawn]
    begin, end = data.draw(st.integers(-1, 5)), data.draw(st.integers(-1, 5))

    def sides(fact: Assignment) -> tuple[object, ...]:
        return fact.basis, fact.valid_from <= begin, fact.valid_until >= end

    found = [part for cohort in cohorts(facts, bits, _LOOK, 6) for part in cohort.split((begin,), (end,))]
    expected: dict[tuple[object, ...], set[int]] = {}
    for fact, bit in zip(facts, bits, strict=True):
        expected.setdefault(sides(fact), set()).add(bit)
    assert expected == {sides(one): {bit for bit in range(6) if whom >> bit & 1} for whom, one in found}
    assert len(expected) == len(found)


BASE = read_yaml(Path(golden.__file__).with_name("base.yaml"))
T = parse_instant("2026-11-21T03:30:00Z")


def depot(**changed: dict[str, dict[str, Any]]) -> Snapshot:
    """The depot of the golden cases with some records more, or others."""
    told = {kind: {**BASE.get(kind, {}), **changed.get(kind, {})} for kind in {**BASE, **changed}}
    return snapshot_of({kind: {code: filled(kind, code, one or {}) for code, one in of.items()} for kind, of in told.items()})


def allowed(snapshot: Snapshot, equipment: str = "FORK-07", instant: int = T) -> list[str]:
    """Who may load with it."""
    crowd = Crowd(snapshot)
    return crowd.listed(Moment(crowd, instant).states(equipment, "LOADING").allowed)


def _is_plain(case: Case) -> bool:
    asked = question_of(case)
    return not any(asked[name] for name in ("badge", "supervisor", "confirmed_by", "until"))


@pytest.mark.parametrize("case", [case for case in all_cases() if _is_plain(case)], ids=str)
def test_golden_cases_hold_for_sets(case: Case) -> None:
    """What a case tells of one person at one instant, nothing discharged, they find among all."""
    asked = question_of(case)
    crowd = Crowd(snapshot_of(case.plant))
    states = Moment(crowd, asked["at"]).states(asked["equipment"], asked["process"])
    state = states.state(crowd.bits[asked["person"]]) if asked["person"] in crowd.bits else DENY
    assert case.answer["decision"] == decision(state)
    assert case.answer["obligations"] == [list(given_) for given_ in obligations(state)]


def test_two_halves_make_no_whole() -> None:
    """Of two certificates alike, one expired and one overdue for review, none counts; one person's never helps another."""
    half = {"person": "LI", "type": "PERMIT", "level": "full", "limits": {"tonnes": 5}, "status": "valid"}
    bounds = {"valid_from": "2025-01-01", "valid_until": "2027-01-01", "next_review_on": "2027-01-01"}
    expired, overdue = {**half, **bounds, "valid_until": "2026-11-20"}, {**half, **bounds, "next_review_on": "2026-11-20"}
    assert ["LI", "WANG"] == allowed(depot())
    assert ["WANG"] == allowed(depot(certificate={"C-LI": expired, "C-LI-2": overdue}))
    assert ["LI", "WANG"] == allowed(depot(certificate={"C-LI": expired, "C-LI-2": overdue, "C-LI-3": {**half, **bounds}}))


def test_training_lapses_for_each_by_their_own_day() -> None:
    """Of two alike but for the day, the one done as long ago as is allowed counts on that last day, the older does not."""
    lesson = {"training": {"course": "INDUCTION", "within_days": 30}}
    rule = {"effect": "guard", "requirement": lesson, "enforcement": "block"}
    records = {
        "T-LI": {"person": "LI", "course": "INDUCTION", "completed_on": "2026-10-21", "passed": True},
        "T-WANG": {"person": "WANG", "course": "INDUCTION", "completed_on": "2026-10-22", "passed": True},
    }
    for order in (records, dict(reversed(records.items()))):
        snapshot = depot(rule={"INDUCED": rule}, training_record=order)
        assert (["LI", "WANG"], ["WANG"], []) == tuple(allowed(snapshot, instant=T + days * DAY) for days in (-1, 0, 1))


def test_who_fails_later_is_undone_from_that_day() -> None:
    """Of two with a failure and a pass each, who passed last may go on, whatever order their records come in."""
    rule = {"effect": "guard", "requirement": {"training": {"course": "INDUCTION"}}, "enforcement": "block"}
    one, other = "2026-11-20", "2026-11-22"
    records = {
        f"T-{person}-{day}": {"person": person, "course": "INDUCTION", "completed_on": day, "passed": passed}
        for person, day, passed in (("LI", other, True), ("LI", one, False), ("WANG", other, False), ("WANG", one, True))
    }
    for order in (records, dict(reversed(records.items()))):
        snapshot = depot(rule={"INDUCED": rule}, training_record=order)
        assert ([], ["WANG"], ["LI"]) == tuple(allowed(snapshot, instant=T + days * DAY) for days in (-2, 0, 1))


def test_what_is_not_known_is_denied_to_everyone() -> None:
    """Unknown equipment, an unknown process and a crowd of nobody are no errors; nobody may."""
    snapshot = depot()
    moment = Moment(Crowd(snapshot), T)
    nobody = Planes.flat(0)
    assert (nobody, nobody) == (moment.states("FORK-99", "LOADING"), moment.states("FORK-07", "SINGING"))
    assert nobody == Moment(Crowd(snapshot, ()), T).states("FORK-07", "LOADING")
    assert nobody == crowd_states(snapshot, "FORK-99", "LOADING", T)[1]
    assert moment.crowd.everyone == 0b111


def test_persons_keep_the_order_they_are_given_in() -> None:
    """Each known person has one bit, in the order given, and is found by it."""
    crowd = Crowd(depot(), ["WANG", "NOBODY", "LI", "WANG"])
    assert ["WANG", "LI"] == crowd.codes
    assert {"WANG": 0, "LI": 1} == crowd.bits
    assert ["LI"] == crowd.listed(0b10)
    states = Moment(crowd, T).states("FORK-07", "LOADING")
    assert (ALLOW, ALLOW) == (states.state(0), states.state(1))


def test_facts_of_nobody_count_for_nobody() -> None:
    """While a person is deleted record by record, what is left of them neither fails nor helps."""
    snapshot = depot()
    snapshot.apply("person", "LI", None)
    assert ["WANG"] == allowed(snapshot)


def test_machines_alike_share_their_states() -> None:
    """What nothing tells apart is judged once; a machine that a restriction names is judged alone."""
    fork = BASE["equipment"]["FORK-07"]
    banned = {"person": "LI", "equipment": "FORK-09", "valid_from": "2026-01-01T00:00:00Z", "reason": "ban"}
    snapshot = depot(equipment={"FORK-08": fork, "FORK-09": fork}, restriction={"X": banned})
    crowd = Crowd(snapshot)
    matrix = Moment(crowd, T).matrix("LOADING")
    assert ["FORK-07", "FORK-08", "FORK-09"] == list(matrix)
    assert matrix["FORK-07"] is matrix["FORK-08"]
    assert (["LI", "WANG"], ["WANG"]) == (crowd.listed(matrix["FORK-07"].allowed), crowd.listed(matrix["FORK-09"].allowed))


def test_before_the_first_date_there_is_none() -> None:
    """West of Greenwich the first instant lies before 0001-01-01, and what is valid from that date is not valid yet."""
    west = {"site": {"NINGBO": {"time_zone": "America/New_York"}}}
    certificate = {**BASE["certificate"]["C-LI"], "valid_from": "0001-01-01"}
    assignment = {**BASE["assignment"]["LI-DRIVER"], "valid_from": "0001-01-01T00:00:00Z"}
    snapshot = depot(**west, certificate={"C-LI": certificate}, assignment={"LI-DRIVER": assignment})
    assert ([], ["LI"]) == (allowed(snapshot, instant=FIRST), allowed(snapshot, instant=FIRST + DAY))
