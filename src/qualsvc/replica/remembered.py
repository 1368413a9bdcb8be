"""Remembering answers and timelines between asks.

Kept by person, and for each by what is asked of them. Bound by weight, some half a kilobyte each: `MOST` in all, persons out
first who came first, and `OF_ONE` of a person. Never stale: a change to facts of one person forgets that person, and with it
every answer in which that person was named; any other change a decision depends on forgets everybody; and both happen in the
step that changes the snapshot.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from qualsvc.kernel.answer import answer, case_timeline
from qualsvc.kernel.case import Case
from qualsvc.kernel.facts import FACTS
from qualsvc.kernel.question import Answer, Question
from qualsvc.kernel.reasons import Reason
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.kernel.timeline import Timeline

MOST = 50_000
OF_ONE = 512
_LET_GO = 4
_PIECE = 100

_ONE_PERSONS = frozenset({"assignment", "certificate", "training_record", "waiver", "restriction"})

About = tuple[str, str, str | None, str | None]
"""What is asked of a person: equipment, process, supervisor, confirmer."""


class _Known:
    """What is remembered of a person. Another one takes its place once it is forgotten, by whose mark others can tell.

    INVARIANT: nothing remembered leads to another of these. What leads in circles, as of two who supervise each other, would
    stay for ever once it is forgotten.
    """

    __slots__ = ("answers", "mark", "timelines", "weight")

    def __init__(self) -> None:
        self.answers: dict[About, Standing] = {}
        self.timelines: dict[tuple[str, str, bool], Timeline] = {}
        self.mark = object()
        self.weight = 1
        """Its own, and that of each answer and timeline."""


class Standing:
    """An answer to a question without a window; it stands from `same_from` to `same_until`.

    `written` is for whoever gives answers, to keep how this one reads. It weighs by its reasons, and by
    theirs: a denial may have dozens, and so may a supervisor.
    """

    __slots__ = ("answer", "others", "same_from", "same_until", "weight", "written")

    def __init__(self, found: Answer, others: tuple[tuple[str, object], ...]) -> None:
        self.answer = found
        self.same_from = found.same_from
        self.same_until = found.same_until
        self.others = others
        self.weight = 1 + _weight(found.reasons)
        self.written: Any = None


def _weight(reasons: Iterable[Reason]) -> int:
    return sum(1 + _weight(reason.causes) for reason in reasons)


class Remembered:
    """The kernel's answers and timelines, remembered; of the snapshot this belongs to."""

    def __init__(self) -> None:
        self._persons: dict[str, _Known] = {}
        self._size = 0
        self._former: list[_Known] = []
        """Forgotten all together, let go of a few at a time: at once it would hold up every door for tens of milliseconds."""

    def __len__(self) -> int:
        return self._size

    def standing(self, person: str, about: About, at: int) -> Standing | None:
        """The answer that is remembered and stands at the instant, if there is one."""
        known = self._persons.get(person)
        if known is None:
            return None
        found = known.answers.get(about)
        if found is None or not found.same_from <= at < found.same_until:
            return None
        for code, mark in found.others:
            other = self._persons.get(code)
            if other is None or other.mark is not mark:
                return None
        return found

    def answer(self, snapshot: Snapshot, question: Question) -> Standing:
        """The answer to a question: the one that stands, or a new one, remembered where it may be asked for again."""
        about = (question.equipment, question.process, question.supervisor, question.confirmed_by)
        person = question.person if question.badge is None else snapshot.badges.get(question.badge)
        others = {code for code in about[2:] if code is not None}
        if (
            question.until is not None
            or person is None
            or not others | {person} <= snapshot.persons.keys()
            or question.equipment not in snapshot.equipment
            or question.process not in snapshot.processes
        ):  # what is not known is not remembered: of that there is as much, and as long, as a caller can think of
            return Standing(answer(snapshot, question, self.timeline), ())
        stands = self.standing(person, about, question.at)
        if stands is not None:
            return stands
        found = answer(snapshot, question, self.timeline)
        standing = Standing(found, tuple((code, self._known(code).mark) for code in others))
        if standing.weight < OF_ONE:
            known = self._known(person)
            before = known.answers.pop(about, None)
            if before is not None:
                known.weight -= before.weight
                self._size -= before.weight
            self._make_room(person, known, standing.weight)
            known.answers[about] = standing
        return standing

    def timeline(self, case: Case) -> Timeline:
        """`case_timeline`, remembered."""
        person = case.person.code
        known = self._known(person)
        key = (case.place.equipment.code, case.place.process.code, case.waivers)
        found = known.timelines.get(key)
        if found is None:
            found = case_timeline(case)
            self._make_room(person, known, 1)
            known.timelines[key] = found
        return found

    def forget(self, kind: str, code: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
        """A record changed from `before` to `after`."""
        if kind == "person":
            self._drop(code)
        elif kind in _ONE_PERSONS:
            for document in (before, after):
                if document is not None:
                    self._drop(document["person"])
        elif kind in FACTS:
            self._former += self._persons.values()
            self._persons = {}
            self._size = 0

    def pieces(self) -> list[object]:
        """All that is remembered, little of it in each piece."""
        known = [*self._persons.values(), *self._former]
        return [known[start : start + _PIECE] for start in range(0, len(known), _PIECE)]

    def _drop(self, person: str) -> None:
        known = self._persons.pop(person, None)
        if known is not None:
            self._size -= known.weight

    def _known(self, person: str) -> _Known:
        known = self._persons.get(person)
        if known is None:
            known = self._persons[person] = _Known()
            self._grow(person, known.weight)
        return known

    def _make_room(self, person: str, known: _Known, weight: int) -> None:
        """For one more thing about a person."""
        if known.weight + weight > OF_ONE:
            self._size -= known.weight - 1
            known.answers.clear()
            known.timelines.clear()
            known.weight = 1
        known.weight += weight
        self._grow(person, weight)

    def _grow(self, person: str, weight: int) -> None:
        """By one thing about this person, who is not forgotten for it."""
        del self._former[-_LET_GO:]
        self._size += weight
        while self._size > MOST and len(self._persons) > 1:
            first = next(iter(self._persons))
            if first == person:
                self._persons[person] = self._persons.pop(person)
            else:
                self._drop(first)
