"""From facts and a question to the answer. Everything that asks, asks here."""

from dataclasses import replace

from qualsvc.kernel.case import Case, Place
from qualsvc.kernel.discharge import TimelineOf, discharge_timeline, discharged_at, reports_on_unknown
from qualsvc.kernel.explanations import Explanations
from qualsvc.kernel.facts import Person, Process
from qualsvc.kernel.gates import equipment_gates, person_gates
from qualsvc.kernel.question import Answer, Question
from qualsvc.kernel.reasons import Reason, ordered
from qualsvc.kernel.rules import case_state
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.kernel.states import ALLOW, DENY, RESIDUALS, State, decision, obligations
from qualsvc.kernel.timeline import Timeline, combine
from qualsvc.kernel.timelines import Timelines

_EXPLAINED_STRETCHES = 32
"""A window's reasons come from so many of its stretches; more would say nothing a person can act on."""


def case_timeline(case: Case) -> Timeline:
    """The state of a case at every instant, nothing discharged."""
    return case_state(Timelines(), case)


def answer(snapshot: Snapshot, question: Question, timeline_of: TimelineOf = case_timeline) -> Answer:
    """Answer a question with the facts of the snapshot's revision.

    `timeline_of` may remember timelines, as long as what it returns equals `case_timeline(case)`.
    """
    if question.badge is not None:
        question = replace(question, person=snapshot.badges.get(question.badge))
    place = Place.find(snapshot, question.equipment, question.process)
    person = _person(snapshot, question)
    if place is None or person is None:
        return _unknown(snapshot, question)
    case = Case(place, person)
    if question.until is None:
        found = Timelines(question.at)
        residuals = _residual_timeline(case_state(found, case), place, question, timeline_of)
        left = residuals.at(question.at)
        reasons, same_from, same_until = _explained(case, question, question.at, found)
        return Answer(
            person=question.person,
            decision=decision(left),
            obligations=obligations(left),
            valid_until=residuals.next_change(question.at),
            worst_from=None,
            reasons=ordered(reasons),
            same_from=same_from,
            same_until=same_until,
        )
    residuals = _residual_timeline(timeline_of(case), place, question, timeline_of)
    stretches = list(residuals.steps(question.at, question.until))
    left = _worst([state for _, state in stretches])
    reached = [start for start, state in stretches if decision(state) == decision(left)]
    told = [reason for instant in reached[:_EXPLAINED_STRETCHES] for reason in _explained(case, question, instant)[0]]
    return Answer(
        person=question.person,
        decision=decision(left),
        obligations=obligations(left),
        valid_until=residuals.next_change(question.at),
        worst_from=reached[0],
        reasons=ordered(told),
        same_from=question.at,
        same_until=question.at + 1,
    )


def _person(snapshot: Snapshot, question: Question) -> Person | None:
    return None if question.person is None else snapshot.persons.get(question.person)


def _residual_timeline(own: Timeline, place: Place, question: Question, timeline_of: TimelineOf) -> Timeline:
    given = None if question.is_alone else discharge_timeline(place, question, timeline_of)
    return own if given is None else combine(lambda state, discharged: RESIDUALS[state][discharged], own, given)


def _worst(lefts: list[State]) -> State:
    """Of a window: deny if any of it denies, else all its obligations together."""
    worst = ALLOW
    for left in lefts:
        if left == DENY:
            return DENY
        worst &= left
    return worst


_Explained = tuple[tuple[Reason, ...], int, int]
"""Why the case is what it is, and the interval in which it is so for every instant."""


def _explained(case: Case, question: Question, instant: int, found: Timelines | None = None) -> _Explained:
    if question.is_alone:
        own = Explanations(instant, found=found)
        return case_state(own, case).reasons, own.same_from, own.same_until
    others = Explanations(instant)
    discharged, reports = discharged_at(others, case.place, question)
    own = Explanations(instant, discharged, found)
    reasons = case_state(own, case).reasons + reports
    return reasons, max(own.same_from, others.same_from), min(own.same_until, others.same_until)


def _unknown(snapshot: Snapshot, question: Question) -> Answer:
    """What is not known is denied, with every cause that can be told without it."""
    reasons: list[Reason] = list(reports_on_unknown(snapshot.persons, question))
    person = _person(snapshot, question)
    equipment = snapshot.equipment.get(question.equipment)
    process = snapshot.processes.get(question.process)
    if person is None:
        reasons.append(Reason(code="person_unknown", subject=question.badge or question.person))
    if equipment is None:
        reasons.append(Reason(code="equipment_unknown", subject=question.equipment))
    if process is None:
        reasons.append(Reason(code="process_unknown", subject=question.process))
    view = Explanations(question.at)
    if equipment is not None:
        # An unknown process covers nothing and is no maintenance; what else is in the way can be told all the same.
        known = process or Process(code=question.process, parent=None, maintenance=False)
        place = Place(snapshot, equipment, known, snapshot.calendar(equipment.site))
        reasons += equipment_gates(view, place).reasons
        reasons += () if person is None else person_gates(view, Case(place, person)).reasons
    elif person is not None and person.status != "active":
        reasons.append(Reason(code="person_inactive", subject=person.code, detail=person.status))
    return Answer(
        person=question.person,
        decision="deny",
        obligations=(),
        valid_until=None,
        worst_from=None if question.until is None else question.at,
        reasons=ordered(reasons),
        same_from=view.same_from if question.until is None else question.at,
        same_until=view.same_until if question.until is None else question.at + 1,
    )
