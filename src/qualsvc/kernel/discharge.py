"""Who discharges an obligation: the named supervisor supervision, the named confirmer confirmation, never the operator."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from qualsvc.kernel.algebra import Carrier
from qualsvc.kernel.case import Case, Place
from qualsvc.kernel.explanation import Explanation
from qualsvc.kernel.explanations import Explanations
from qualsvc.kernel.facts import Person
from qualsvc.kernel.gates import person_gates
from qualsvc.kernel.question import Question
from qualsvc.kernel.reasons import Reason, ReasonCode, ordered
from qualsvc.kernel.rules import case_state
from qualsvc.kernel.states import ALLOW, CONFIRMATION, NOBODY, SUPERVISION, Discharge
from qualsvc.kernel.timeline import Timeline, combine
from qualsvc.kernel.timelines import Timelines
from qualsvc.kernel.view import View

T = TypeVar("T", bound=Carrier)
TimelineOf = Callable[[Case], Timeline]


def entitled_to_confirm(view: View[T], place: Place, confirmer: Person) -> T:
    """Passes the person gates here and holds, by a regular assignment, a position that may confirm."""
    snapshot = place.snapshot

    def not_held() -> Reason:
        return Reason(code="position_not_held", subject=confirmer.code, detail="may_confirm")

    holds = view.when(False, not_held)
    for assignment in snapshot.assignments.of(confirmer.code):
        position = snapshot.positions.get(assignment.position)
        if assignment.basis == "regular" and position is not None and position.may_confirm:
            holds |= view.during(assignment.valid_from, assignment.valid_until, early=not_held, late=not_held)
    return person_gates(view, Case(place, confirmer)) & holds


def discharge_timeline(place: Place, question: Question, timeline_of: TimelineOf) -> Timeline | None:
    """What is discharged at each instant; None if nobody is named who ever could."""
    discharges = []
    supervisor = _other(place, question, question.supervisor)
    if supervisor is not None:
        qualified = timeline_of(Case(place, supervisor, waivers=False))
        discharges.append(qualified.map(lambda state: SUPERVISION if state == ALLOW else NOBODY))
    confirmer = _other(place, question, question.confirmed_by)
    if confirmer is not None:
        entitled = entitled_to_confirm(Timelines(), place, confirmer)
        discharges.append(entitled.map(lambda state: CONFIRMATION if state == ALLOW else NOBODY))
    if len(discharges) == 2:
        return combine(lambda one, other: one | other, *discharges)
    return discharges[0] if discharges else None


def discharged_at(view: Explanations, place: Place, question: Question) -> tuple[Discharge, tuple[Reason, ...]]:
    """What is discharged at the view's instant, and a report on each named person who discharges nothing."""
    discharged = NOBODY
    reports: list[Reason] = []
    if question.supervisor is not None:
        supervisor = _other(place, question, question.supervisor)
        own = None if supervisor is None else case_state(view, Case(place, supervisor, waivers=False))
        if own is not None and own.state == ALLOW:
            discharged |= SUPERVISION
        else:
            reports.append(_report("supervisor_not_qualified", question, question.supervisor, own))
    if question.confirmed_by is not None:
        confirmer = _other(place, question, question.confirmed_by)
        entitled = None if confirmer is None else entitled_to_confirm(view, place, confirmer)
        if entitled is not None and entitled.state == ALLOW:
            discharged |= CONFIRMATION
        else:
            reports.append(_report("confirmer_not_entitled", question, question.confirmed_by, entitled))
    return discharged, tuple(reports)


def reports_on_unknown(persons: dict[str, Person], question: Question) -> tuple[Reason, ...]:
    """Reports on named persons who are not known, for questions that cannot be reckoned at all."""
    named: tuple[tuple[ReasonCode, str | None], ...] = (
        ("supervisor_not_qualified", question.supervisor),
        ("confirmer_not_entitled", question.confirmed_by),
    )
    return tuple(_report(code, question, who, None) for code, who in named if who is not None and who not in persons)


def _other(place: Place, question: Question, code: str | None) -> Person | None:
    return None if code is None or code == question.person else place.snapshot.persons.get(code)


def _report(code: ReasonCode, question: Question, who: str, lacking: Explanation | None) -> Reason:
    report = Reason(code=code, subject=who)
    if lacking is not None:
        return replace(report, detail="not_qualified", causes=ordered(lacking.reasons))
    return replace(report, detail="operator" if who == question.person else "unknown")
