"""Laws of answers over time."""

from dataclasses import replace

from qualsvc.kernel.answer import answer, case_timeline
from qualsvc.kernel.case import Case
from qualsvc.kernel.discharge import discharge_timeline, discharged_at, entitled_to_confirm
from qualsvc.kernel.explanations import Explanations
from qualsvc.kernel.instants import BEGINNING, FOREVER
from qualsvc.kernel.rules import case_state
from qualsvc.kernel.states import NOBODY, RESIDUALS
from qualsvc.kernel.timeline import Timeline
from qualsvc.kernel.timelines import Timelines
from tests.kernel.drawn import Drawn, at_once
from tests.reference import evaluator

STATES = {0, 8, 10, 12, 14, 15}


def _well_formed(timeline: Timeline) -> None:
    assert timeline.starts[0] == BEGINNING
    assert all(start < end for start, end in zip(timeline.starts, (*timeline.starts[1:], FOREVER), strict=True))
    assert all(one != other for one, other in zip(timeline.values, timeline.values[1:], strict=False))
    assert len(timeline.starts) == len(timeline.values)
    assert set(timeline.values) <= STATES


def timelines_are_pointwise(drawn: Drawn) -> None:
    """A timeline has at every boundary, and 1 µs to either side of it, the state the independent evaluator finds there."""
    for question, place, instants in drawn.cases():
        for who in set(drawn.snapshot.persons) & {question.person, question.supervisor}:
            asked = (who, question.equipment, question.process)
            for waivers in (True, False):
                timeline = case_timeline(Case(place, drawn.snapshot.persons[who], waivers=waivers))
                _well_formed(timeline)
                for t in instants:
                    assert timeline.at(t) == evaluator.state(drawn.plant, *asked, t, waivers), (asked, t, waivers)
                assert set(timeline.starts[1:]) <= set(instants)


def explanations_agree(drawn: Drawn) -> None:
    """The carrier that says why has the timeline's state at every boundary, whatever is discharged."""
    for question, place, instants in drawn.cases():
        person = drawn.snapshot.persons[str(question.person)]
        for waivers in (True, False):
            case = Case(place, person, waivers=waivers)
            timeline = case_timeline(case)
            changes = {start + shift for start in timeline.starts[1:] for shift in (-1, 0, 1)}
            for t in changes | set(drawn.rng.sample(instants, min(9, len(instants)))):
                for discharged in range(4) if waivers else (NOBODY,):
                    explained = case_state(Explanations(t, discharged), case)
                    assert explained.state == RESIDUALS[timeline.at(t)][discharged], (question, t, discharged, waivers)
        entitled = entitled_to_confirm(Timelines(), place, person)
        for t in instants:
            assert entitled_to_confirm(Explanations(t), place, person).state == entitled.at(t)


def what_is_known_changes_no_word(drawn: Drawn) -> None:
    """What the timelines of a case found spares its explanation work, and changes no word of it."""
    for question, place, instants in drawn.cases():
        case = Case(place, drawn.snapshot.persons[str(question.person)])
        for t in drawn.rng.sample(instants, min(12, len(instants))):
            found = Timelines(t)
            case_state(found, case)
            for discharged in range(4):
                spared, whole = Explanations(t, discharged, found), Explanations(t, discharged)
                assert case_state(spared, case) == case_state(whole, case), (question, t, discharged)
                assert spared.same_from <= t < spared.same_until


def discharges_agree(drawn: Drawn) -> None:
    """What supervisor and confirmer discharge is the same told with reasons, as a timeline and by the independent evaluator."""
    names = {frozenset[str](): 0, frozenset({"C"}): 1, frozenset({"S"}): 2, frozenset({"C", "S"}): 3}
    for question, place, instants in drawn.cases():
        timeline = discharge_timeline(place, question, case_timeline)
        asked = (str(question.person), question.equipment, question.process)
        changes = {start + shift for start in (timeline.starts[1:] if timeline else ()) for shift in (-1, 0, 1)}
        for t in changes | set(drawn.rng.sample(instants, min(9, len(instants)))):
            discharged, reports = discharged_at(Explanations(t), place, question)
            expected = evaluator.discharge(drawn.plant, *asked, t, question.supervisor, question.confirmed_by)
            assert discharged == names[frozenset(expected)]
            assert (NOBODY if timeline is None else timeline.at(t)) == discharged
            named = (question.supervisor is not None) + (question.confirmed_by is not None)
            assert len(reports) == named - discharged.bit_count()


def answers_hold_until(drawn: Drawn) -> None:
    """At one revision an answer holds at every instant before its `valid_until`, and is another at it."""
    for question, _, instants in drawn.cases():
        now = answer(drawn.snapshot, at_once(question))
        end = now.valid_until
        assert end is None or end > question.at
        during = [t for t in instants if t >= question.at and (end is None or t < end)]
        for t in {*drawn.rng.sample(during, min(9, len(during))), during[-1]}:
            then = answer(drawn.snapshot, at_once(question, t))
            assert (then.decision, then.obligations) == (now.decision, now.obligations)
        if end is not None:
            then = answer(drawn.snapshot, at_once(question, end))
            assert (then.decision, then.obligations) != (now.decision, now.obligations)


def answers_stand(drawn: Drawn) -> None:
    """An answer is the same in every word for each instant it says that of, and says it of the one asked about."""
    for question, _, instants in drawn.cases():
        now = answer(drawn.snapshot, at_once(question))
        assert now.same_from <= question.at < now.same_until
        during = [t for t in instants if now.same_from <= t < now.same_until]
        ends = {t for t in (now.same_from, now.same_until - 1) if BEGINNING < t < FOREVER - 1}
        for t in ends.union(drawn.rng.sample(during, min(6, len(during)))):
            then = answer(drawn.snapshot, at_once(question, t))
            assert replace(then, same_from=now.same_from, same_until=now.same_until) == now, (question, t)


def windows_are_pointwise(drawn: Drawn) -> None:
    """A window denies where an instant in it denies, else asks for all that its instants ask for, and says from when."""
    for question, _, instants in drawn.cases():
        if question.until is None:
            continue
        within = [question.at, *(t for t in instants if question.at < t < question.until)]
        found = answer(drawn.snapshot, question)
        pointwise = [(t, answer(drawn.snapshot, at_once(question, t))) for t in within]
        decisions = {one.decision for _, one in pointwise}
        expected = "deny" if "deny" in decisions else "conditional" if "conditional" in decisions else "allow"
        assert found.decision == expected
        assert found.worst_from == next(t for t, one in pointwise if one.decision == expected)
        assert found.valid_until == pointwise[0][1].valid_until
        if expected == "conditional":
            needed = {one.obligations for _, one in pointwise if one.obligations}
            if len(needed) == 1:
                assert {found.obligations} == needed
            wanted = [set().union(*one.obligations) for _, one in pointwise if one.decision == "conditional"]
            assert set().union(*found.obligations) <= set().union(*wanted)
