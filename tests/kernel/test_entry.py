"""Who may enter a site."""

import pytest

from qualsvc.kernel.answer import answer
from qualsvc.kernel.entry import refusals
from qualsvc.kernel.instants import parse_instant
from qualsvc.kernel.question import Question
from qualsvc.kernel.snapshot import Snapshot
from tests.differential.compare import Document, snapshot_of
from tests.kernel.drawn import Drawn, a_law

GATES = {"person_inactive", "not_employed", "company_not_approved", "restricted"}
NARROWER = ("equipment", "equipment_class", "process")
NOON = parse_instant("2026-11-21T12:00:00Z")


def of_whole_sites(drawn: Drawn) -> Snapshot:
    """The plant without the restrictions that are about some equipment or process only."""
    restrictions = {
        code: ban for code, ban in drawn.documents["restriction"].items() if not any(ban[name] for name in NARROWER)
    }
    return snapshot_of({**drawn.documents, "restriction": restrictions})


def entry_is_the_gates_of_the_decision(drawn: Drawn) -> None:
    """Entry is refused for the reasons a decision on any machine there gives, bans from some equipment or process aside."""
    plant = of_whole_sites(drawn)
    for question, place, instants in drawn.cases():
        person = plant.persons[str(question.person)]
        for t in drawn.rng.sample(instants, min(6, len(instants))):
            asked = Question(person=person.code, equipment=question.equipment, process=question.process, at=t)
            gates = [reason for reason in answer(plant, asked).reasons if reason.code in GATES]
            assert gates == list(refusals(drawn.snapshot, person, place.equipment.site, t))


test_entry_is_the_gates_of_the_decision = a_law(60)(entry_is_the_gates_of_the_decision)

SITE = {"code": "NGB", "time_zone": "Asia/Shanghai"}
PERSON: Document = {
    "code": "C1",
    "employment": "contractor",
    "company": "ACME",
    "status": "active",
    "employed_from": None,
    "employed_until": "2026-11-21",
    "badges": [],
}
COMPANY = {"code": "ACME", "status": "approved", "approved_until": None}
BAN = {
    "code": "X1",
    "person": "C1",
    "site": None,
    "equipment_class": None,
    "equipment": None,
    "process": None,
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_until": None,
}


def small(*, person: Document = PERSON, company: Document = COMPANY, ban: Document | None = None) -> Snapshot:
    """One contractor and one site."""
    restrictions = {} if ban is None else {"X1": ban}
    return snapshot_of(
        {"site": {"NGB": SITE}, "company": {"ACME": company}, "person": {"C1": person}, "restriction": restrictions}
    )


def told(snapshot: Snapshot, instant: int) -> list[str]:
    """The codes of what stops the contractor there."""
    return [reason.code for reason in refusals(snapshot, snapshot.persons["C1"], "NGB", instant)]


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (small(), []),
        (small(person=PERSON | {"status": "suspended"}), ["person_inactive"]),
        (small(company=COMPANY | {"status": "suspended"}), ["company_not_approved"]),
        (small(person=PERSON | {"company": None}), ["company_not_approved"]),
        (small(ban=BAN), ["restricted"]),
        (small(ban=BAN | {"site": "NGB"}), ["restricted"]),
        (small(ban=BAN | {"site": "HAM"}), []),
        (small(ban=BAN | {"equipment_class": "TRUCKS"}), []),
        (small(ban=BAN | {"site": "NGB", "equipment": "FORK-07"}), []),
        (small(ban=BAN | {"site": "NGB", "process": "LOADING"}), []),
        (
            small(person=PERSON | {"status": "left"}, company=COMPANY | {"approved_until": "2026-11-20"}, ban=BAN),
            ["person_inactive", "company_not_approved", "restricted"],
        ),
    ],
)
def test_what_stops_a_person_at_the_gate(snapshot: Snapshot, expected: list[str]) -> None:
    """Each failing gate is told, and a ban only where it is for the whole site."""
    assert expected == told(snapshot, NOON)


def test_the_last_day_of_employment_ends_at_the_site() -> None:
    """One may enter until the last day is over in the zone of the site, and not an instant longer."""
    snapshot, over = small(), parse_instant("2026-11-22T00:00:00+08:00")
    assert [] == told(snapshot, over - 1)
    assert ["not_employed"] == told(snapshot, over)
