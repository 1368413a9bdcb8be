"""What is remembered between asks stays within its bounds, and is right when it is pushed out."""

import gc
import random
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from qualsvc.kernel.answer import answer
from qualsvc.kernel.question import Question
from qualsvc.kernel.reasons import Reason
from qualsvc.records.documents import to_document
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record
from qualsvc.replica import remembered
from qualsvc.replica.held import Held
from qualsvc.zones import load
from tests.kernel.drawn import Drawn

_AT = 1_795_300_000_000_000


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Bounds that tests can reach: in all, and of one person."""
    monkeypatch.setattr(remembered, "MOST", 30)
    monkeypatch.setattr(remembered, "OF_ONE", 12)
    return 30, 12


def held_of(drawn: Drawn) -> Held:
    records = [(kind, code, document) for kind, of_kind in drawn.documents.items() for code, document in of_kind.items()]
    return Held.build(load, UUID(int=1), 0, records)


@pytest.mark.parametrize("seed", range(20))
def test_bounds(narrow: tuple[int, int], seed: int) -> None:
    """However many are asked about, of whatever, no more is kept than may be, and each answer is the kernel's."""
    drawn, rng = Drawn.by(seed), random.Random(seed)
    held = held_of(drawn)
    memory, persons = held.remembered, list(drawn.snapshot.persons)
    for _ in range(120):
        question = rng.choice(drawn.questions)
        question = replace(
            question, badge=None, until=None, person=rng.choice(persons), supervisor=rng.choice([None, *persons])
        )
        assert memory.answer(held.snapshot, question).answer == answer(held.snapshot, question)
        kept = [known.weight for known in memory._persons.values()]
        assert sum(kept) == len(memory)
        assert kept == [_weight(known) for known in memory._persons.values()]
        assert len(memory) <= narrow[0] or len(kept) == 1
        assert all(weight <= narrow[1] for weight in kept)


def _weight(known: remembered._Known) -> int:
    return 1 + len(known.timelines) + sum(1 + _reasons(standing.answer.reasons) for standing in known.answers.values())


def _reasons(reasons: tuple[Reason, ...]) -> int:
    """How many there are, those behind them too."""
    return len(reasons) + sum(_reasons(reason.causes) for reason in reasons)


def held_of_plant(certificates: int) -> Held:
    """A machine for which as many certificates are asked: P1 has them all, P2 none; both are on trial."""
    lines: list[dict[str, Any]] = [
        {"kind": "site", "code": "S", "name": "x", "time_zone": "Asia/Shanghai"},
        {"kind": "position", "code": "D", "name": "x"},
        {"kind": "equipment_class", "code": "C", "name": "x"},
        {"kind": "equipment", "code": "M", "name": "x", "equipment_class": "C", "site": "S", "status": "in_service"},
        {"kind": "process", "code": "P", "name": "x"},
    ]
    types = [f"T{number}" for number in range(certificates)]
    lines += [{"kind": "certificate_type", "code": code, "name": "x", "category": "vocational"} for code in types]
    asked = {"all": [{"certificate": {"type": code}} for code in types]}
    rule = {"effect": "grant", "position": "D", "requirement": asked, "enforcement": "block", "risk": "high"}
    lines.append({"kind": "rule", "code": "R", "name": "x"} | rule)
    for person in ("P1", "P2"):
        lines.append({"kind": "person", "code": person, "name": "x", "employment": "employee", "status": "active"})
        posting = {"person": person, "position": "D", "basis": "trial", "valid_from": "2020-01-01T00:00:00Z"}
        lines.append({"kind": "assignment", "code": f"A-{person}"} | posting)
    has = {"kind": "certificate", "person": "P1", "status": "valid", "valid_from": "2020-01-01"}
    lines += [has | {"code": f"K-{code}", "type": code} for code in types]
    records = []
    for line in lines:
        fields = {name: value for name, value in line.items() if name != "kind"}
        records.append((line["kind"], line["code"], to_document(read_record(KINDS[line["kind"]].model, fields))))
    return Held.build(load, UUID(int=1), 0, records)


def test_causes_weigh() -> None:
    """What is remembered weighs by all its reasons, those of a supervisor too, who may have dozens."""
    held, many = held_of_plant(40), 40
    asked = Question(person="P1", equipment="M", process="P", at=_AT, supervisor="P2")
    (refused,) = (
        r for r in held.remembered.answer(held.snapshot, asked).answer.reasons if r.code == "supervisor_not_qualified"
    )
    assert many == len([cause for cause in refused.causes if cause.code == "certificate_missing"])
    assert len(held.remembered) > many


def test_what_is_forgotten_goes() -> None:
    """The answers of two who supervise each other go once forgotten: the collector looks at what is old hardly ever."""
    held = held_of_plant(1)
    memory = held.remembered
    gc.collect()
    gc.disable()
    try:
        before = _standings()
        for operator, supervisor in (("P1", "P2"), ("P2", "P1")):
            asked = Question(person=operator, equipment="M", process="P", at=_AT, supervisor=supervisor)
            memory.answer(held.snapshot, asked)
        assert before + 2 == _standings()
        for person in ("P1", "P2"):
            memory.forget("person", person, None, None)
        assert before == _standings()
    finally:
        gc.enable()


def _standings() -> int:
    return sum(isinstance(each, remembered.Standing) for each in gc.get_objects())


def test_who_is_not_known_is_not_remembered() -> None:
    """Of codes that nobody has there are as many as a caller can think of."""
    drawn = Drawn.by(1)
    held = held_of(drawn)
    for number in range(50):
        unknown = replace(drawn.questions[0], person=f"nobody-{number}", badge=None, until=None, supervisor=None)
        held.remembered.answer(held.snapshot, unknown)
        supervised = replace(drawn.questions[0], badge=None, until=None, supervisor=f"nobody-{number}", confirmed_by=None)
        found = held.remembered.answer(held.snapshot, supervised)
        assert found.answer == answer(held.snapshot, supervised)
    kept = held.remembered
    assert all(not known.answers for known in kept._persons.values())


@pytest.mark.parametrize("field", ["equipment", "process"])
def test_what_is_not_known_is_not_remembered(field: str) -> None:
    """Nor are machines and processes that are not there: a caller can make up any number of them."""
    drawn = Drawn.by(1)
    held = held_of(drawn)
    for number in range(50):
        question = replace(drawn.questions[0], badge=None, until=None, supervisor=None, confirmed_by=None)
        nothing = f"nothing-{number}"
        unknown = replace(question, equipment=nothing) if field == "equipment" else replace(question, process=nothing)
        assert held.remembered.answer(held.snapshot, unknown).answer == answer(held.snapshot, unknown)
    assert len(held.remembered) == 0


def test_the_very_answer_is_given_again() -> None:
    """Asked again within its stretch, an answer is not reckoned anew."""
    drawn = Drawn.by(3)
    held = held_of(drawn)
    question = replace(drawn.questions[0], badge=None, until=None, supervisor=None, confirmed_by=None)
    first = held.remembered.answer(held.snapshot, question)
    again = held.remembered.answer(held.snapshot, replace(question, at=question.at))
    assert first is again
    about = (question.equipment, question.process, None, None)
    assert question.person is not None
    assert held.remembered.standing(question.person, about, first.same_until - 1) is first
    assert held.remembered.standing(question.person, about, first.same_until) is None
    assert held.remembered.standing(question.person, about, first.same_from - 1) is None
