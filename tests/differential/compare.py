"""One drawn plant, asked the same questions of both evaluators.

A pair is (plant, question); the plants of a run are numbered, and a plant's number and the run's seed draw it anew.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qualsvc.kernel.answer import answer
from qualsvc.kernel.question import Question
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.zones import load
from tests.reference import evaluator
from tests.reference.plants import random_plant, random_questions

Document = dict[str, Any]
Documents = Mapping[str, Mapping[str, Document]]
QUESTIONS_OF_A_PLANT = 25


def snapshot_of(documents: Documents) -> Snapshot:
    """The kernel's snapshot of a plant, its records put in the order given."""
    snapshot = Snapshot(load)
    for kind, records in documents.items():
        for code, document in records.items():
            snapshot.apply(kind, code, document)
    return snapshot


def kernel_answer(snapshot: Snapshot, question: Document) -> Document:
    """The kernel's answer in the form of the reference's."""
    found = answer(snapshot, Question(**question))
    return {
        "decision": found.decision,
        "obligations": [list(given) for given in found.obligations],
        "valid_until": found.valid_until,
        "worst_from": found.worst_from,
    }


def drawn_plant(
    seed: int, number: int, questions: int = QUESTIONS_OF_A_PLANT
) -> tuple[dict[str, dict[str, Document]], list[Document]]:
    """Plant `number` of the run with this seed, and its questions."""
    rng = random.Random(f"{seed}/{number}")
    documents = random_plant(rng)
    return documents, random_questions(rng, documents, questions)


@dataclass
class Tally:
    """What was compared, how its answers fall, and what differed (a line each, enough to see it again)."""

    plants: int = 0
    pairs: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    residuals: Counter[int] = field(default_factory=Counter)
    time_bound: int = 0
    mismatches: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.plants += other.plants
        self.pairs += other.pairs
        self.decisions += other.decisions
        self.residuals += other.residuals
        self.time_bound += other.time_bound
        self.mismatches += other.mismatches


def compared(seed: int, number: int, indexes: Sequence[int] | None = None) -> Tally:
    """Ask plant `number` its questions (or only those at `indexes`) of both evaluators."""
    documents, questions = drawn_plant(seed, number)
    plant, snapshot = evaluator.Plant(documents), snapshot_of(documents)
    tally = Tally(plants=1)
    for index, question in enumerate(questions):
        if indexes is not None and index not in indexes:
            continue
        expected = evaluator.answer(plant, question)
        found = _attempted(snapshot, question)
        tally.pairs += 1
        tally.decisions[expected["decision"]] += 1
        tally.time_bound += expected["valid_until"] is not None
        asked = (question[name] for name in ("person", "equipment", "process", "at", "supervisor", "confirmed_by"))
        tally.residuals[evaluator.residual(plant, *asked)] += 1
        if found != expected:
            again = f"python -m tests.differential --seed {seed} --plant {number} --question {index}"
            tally.mismatches.append(f"{again}\n  asked    {question}\n  expected {expected}\n  kernel   {found}")
    return tally


def _attempted(snapshot: Snapshot, question: Document) -> Document:
    try:
        return kernel_answer(snapshot, question)
    except Exception as error:  # noqa: BLE001 - whatever the kernel raises is a finding, not the end of the run
        return {"raised": repr(error)}
