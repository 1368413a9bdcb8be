"""Rules: grants open, guards narrow; the state of a case is gates AND guards AND the OR of its paths."""

from collections.abc import Sequence
from functools import partial
from typing import TypeVar

from qualsvc.kernel.algebra import Carrier
from qualsvc.kernel.case import Cases
from qualsvc.kernel.evidence import met
from qualsvc.kernel.facts import Assignment, Rule, Waiver
from qualsvc.kernel.gates import equipment_gates, person_gates
from qualsvc.kernel.instants import BEGINNING, FOREVER
from qualsvc.kernel.reasons import Because, Reason, ReasonCode
from qualsvc.kernel.requirements import Requirement
from qualsvc.kernel.snapshot import ApplicableRules
from qualsvc.kernel.states import CONFIRMED, SUPERVISED
from qualsvc.kernel.view import View

T = TypeVar("T", bound=Carrier)


def case_state(view: View[T], case: Cases) -> T:
    """The whole formula of a decision: what the person may do here."""
    place = case.place
    rules = place.snapshot.applicable_rules(place.equipment, place.process)

    def narrowing() -> T:
        state = person_gates(view, case) & equipment_gates(view, place)
        for guard in rules.guards.get(None, ()):
            state &= view.rule(case, guard, _narrowing)
        return state

    return view.provided(partial(_opened, view, case, rules), narrowing)


def _opened(view: View[T], case: Cases, rules: ApplicableRules) -> T:
    """The OR of the paths. Where no grant is in force it denies: guards never open anything."""
    paths = []
    for position, grants in rules.grants.items():
        opening = _any_in_force(view, grants)
        guards = () if position is None else rules.guards.get(position, ())  # those without position narrow everyone already
        entry = view.part(case, ("held", position), _held, position)
        paths.append((opening, entry, partial(_beyond, view, case, (*grants, *guards))))
    return _granted(view, case, rules) & view.either_path(paths)


def _beyond(view: View[T], case: Cases, rules: Sequence[Rule]) -> T:
    """What the rules of a path let through."""
    beyond = view.rule(case, rules[0], _narrowing)
    for rule in rules[1:]:
        beyond &= view.rule(case, rule, _narrowing)
    return beyond


def _granted(view: View[T], case: Cases, rules: ApplicableRules) -> T:
    """Whether any grant is in force, whatever its position."""

    def no_grant() -> Reason:
        return Reason(code="no_grant", subject=f"{case.place.equipment.code} / {case.place.process.code}")

    granted = view.when(False, no_grant)
    for grants in rules.grants.values():
        for grant in grants:
            granted |= view.during(grant.effective_from, grant.effective_until, early=no_grant, late=no_grant)
    return granted


def _any_in_force(view: View[T], rules: Sequence[Rule]) -> T:
    in_force = view.span(rules[0].effective_from, rules[0].effective_until)
    for rule in rules[1:]:
        in_force |= view.span(rule.effective_from, rule.effective_until)
    return in_force


def _narrowing(view: View[T], case: Cases, rule: Rule) -> T:
    """What a rule lets through: all while it is not in force, its state while it is."""
    narrowing = rule_state(view, case, rule)
    if rule.recommended is not None:
        narrowing &= _recommended(view, case, rule, rule.recommended)
    if rule.effective_from > BEGINNING:
        narrowing |= view.span(BEGINNING, rule.effective_from)
    if rule.effective_until < FOREVER:
        narrowing |= view.span(rule.effective_until, FOREVER)
    return narrowing


def _recommended(view: View[T], case: Cases, rule: Rule, recommended: Requirement) -> T:
    """ALLOW, met or not; what is not met is remarked on."""

    def missing() -> Reason:
        return Reason(code="recommended_missing", rule=rule.code)

    return view.recommend(lambda: met(view, case, rule.code, recommended), missing)


def requirement_state(view: View[T], case: Cases, rule: Rule) -> T:
    """ALLOW if the person meets the rule's requirement, else DENY; whatever lifts or softens the rule is left aside."""
    return met(view, case, rule.code, rule.requirement)


def rule_state(view: View[T], case: Cases, rule: Rule) -> T:
    """ALLOW if the requirement is met, else what its enforcement, supervision and waivers leave."""
    state = unmet = met(view, case, rule.code, rule.requirement)
    if rule.enforcement == "confirm":
        state |= view.give(CONFIRMED, _because("confirmation_required", rule), _because("confirmation_given", rule))
    elif rule.enforcement == "monitor":
        state |= view.lifted(BEGINNING, FOREVER, unmet, _because("monitored", rule))
    if rule.supervised_requirement is not None:
        state |= met(view, case, rule.code, rule.supervised_requirement) & _under_supervision(view, rule)
    if rule.waivable and case.waivers:
        for members, waiver in case.waivers_of(rule.code):
            if _waives(waiver, case):
                lifted = view.lifted(waiver.valid_from, waiver.valid_until, unmet, _waived(waiver))
                state |= view.among(members, lifted & _under_supervision(view, rule) if waiver.supervised else lifted)
    return state


def _under_supervision(view: View[T], rule: Rule) -> T:
    return view.give(SUPERVISED, _because("supervision_required", rule), _because("supervision_given", rule))


def _because(code: ReasonCode, rule: Rule) -> Because:
    return lambda: Reason(code=code, rule=rule.code)


def _waives(waiver: Waiver, case: Cases) -> bool:
    place = case.place
    return (
        waiver.status == "approved"
        and waiver.equipment in (None, place.equipment.code)
        and (waiver.process is None or waiver.process in place.snapshot.process_line(place.process.code))
    )


def _waived(waiver: Waiver) -> Because:
    return lambda: Reason(code="waived", rule=waiver.rule, waiver=waiver.code)


def _held(view: View[T], case: Cases, position: str | None) -> T:
    """Whether the person may enter by a position: fully by a regular assignment, under supervision by a trial."""

    def not_held() -> Reason:
        return Reason(code="position_not_held", position=position)

    if position is None:
        return view.when(True, not_held)
    assignments = case.assignments(position)

    def refusal() -> T:
        refused = view.when(False, not_held)
        for _, assignment in assignments:
            refused |= view.during(assignment.valid_from, assignment.valid_until, early=not_held, late=not_held)
        return refused

    held = view.span(FOREVER, FOREVER)
    for members, assignment in assignments:
        in_force = view.span(assignment.valid_from, assignment.valid_until)
        entry = in_force if assignment.basis == "regular" else in_force & _on_trial(view, assignment)
        held |= view.among(members, entry)
    return view.explained_by(held, refusal)


def _on_trial(view: View[T], assignment: Assignment) -> T:
    def required() -> Reason:
        return Reason(code="supervision_required", position=assignment.position, detail="trial")

    def given() -> Reason:
        return Reason(code="supervision_given", position=assignment.position, detail="trial")

    return view.give(SUPERVISED, required, given)
