"""A crowd: persons by number, and their facts in cohorts, by which many are judged at once.

What is here says nothing of an instant; `moment` judges the crowd at one. Each sort of fact is gone through when it is first asked for.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, compress
from operator import attrgetter
from typing import Any, Generic, TypeVar

from qualsvc.kernel.cohorts import Bounds, Cohort, alike_by, cohorts, members
from qualsvc.kernel.facts import Assignment, Certificate, Person, Restriction, TrainingRecord, Waiver
from qualsvc.kernel.planes import Members
from qualsvc.kernel.snapshot import ByPerson, Snapshot

F = TypeVar("F", bound=Assignment | Certificate | Restriction | Waiver)

_ON_DATES = Bounds(("valid_from",), ("valid_until", "next_review_on"))
_EMPLOYED = Bounds(("employed_from",), ("employed_until",))
_AT_INSTANTS = Bounds(("valid_from",), ("valid_until",))
_BITS = bytes.maketrans(b"01", b"\0\1")


class Sorted(Generic[F]):
    """The cohorts of a kind of fact, by one of its fields."""

    def __init__(self, crowd: "Crowd", table: ByPerson[F], field: str, alike: Callable[[F], Hashable], bounds: Bounds) -> None:
        self._crowd = crowd
        self._alike = alike
        self._bounds = bounds
        self._facts: dict[str | None, list[F]] = defaultdict(list)
        for fact, name in self._named(table, field):
            self._facts[name].append(fact)
        self._cohorts: dict[str | None, list[Cohort[F]]] = {}

    def _named(self, table: ByPerson[F], field: str) -> Iterable[tuple[F, str | None]]:
        facts = list(self._crowd.facts(table))
        return zip(facts, map(attrgetter(field), facts), strict=True)

    def __iter__(self) -> Iterator[str | None]:
        return iter(self._facts)

    def of(self, name: str | None) -> list[Cohort[F]]:
        """The cohorts of the facts that have this in the field."""
        known = self._cohorts.get(name)
        if known is None:
            facts = self._facts.get(name, [])
            bits = [self._crowd.bits[fact.person] for fact in facts]
            known = self._cohorts[name] = cohorts(facts, bits, self._alike, self._bounds, len(self._crowd.codes))
        return known


@dataclass(frozen=True, slots=True)
class Course:
    """The training records of a course, by person: the days they were completed on in order, and what they are like else."""

    records: list[list[TrainingRecord]]
    bits: list[int]
    days: list[list[int]]
    shapes: list[int]
    nobody: Members
    """Who has no record of the course."""

    def split(self, thresholds: Iterable[int], width: int) -> list[tuple[Members, list[TrainingRecord]]]:
        """Everyone by their records, those together whose records are alike and lie alike to each threshold."""
        limits = tuple(thresholds)
        sides: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for place, (shape, days) in enumerate(zip(self.shapes, self.days, strict=True)):
            sides[(shape, *[bisect_left(days, limit) for limit in limits])].append(place)
        parts = [(members([self.bits[place] for place in places], width), self.records[places[0]]) for places in sides.values()]
        return [*parts, (self.nobody, [])]


class Crowd:
    """Persons of a snapshot, each with a bit. INVARIANT: good for as long as no fact of the snapshot changes."""

    def __init__(self, snapshot: Snapshot, persons: Collection[str] | None = None) -> None:
        """Of these persons, or of all; those not known are left out."""
        self.snapshot = snapshot
        self._chosen = persons is not None
        self.codes = (
            list(snapshot.persons) if persons is None else [code for code in dict.fromkeys(persons) if code in snapshot.persons]
        )
        self.bits = {code: bit for bit, code in enumerate(self.codes)}
        self.everyone: Members = (1 << len(self.codes)) - 1
        self._courses: dict[str, Course] = {}

    def listed(self, whom: Members) -> list[str]:
        """The persons of a set, in the crowd's order."""
        return list(compress(self.codes, f"{whom:b}"[::-1].encode().translate(_BITS)))

    def facts(self, table: ByPerson[Any]) -> Iterable[Any]:
        """The facts of the crowd."""
        if self._chosen:
            return chain.from_iterable(map(table.of, self.codes))
        return (fact for fact in table if fact.person in self.bits)

    @cached_property
    def persons(self) -> list[Cohort[Person]]:
        """Persons whose standing is alike."""
        found = [self.snapshot.persons[code] for code in self.codes]
        return cohorts(found, range(len(found)), _STANDING, _EMPLOYED, len(found))

    @cached_property
    def certificates(self) -> Sorted[Certificate]:
        """By type."""
        return Sorted(self, self.snapshot.certificates, "type", _CERTIFICATE, _ON_DATES)

    @cached_property
    def assignments(self) -> Sorted[Assignment]:
        """By position."""
        return Sorted(self, self.snapshot.assignments, "position", _ASSIGNMENT, _AT_INSTANTS)

    @cached_property
    def waivers(self) -> Sorted[Waiver]:
        """By rule."""
        return Sorted(self, self.snapshot.waivers, "rule", _WAIVER, _AT_INSTANTS)

    @cached_property
    def restrictions(self) -> Sorted[Restriction]:
        """By equipment."""
        return Sorted(self, self.snapshot.restrictions, "equipment", _RESTRICTION, _AT_INSTANTS)

    @cached_property
    def _training(self) -> dict[str, dict[int, list[TrainingRecord]]]:
        found: dict[str, dict[int, list[TrainingRecord]]] = defaultdict(dict)
        for record in self.facts(self.snapshot.training_records):
            found[record.course].setdefault(self.bits[record.person], []).append(record)
        return found

    def course(self, code: str) -> Course:
        """The training records of a course."""
        known = self._courses.get(code)
        if known is None:
            known = self._courses[code] = self._course(self._training.get(code, {}))
        return known

    def _course(self, found: dict[int, list[TrainingRecord]]) -> Course:
        shapes: dict[Hashable, int] = {}
        course = Course([], [], [], [], self.everyone & ~members(found, len(self.codes)))
        for bit, records in found.items():
            records.sort(key=_COMPLETED)
            days = [record.completed_on for record in records]
            shape = [(_TRAINING(record), days.index(record.completed_on)) for record in records]
            course.records.append(records)
            course.bits.append(bit)
            course.days.append(days)
            course.shapes.append(shapes.setdefault(tuple(shape), len(shapes)))
        return course


_STANDING = alike_by(Person, _EMPLOYED, "code", "badges")
_CERTIFICATE = alike_by(Certificate, _ON_DATES, "code", "person")
_ASSIGNMENT = alike_by(Assignment, _AT_INSTANTS, "code", "person")
_WAIVER = alike_by(Waiver, _AT_INSTANTS, "code", "person")
_RESTRICTION = alike_by(Restriction, _AT_INSTANTS, "code", "person")
_COMPLETED = attrgetter("completed_on")
_TRAINING = alike_by(TrainingRecord, Bounds(("completed_on",), ()), "code", "person")
