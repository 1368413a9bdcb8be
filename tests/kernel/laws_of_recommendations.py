"""Laws of recommendations: they never decide, and are told exactly where they are not met."""

from typing import Any

from qualsvc.kernel.answer import answer
from qualsvc.kernel.question import Answer, Question
from tests.differential.compare import snapshot_of
from tests.kernel.drawn import Documents, Drawn, answers, at_once, residuals
from tests.kernel.laws_of_reasons import REMARKS
from tests.reference import evaluator
from tests.reference.documents import Document, in_force
from tests.reference.requirements import draw_requirement


def _recommending(drawn: Drawn, share: float) -> Documents:
    """The same plant with other recommendations, beside that share of its rules."""
    rules: dict[str, Document] = {}
    for code, rule in drawn.documents["rule"].items():
        rules[code] = {name: value for name, value in rule.items() if name != "recommended"}
        if drawn.rng.random() < share:
            rules[code]["recommended"] = draw_requirement(drawn.rng, drawn.documents)
    return {**drawn.documents, "rule": rules}


def _decided(found: Answer) -> tuple[Any, ...]:
    return found.decision, found.obligations, found.valid_until, found.worst_from


def recommending_decides_nothing(drawn: Drawn) -> None:
    """Whatever rules recommend, decision, obligations, `valid_until`, `worst_from` and timeline are as without."""
    bare = snapshot_of(_recommending(drawn, 0.0))
    expected = [_decided(found) for found in answers(bare, drawn.questions)]
    for share in (0.2, 1.0):
        recommending = snapshot_of(_recommending(drawn, share))
        assert [_decided(found) for found in answers(recommending, drawn.questions)] == expected
        for question in drawn.questions:
            assert residuals(recommending, question) == residuals(bare, question)


def recommending_is_no_cause(drawn: Drawn) -> None:
    """What rules recommend adds no cause and silences none: what is not a remark is told as without."""
    bare, recommending = (snapshot_of(_recommending(drawn, share)) for share in (0.0, 1.0))
    for question in map(at_once, drawn.questions):
        expected, found = (
            [reason for reason in answer(snapshot, question).reasons if reason.code not in REMARKS]
            for snapshot in (bare, recommending)
        )
        assert expected == found, question


def recommendations_are_told_where_not_met(drawn: Drawn) -> None:
    """Every rule in force that narrows everyone, or the one way the person has in, tells what it recommends and is not met."""
    plant = evaluator.Plant(_recommending(drawn, 0.7))
    snapshot = snapshot_of(plant.documents)
    for question, _, instants in drawn.cases():
        for t in {question.at, *drawn.rng.sample(instants, min(4, len(instants)))}:
            found = answer(snapshot, at_once(question, t))
            told = {reason.rule for reason in found.reasons if reason.code == "recommended_missing"}
            must, may = _unmet(plant, question, t)
            assert must <= told <= may, (question, t)


def _unmet(plant: evaluator.Plant, question: Question, t: int) -> tuple[set[str], set[str]]:
    """The rules whose unmet recommendations must be told, and those that may be: of two ways in, the louder may be silent."""
    person, day = str(question.person), evaluator.date_at(plant.time_zone(question.equipment), t)
    applying = [
        rule
        for rule in plant.rules
        if evaluator._covers(plant, rule, question.equipment, question.process)
        and in_force(t, rule["effective_from"], rule["effective_until"])
    ]
    unmet = [
        rule
        for rule in applying
        if "recommended" in rule and not evaluator._met(plant, rule["recommended"], person, question.equipment, day)
    ]
    ways = {rule["position"] for rule in applying if rule["effect"] == "grant"}
    entered = {way for way in ways if evaluator._held(plant, person, way, t)}
    everyone = {rule["code"] for rule in unmet if rule["effect"] == "guard" and rule["position"] is None}

    def told_of(some: set[str | None]) -> set[str]:
        return everyone | {rule["code"] for rule in unmet if rule["position"] in some}

    return told_of(entered if len(entered) == 1 else set()), told_of(entered or ways)
