"""The kernel in process, with reasons: where a person's timeline is known already, and where the question is the first."""

import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

from benchmarks.contestant import Deciding, InProcess
from benchmarks.plant import Asked, Plant
from qualsvc import zones
from qualsvc.app import VERSION
from qualsvc.kernel.answer import answer
from qualsvc.kernel.question import Answer, Question
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.replica.remembered import Remembered
from qualsvc.sample import plant_day, records


def snapshot_of_sample() -> Snapshot:
    """The sample plant in memory, as of today."""
    snapshot = Snapshot(zones.load)
    for record in records(plant_day(datetime.now(UTC))):
        snapshot.apply(record["kind"], record["code"], record)
    return snapshot


Answers = Callable[[Question], Answer]
"""An answer with its reasons."""


def known(snapshot: Snapshot) -> Answers:
    """As a replica answers what it was asked before: with what it remembers."""
    remembered = Remembered()
    return lambda question: remembered.answer(snapshot, question).answer


def first(snapshot: Snapshot) -> Answers:
    """As it answers what nobody asked before."""
    return lambda question: answer(snapshot, question)


def deciding(answers: Answers, instant: int) -> Deciding:
    """The kernel as a contestant: the whole answer is made each time, and its decision told."""

    def question(one: Asked) -> Question:
        return Question(person=one.person, equipment=one.equipment, process=one.process, at=instant)

    def microseconds(asked: Sequence[Asked]) -> float:
        questions = list(map(question, asked))
        began = time.perf_counter()
        for each in questions:
            answers(each)
        return (time.perf_counter() - began) / len(questions) * 1e6

    return Deciding(lambda one: answers(question(one)).decision, microseconds)


def _made(answers: Callable[[Snapshot], Answers]) -> Callable[[Plant, int], Iterator[Deciding]]:
    def make(plant: Plant, instant: int) -> Iterator[Deciding]:
        yield deciding(answers(plant.snapshot()), instant)

    return make


KNOWN = InProcess("kernel, asked before", VERSION, contextmanager(_made(known)), with_reasons=True)
FIRST = InProcess("kernel, first time", VERSION, contextmanager(_made(first)), with_reasons=True)


@contextmanager
def _look_ups(plant: Plant, instant: int) -> Iterator[Deciding]:  # noqa: ARG001  it answers nothing
    """What this interpreter on this machine needs for a hundred look-ups: the measure of what the kernel needs.

    Among as many as there are certificates, all over memory: where other work pushes things out of the caches, here too.
    """
    known = {f"C{number}": (number,) for number in range(plant.persons * plant.certificates_each)}
    codes = list(known)
    Random(plant.seed).shuffle(codes)

    def microseconds(asked: Sequence[Asked]) -> float:
        places = [range(place * 100 % (len(codes) - 100), len(codes))[:100] for place in range(len(asked))]
        began = time.perf_counter()
        for place in places:
            for number in place:
                known.get(codes[number])
        return (time.perf_counter() - began) / len(asked) * 1e6

    yield Deciding(lambda _: False, microseconds)


YARDSTICK = InProcess("a hundred look-ups", f"Python {platform.python_version()}", _look_ups, decides=False)
OURS = (KNOWN, FIRST, YARDSTICK)
