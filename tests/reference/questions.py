"""Questions drawn for a plant, at its boundaries, a microsecond to either side of them and between them."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from .clocks import SECOND
from .documents import Document, Plant
from .evaluator import boundaries, discharge, state

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_HOUR = 3600 * SECOND
_UNKNOWN = "NOBODY"


def random_questions(rng: random.Random, plant: dict[str, dict[str, Document]], n: int) -> list[Document]:
    """Questions as `evaluator.answer` takes them.

    Most are drawn again, up to five times, while their state is 0: a plant denies most of what nobody aimed at.
    """
    read = Plant(plant)
    questions = []
    for _ in range(n):
        question = _question(rng, read)
        for _ in range(5 if rng.random() < 0.8 else 0):
            if state(read, question["person"], question["equipment"], question["process"], question["at"]):
                break
            question = _question(rng, read)
        questions.append(question)
    return questions


def _question(rng: random.Random, plant: Plant) -> Document:
    persons = list(plant.persons)
    asked = tuple(
        _UNKNOWN if rng.random() < 0.01 else rng.choice(list(known))
        for known in (plant.persons, plant.equipment, plant.processes)
    )
    person, equipment, process = asked
    at = _instant_near(rng, boundaries(plant, person, equipment, process))
    supervisor = _other(rng, persons, person)
    confirmed_by = supervisor if rng.random() < 0.1 else _other(rng, persons, person)
    if rng.random() < 0.5:  # most persons may not, so those who may are looked for
        supervisors = [who for who in persons if discharge(plant, person, equipment, process, at, supervisor=who)]
        confirmers = [who for who in persons if discharge(plant, person, equipment, process, at, confirmed_by=who)]
        supervisor = rng.choice(supervisors) if supervisors and rng.random() < 0.6 else supervisor
        confirmed_by = rng.choice(confirmers) if confirmers and rng.random() < 0.6 else confirmed_by
    found = boundaries(plant, person, equipment, process, supervisor, confirmed_by)
    if rng.random() < 0.25:
        at = _instant_near(rng, found)
    return {
        "person": person,
        "equipment": equipment,
        "process": process,
        "at": at,
        "until": _end(rng, at, found) if rng.random() < 0.5 else None,
        "supervisor": supervisor,
        "confirmed_by": confirmed_by,
    }


def _other(rng: random.Random, persons: list[str], operator: str) -> str | None:
    """A supervisor or confirmer: nobody, somebody, now and then the operator or an unknown person."""
    kind = rng.random()
    if kind < 0.35:
        return None
    if kind < 0.4:
        return _UNKNOWN
    return operator if kind < 0.45 else rng.choice(persons)


def _instant_near(rng: random.Random, found: list[int]) -> int:
    """A boundary, a microsecond before or after it, or an instant between it and the next."""
    if not found:
        return rng.choice((0, 1_790_000_000)) * SECOND
    # the first boundaries lie years back; most questions are about the crowd around the base date
    index = max(rng.randrange(len(found)), rng.randrange(len(found)) if rng.random() < 0.4 else 0)
    t = found[index] + rng.choice((0, 0, 0, 1, -1))
    if rng.random() < 0.3:
        t = (found[index] + found[min(index + 1, len(found) - 1)]) // 2
    return min(max(t, _FIRST), _LAST - 1)


def _end(rng: random.Random, at: int, found: list[int]) -> int:
    """The end of a window from `at`: a boundary after it, a microsecond off one, a shift's length, or the very next one."""
    ends: list[Any] = [at + 1, at + 8 * _HOUR, at + 12 * _HOUR]
    later = [t for t in found if t > at]
    if later and rng.random() < 0.8:
        ends = [t + shift for t in later[:6] for shift in (0, 0, 1, -1) if t + shift > at]
    return int(min(rng.choice(ends), _LAST))
