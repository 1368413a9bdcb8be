"""A drawn plant as both evaluators read it, with questions to ask of it."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from qualsvc.kernel.answer import answer, case_timeline
from qualsvc.kernel.case import Case, Place
from qualsvc.kernel.discharge import discharge_timeline
from qualsvc.kernel.facts import FACTS
from qualsvc.kernel.question import Answer, Question
from qualsvc.kernel.snapshot import TABLES, ByPerson, Snapshot
from qualsvc.kernel.states import DENY, RESIDUALS
from qualsvc.kernel.timeline import Timeline, combine
from tests.differential.compare import Document, snapshot_of
from tests.reference import evaluator
from tests.reference.plants import random_plant, random_questions

Documents = dict[str, dict[str, Document]]
RANK = {"deny": 0, "conditional": 1, "allow": 2}


@dataclass(frozen=True)
class Drawn:
    """INVARIANT: `plant` and `snapshot` hold `documents`. `rng` goes on from where the plant was drawn."""

    documents: Documents
    questions: list[Question]
    plant: evaluator.Plant
    snapshot: Snapshot
    rng: random.Random

    @classmethod
    def by(cls, seed: int, questions: int = 4) -> "Drawn":
        """The plant of a seed."""
        rng = random.Random(seed)
        documents = random_plant(rng)
        asked = [Question(**question) for question in random_questions(rng, documents, questions)]
        return cls(documents, asked, evaluator.Plant(documents), snapshot_of(documents), rng)

    def cases(self) -> Iterable[tuple[Question, Place, list[int]]]:
        """Each question about what is known, its place, and the instants at and 1 µs about which anything may change."""
        for question in self.questions:
            place = Place.find(self.snapshot, question.equipment, question.process)
            if place is not None and question.person in self.snapshot.persons:
                yield question, place, self.instants(question)

    def instants(self, question: Question) -> list[int]:
        """Every boundary of a question and 1 µs to either side of it, and the instant asked about."""
        assert question.person is not None
        found = evaluator.boundaries(
            self.plant, question.person, question.equipment, question.process, question.supervisor, question.confirmed_by
        )
        return sorted({t + shift for t in (*found, question.at) for shift in (-1, 0, 1)})


def a_law(examples: int) -> Callable[[Callable[[Drawn], None]], Callable[[], None]]:
    """A test that a law holds for so many drawn plants. In CI (where `CI` is set) hypothesis draws the same ones each time."""

    def of(law: Callable[[Drawn], None]) -> Callable[[], None]:
        @settings(max_examples=examples)
        @given(st.integers(0, 2**32))
        def test(seed: int) -> None:
            law(Drawn.by(seed))

        test.__doc__ = law.__doc__
        return test

    return of


def answers(snapshot: Snapshot, questions: Iterable[Question]) -> list[Answer]:
    """The kernel's answers, nothing remembered."""
    return [answer(snapshot, question) for question in questions]


def at_once(question: Question, at: int | None = None) -> Question:
    """The question about one instant alone."""
    return replace(question, at=question.at if at is None else at, until=None)


def residuals(snapshot: Snapshot, question: Question) -> Timeline:
    """What is left at every instant once supervisor and confirmer have given what they give."""
    place = Place.find(snapshot, question.equipment, question.process)
    person = None if question.person is None else snapshot.persons.get(question.person)
    if place is None or person is None:
        return Timeline.constant(DENY)
    given = discharge_timeline(place, question, case_timeline)
    own = case_timeline(Case(place, person))
    return own if given is None else combine(lambda state, discharged: RESIDUALS[state][discharged], own, given)


def never_better(before: Timeline, after: Timeline) -> bool:
    """Whether at no instant anything is allowed after that was not before."""
    return before & after == after


def internals(snapshot: Snapshot) -> dict[str, Any]:
    """All that a snapshot holds and does not merely remember, in an order of its own."""
    held: dict[str, Any] = {"badges": dict(sorted(snapshot.badges.items()))}
    for kind, name in TABLES.items():
        table = getattr(snapshot, name)
        if isinstance(table, ByPerson):
            held[kind] = {
                "by code": dict(sorted(table._by_code.items())),
                "by person": {
                    person: sorted(facts, key=lambda fact: str(fact.code)) for person, facts in sorted(table._by_person.items())
                },
            }
        else:
            held[kind] = dict(sorted(table.items()))
    assert set(held) == {"badges", *FACTS}
    return held
