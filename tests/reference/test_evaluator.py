"""Cases computed by hand, so that the evaluator is not only compared with what it is there to check."""

from typing import Any

import pytest

from .documents import Document
from .evaluator import (
    Plant,
    answer,
    boundaries,
    decision_and_obligations,
    discharge,
    instant,
    residual,
    state,
)
from .hand_made import (
    a_assignment,
    a_certificate,
    a_certificate_type,
    a_person,
    a_plant,
    a_restriction,
    a_rule,
    a_training_record,
    a_waiver,
)

ASKED = ("W", "E", "P")
NOON = instant("2026-11-21T04:00:00Z")  # noon of the 21st in Shanghai
INDUCTION = {"training": {"course": "K", "within_days": 10}}


def _ask(plant: Plant, at: int = NOON, **fields: Any) -> Document:
    question = {
        "person": "W",
        "equipment": "E",
        "process": "P",
        "at": at,
        "until": None,
        "supervisor": None,
        "confirmed_by": None,
    }
    return answer(plant, question | fields)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (15, ("allow", [])),
        (14, ("conditional", [["confirmation"], ["supervisor_present"]])),
        (12, ("conditional", [["supervisor_present"]])),
        (10, ("conditional", [["confirmation"]])),
        (8, ("conditional", [["confirmation", "supervisor_present"]])),
        (0, ("deny", [])),
    ],
)
def test_obligations_are_the_minimal_sets(table: int, expected: tuple[str, list[list[str]]]) -> None:
    """Each of the six states reads as its decision and its minimal obligations."""
    assert decision_and_obligations(table) == expected


def test_what_no_grant_covers_is_denied() -> None:
    """A guard that is met opens nothing."""
    plant = a_plant(a_rule(effect="guard"), facts={"certificate": [a_certificate()]})
    assert state(plant, *ASKED, NOON) == 0


def test_unknown_names_are_denied() -> None:
    """Whoever or whatever is not known has the state 0, and no boundary."""
    plant = a_plant(a_rule(), facts={"certificate": [a_certificate()]})
    assert [state(plant, *asked, NOON) for asked in (("X", "E", "P"), ("W", "X", "P"), ("W", "E", "X"), ASKED)] == [0, 0, 0, 15]
    assert boundaries(plant, "W", "X", "P") == []


def test_a_night_shift_over_an_expiry_is_denied() -> None:
    """A certificate counts to the end of its last day in the site's zone, and a shift beyond it is denied from there."""
    plant = a_plant(a_rule(), facts={"certificate": [a_certificate(valid_until="2026-11-21")]})
    midnight = instant("2026-11-21T16:00:00Z")
    begin, end = instant("2026-11-21T14:00:00Z"), instant("2026-11-21T22:00:00Z")
    expected = {"decision": "deny", "obligations": [], "valid_until": midnight, "worst_from": midnight}
    assert _ask(plant, begin, until=end) == expected
    assert _ask(plant, begin, until=midnight)["decision"] == "allow"
    assert _ask(plant, begin, until=midnight + 1)["decision"] == "deny"


def test_a_review_may_end_a_certificate_before_its_last_day() -> None:
    """`next_review_on` is inclusive too."""
    plant = a_plant(a_rule(), facts={"certificate": [a_certificate(valid_until="2026-11-30", next_review_on="2026-11-21")]})
    assert _ask(plant)["valid_until"] == instant("2026-11-21T16:00:00Z")


def test_the_last_date_there_is_is_open() -> None:
    """9999-12-31 as an upper date is no bound, even where 10000 has begun by the local clock."""
    plant = a_plant(a_rule(), facts={"certificate": [a_certificate(valid_until="9999-12-31")]})
    assert _ask(plant)["valid_until"] is None
    assert state(plant, *ASKED, instant("9999-12-31T23:59:59.999999Z")) == 15


def test_renewing_counts_where_the_own_type_says_so() -> None:
    """`usable_while_renewing` is asked of the certificate's own type, not of the asked one."""
    certificate = a_certificate(type="U", status="renewing")
    types = {"T": a_certificate_type(equivalents=["U"], usable_while_renewing=True), "U": a_certificate_type()}
    assert state(a_plant(a_rule(), facts={"certificate": [certificate]}, certificate_type=types), *ASKED, NOON) == 0
    types = {"T": a_certificate_type(equivalents=["U"]), "U": a_certificate_type(usable_while_renewing=True)}
    assert state(a_plant(a_rule(), facts={"certificate": [certificate]}, certificate_type=types), *ASKED, NOON) == 15


def test_equivalents_go_one_way_and_one_step() -> None:
    """T accepts U and U accepts V: V does not serve for T, nor T for U."""
    types = {"T": a_certificate_type(equivalents=["U"]), "U": a_certificate_type(equivalents=["V"]), "V": a_certificate_type()}
    found = {}
    for asked, held in (("T", "U"), ("T", "V"), ("U", "T"), ("U", "V")):
        rule = a_rule(requirement={"certificate": {"type": asked}})
        plant = a_plant(rule, facts={"certificate": [a_certificate(type=held)]}, certificate_type=types)
        found[asked, held] = state(plant, *ASKED, NOON)
    assert found == {("T", "U"): 15, ("T", "V"): 0, ("U", "T"): 0, ("U", "V"): 15}


def test_levels_are_ordered_by_the_asked_type() -> None:
    """A level counts from `min_level` up in the asked type's list; none or an unlisted one fails."""
    types = {
        "T": a_certificate_type(levels=["c", "b", "a"], equivalents=["U"]),
        "U": a_certificate_type(levels=["a", "b", "c"]),
    }
    rule = a_rule(requirement={"certificate": {"type": "T", "min_level": "b"}})
    found = [
        state(
            a_plant(rule, facts={"certificate": [a_certificate(type="U", level=level)]}, certificate_type=types), *ASKED, NOON
        )
        for level in ("a", "b", "c", "z", None)
    ]
    assert found == [15, 15, 0, 0, 0]


def test_a_licence_covers_what_it_is_rated_for() -> None:
    """A limit equal to the rating covers, a lower or missing limit does not, nor does any limit where the rating is missing."""
    found = []
    for covers, limits in ((["tonnes"], 8), (["tonnes"], 7.9), (["volts"], 400), ([], 1), (None, 1)):
        rule = a_rule(requirement={"certificate": {"type": "T", "covers": covers}})
        certificate = a_certificate(limits={(covers or ["tonnes"])[0]: limits})
        found.append(state(a_plant(rule, facts={"certificate": [certificate]}), *ASKED, NOON))
    assert found == [15, 0, 0, 15, 15]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([a_training_record("2026-11-11")], 15),
        ([a_training_record("2026-11-10")], 0),
        ([a_training_record("2026-11-22")], 0),
        ([a_training_record("2026-11-15"), a_training_record("2026-11-18", passed=False)], 0),
        (
            [a_training_record("2026-11-15"), a_training_record("2026-11-15", passed=False)],
            15,
        ),  # the same day is not strictly later
        ([a_training_record("2026-11-15"), a_training_record("2026-11-22", passed=False)], 15),  # not yet
        ([a_training_record("2026-11-15"), a_training_record("2026-11-18", passed=False), a_training_record("2026-11-19")], 15),
    ],
)
def test_training_lapses_and_is_failed(records: list[Document], expected: int) -> None:
    """Training counts to its last day inclusive, and no longer once a later attempt has failed."""
    plant = a_plant(a_rule(requirement=INDUCTION), facts={"training_record": records})
    assert state(plant, *ASKED, NOON) == expected


def test_training_within_no_days_counts_for_its_own_day() -> None:
    """`within_days` 0 asks for training on the very day."""
    plant = a_plant(
        a_rule(requirement={"training": {"course": "K", "within_days": 0}}),
        facts={"training_record": [a_training_record("2026-11-21")]},
    )
    expected = [instant("2026-11-20T16:00:00Z"), instant("2026-11-21T16:00:00Z")]
    assert boundaries(plant, *ASKED) == expected
    assert [state(plant, *ASKED, t + shift) for t in expected for shift in (-1, 0)] == [0, 15, 15, 0]


def test_training_may_be_asked_past_the_last_year() -> None:
    """Days counted past 9999 are open, and not an error."""
    plant = a_plant(
        a_rule(requirement={"training": {"course": "K", "within_days": 4_000_000}}),
        facts={"training_record": [a_training_record("2026-11-21")]},
    )
    assert _ask(plant) == {"decision": "allow", "obligations": [], "valid_until": None, "worst_from": None}


def test_a_minimum_must_be_recorded_and_reached() -> None:
    """A score not recorded does not reach a minimum, a null minimum asks nothing."""
    found = []
    for minimum, score in ((60, 60), (60, 59.5), (60, None), (None, None)):
        rule = a_rule(requirement={"training": {"course": "K", "min_score": minimum}})
        found.append(
            state(a_plant(rule, facts={"training_record": [a_training_record("2026-11-01", score=score)]}), *ASKED, NOON)
        )
    assert found == [15, 0, 0, 15]


def test_a_position_on_trial_needs_a_supervisor() -> None:
    """Trial gives 12, a regular assignment beside it 15, and one whose end has come nothing."""
    rule = a_rule(position="PO")
    ended = a_assignment("W", valid_until="2026-11-21T04:00:00Z")
    trial = a_assignment("W", basis="trial")
    found = [
        state(a_plant(rule, facts={"certificate": [a_certificate()], "assignment": held}), *ASKED, NOON)
        for held in ([], [ended], [trial], [trial, ended], [trial, a_assignment("W")])
    ]
    assert found == [0, 0, 12, 12, 15]


def test_a_supervisor_must_be_allowed_without_waiver() -> None:
    """S is given by another person whose own state without waivers is 15, not by one on trial, on a waiver, or oneself."""
    rule = a_rule(position="PO", waivable=True)
    trial, regular = a_assignment("W", basis="trial"), a_assignment("B")
    facts = {"assignment": [trial, regular], "certificate": [a_certificate(), a_certificate("B")]}
    assert residual(a_plant(rule, facts=facts), *ASKED, NOON, supervisor="B") == 15
    assert residual(a_plant(rule, facts=facts), *ASKED, NOON, supervisor="W") == 12
    waived = facts | {"certificate": [a_certificate()], "waiver": [a_waiver(person="B")]}
    assert state(a_plant(rule, facts=waived), "B", "E", "P", NOON) == 15
    assert discharge(a_plant(rule, facts=waived), *ASKED, NOON, supervisor="B") == set()


def test_a_supervisor_is_reckoned_anew_at_each_instant() -> None:
    """A supervisor whose certificate expires at midnight ends the answer then."""
    facts = {
        "assignment": [a_assignment("W", basis="trial"), a_assignment("B")],
        "certificate": [a_certificate(), a_certificate("B", valid_until="2026-11-21")],
    }
    found = _ask(a_plant(a_rule(position="PO"), facts=facts), supervisor="B", until=NOON + 86_400_000_000)
    midnight = instant("2026-11-21T16:00:00Z")
    assert found == {
        "decision": "conditional",
        "obligations": [["supervisor_present"]],
        "valid_until": midnight,
        "worst_from": midnight,
    }


def test_a_confirmer_needs_no_qualification_but_the_authority() -> None:
    """C is given by another who passes the person gates and regularly holds a position that may confirm."""
    rule = a_rule(position="PO", enforcement="confirm")
    worker = a_assignment("W")
    equipment = {"E": {**a_plant().equipment["E"], "inspection_valid_until": "2020-01-01"}}
    lead = {"assignment": [worker, a_assignment("B", "LEAD")]}
    found = [
        discharge(a_plant(rule, facts=facts, **records), *ASKED, NOON, confirmed_by=who)
        for facts, who, records in (
            (lead, "B", {}),
            (lead, "W", {}),
            (lead, "X", {}),
            (lead, "B", {"equipment": equipment}),
            ({"assignment": [worker, a_assignment("B", "LEAD", "trial")]}, "B", {}),
            ({"assignment": [worker, a_assignment("B")]}, "B", {}),
            (lead | {"restriction": [a_restriction(person="B", site="S")]}, "B", {}),
        )
    ]
    assert found == [{"C"}, set(), set(), {"C"}, set(), set(), set()]
    assert residual(a_plant(rule, facts=lead), *ASKED, NOON) == 10
    assert residual(a_plant(rule, facts=lead), *ASKED, NOON, confirmed_by="B") == 15


def test_one_person_may_give_both() -> None:
    """Confirm and trial together ask for both, and one qualified lead gives both."""
    facts = {
        "assignment": [a_assignment("W", basis="trial"), a_assignment("B"), a_assignment("B", "LEAD")],
        "certificate": [a_certificate("B")],
    }
    plant = a_plant(a_rule(position="PO", enforcement="confirm"), facts=facts)
    assert residual(plant, *ASKED, NOON) == 8
    assert residual(plant, *ASKED, NOON, supervisor="B") == 10
    assert residual(plant, *ASKED, NOON, confirmed_by="B") == 12
    assert residual(plant, *ASKED, NOON, supervisor="B", confirmed_by="B") == 15


def test_a_rule_offers_its_ways_out_together() -> None:
    """Confirm or supervised gives 14; monitor lets by; an approved waiver of the process's parent lifts the rule."""
    first_aid = {"training": {"course": "K"}}
    facts = {"assignment": [a_assignment("W")], "training_record": [a_training_record("2026-01-01")]}
    confirm = a_rule(position="PO", enforcement="confirm", supervised_requirement=first_aid)
    assert state(a_plant(confirm, facts=facts), *ASKED, NOON) == 14
    open_to_all = a_rule("G", requirement=first_aid)
    monitor = a_rule(effect="guard", enforcement="monitor")
    assert state(a_plant(open_to_all, monitor, facts=facts), *ASKED, NOON) == 15
    waivable = a_rule(waivable=True)
    waived = {
        "plain": a_waiver(process="ROOT"),
        "supervised": a_waiver(supervised=True),
        "requested": a_waiver(status="requested"),
        "elsewhere": a_waiver(equipment="E2"),
    }
    found = {name: state(a_plant(waivable, facts={"waiver": [waiver]}), *ASKED, NOON) for name, waiver in waived.items()}
    assert found == {"plain": 15, "supervised": 12, "requested": 0, "elsewhere": 0}


def test_within_a_position_all_grants_between_positions_any() -> None:
    """Two grants of one position must both be met, one of another position is enough, a position's guard binds it only."""
    trained, licensed = a_rule("A", requirement=INDUCTION, position="PO"), a_rule("B", position="PO")
    facts = {"assignment": [a_assignment("W")], "certificate": [a_certificate()]}
    assert state(a_plant(licensed, facts=facts), *ASKED, NOON) == 15
    assert state(a_plant(trained, licensed, facts=facts), *ASKED, NOON) == 0
    lead = facts | {"assignment": [a_assignment("W"), a_assignment("W", "LEAD")]}
    other = a_rule("C", position="LEAD")
    assert state(a_plant(trained, licensed, other, facts=lead), *ASKED, NOON) == 15
    guard = a_rule("D", "guard", INDUCTION, position="LEAD")
    assert state(a_plant(licensed, other, guard, facts=lead), *ASKED, NOON) == 15
    assert state(a_plant(other, guard, facts=lead), *ASKED, NOON) == 0


def test_rules_apply_by_ancestor_site_and_time() -> None:
    """A rule of an ancestor applies, one of another site or not yet effective does not."""
    scopes: list[Document] = [
        {"equipment_class": "machine", "process": "ROOT", "site": "S"},
        {"site": "S2"},
        {"effective_from": "2026-11-21T04:00:00.000001Z"},
        {"effective_until": "2026-11-21T04:00:00Z"},
        {"effective_from": "2026-11-21T04:00:00Z", "effective_until": "2026-11-21T04:00:00.000001Z"},
    ]
    facts = {"certificate": [a_certificate()]}
    found = [state(a_plant(a_rule(**scope), facts=facts), *ASKED, NOON) for scope in scopes]
    assert found == [15, 0, 0, 0, 15]


def test_a_restriction_must_match_in_every_field() -> None:
    """A ban on an ancestor class counts, one whose second field is elsewhere does not, and no waiver lifts it."""
    facts = {"certificate": [a_certificate()]}
    found = [
        state(a_plant(a_rule(), facts=facts | {"restriction": [a_restriction(**scope)]}), *ASKED, NOON)
        for scope in ({}, {"equipment_class": "machine"}, {"equipment_class": "machine", "site": "S2"}, {"process": "ROOT"})
    ]
    assert found == [0, 0, 15, 0]


def test_company_dates_bind_contractors_only() -> None:
    """A contractor's company must be there, approved and in date; an employee's company is not looked at."""
    companies: dict[str, Document] = {
        "good": {"status": "approved", "approved_until": "2026-11-21"},
        "late": {"status": "approved", "approved_until": "2026-11-20"},
        "bad": {"status": "suspended", "approved_until": None},
    }
    found = {}
    for employment, company in (("contractor", "good"), ("contractor", "late"), ("contractor", None), ("employee", "bad")):
        person = {"W": a_person("W", employment=employment, company=company)}
        plant = a_plant(a_rule(), facts={"certificate": [a_certificate()]}, company=companies, person=person)
        found[employment, company] = state(plant, *ASKED, NOON)
    expected = {("contractor", "good"): 15, ("contractor", "late"): 0, ("contractor", None): 0, ("employee", "bad"): 15}
    assert found == expected


def test_maintenance_is_done_on_what_is_locked_out_never_on_what_is_retired() -> None:
    """Only a process itself marked maintenance passes locked-out or uninspected equipment; its parent's mark is not enough."""
    found = {}
    for status, inspected in (("in_service", None), ("in_service", "2026-11-20"), ("locked_out", None), ("retired", None)):
        equipment = {"E": {**a_plant().equipment["E"], "status": status, "inspection_valid_until": inspected}}
        for maintenance in (True, False):
            process: dict[str, Document] = {
                "ROOT": {"parent": None, "maintenance": True},
                "P": {"parent": "ROOT", "maintenance": maintenance},
            }
            plant = a_plant(a_rule(), facts={"certificate": [a_certificate()]}, equipment=equipment, process=process)
            found[status, inspected, maintenance] = state(plant, *ASKED, NOON)
    assert found == {
        ("in_service", None, True): 15,
        ("in_service", None, False): 15,
        ("in_service", "2026-11-20", True): 15,
        ("in_service", "2026-11-20", False): 0,
        ("locked_out", None, True): 15,
        ("locked_out", None, False): 0,
        ("retired", None, True): 0,
        ("retired", None, False): 0,
    }


def test_a_window_that_asks_now_for_one_then_for_the_other_asks_for_both() -> None:
    """The AND of 10 and 12 is 8, and the worst begins with the first conditional instant."""
    switch = instant("2026-11-21T08:00:00Z")
    rules = (
        a_rule("G", requirement={"training": {"course": "K"}}),
        a_rule("C", "guard", enforcement="confirm", effective_until="2026-11-21T08:00:00Z"),
        a_rule("S", "guard", supervised_requirement={"training": {"course": "K"}}, effective_from="2026-11-21T08:00:00Z"),
    )
    plant = a_plant(*rules, facts={"training_record": [a_training_record("2026-01-01")]})
    assert [state(plant, *ASKED, t) for t in (switch - 1, switch)] == [10, 12]
    assert _ask(plant, until=switch + 1) == {
        "decision": "conditional",
        "obligations": [["confirmation", "supervisor_present"]],
        "valid_until": switch,
        "worst_from": NOON,
    }
