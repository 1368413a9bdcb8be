"""A crowd: persons by number, and their facts in cohorts, by which many are judged at once.

What is here says nothing of an instant; `moment` judges the crowd at one. A kind of fact is gone through when first asked for.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, compress
from operator import attrgetter
from typing import Generic, TypeVar

from qualsvc.kernel.cohorts import Cohort, Look, cohorts, members
from qualsvc.kernel.facts import Assignment, Certificate, Person, Restriction, Rule, TrainingRecord, Waiver
from qualsvc.kernel.planes import Members
from qualsvc.kernel.requirements import CertificateRequirement
from qualsvc.kernel.snapshot import ByPerson, Snapshot

F = TypeVar("F", bound=Assignment | Certificate | Restriction | TrainingRecord | Waiver)

_BITS = bytes.maketrans(b"01", b"\0\1")
_STANDING = Look(Person, ("employed_from",), ("employed_until",), besides=("code", "badges"))
_ASSIGNED, _WAIVED, _RESTRICTED = (Look(kind, ("valid_from",), ("valid_until",)) for kind in (Assignment, Waiver, Restriction))
_COMPLETED = Look(TrainingRecord, ("completed_on",), ("completed_on",))
_ASKED_OR_NOT = frozenset({"level", "scopes", "verified"})
_DAY = attrgetter("completed_on")
_PERSON = attrgetter("person")


class Sorted(Generic[F]):
    """The facts of a kind, by one of their fields, and their cohorts."""

    def __init__(self, crowd: "Crowd", table: ByPerson[F], field: str) -> None:
        self._crowd = crowd
        self._facts: dict[str | None, list[F]] = defaultdict(list)
        facts = crowd.facts(table)
        for fact, name in zip(facts, map(attrgetter(field), facts), strict=True):
            self._facts[name].append(fact)
        self._cohorts: dict[tuple[str | None, Look], list[Cohort[F]]] = {}

    def facts(self, name: str | None) -> tuple[list[F], list[int]]:
        """The facts that have this in the field, and the persons they belong to."""
        facts = self._facts.get(name, [])
        bits = list(map(self._crowd.bits.get, map(_PERSON, facts)))
        if None in bits:  # of nobody any more, while a person is deleted fact by fact
            facts = [fact for fact, bit in zip(facts, bits, strict=True) if bit is not None]
        return facts, [bit for bit in bits if bit is not None]

    def of(self, name: str | None, look: Look) -> list[Cohort[F]]:
        """The cohorts of these facts, as somebody looks at them; always the same list."""
        known = self._cohorts.get((name, look))
        if known is None:
            known = self._cohorts[name, look] = cohorts(*self.facts(name), look, len(self._crowd.codes))
        return known


@dataclass(frozen=True, slots=True)
class Course:
    """The training records of a course."""

    single: list[Cohort[TrainingRecord]]
    """Of persons who have one."""
    several: dict[int, list[TrainingRecord]]
    """Of persons who have more, in the order they were completed."""
    nobody: Members
    """Who has none."""

    @classmethod
    def of(cls, records: list[TrainingRecord], bits: list[int], everyone: Members, width: int) -> "Course":
        """The course of these records, of as many persons as there are bits at all."""
        several: dict[int, list[TrainingRecord]] = {}
        if len(set(bits)) < len(bits):
            numbers = Counter(bits)
            several = {bit: [] for bit, number in numbers.items() if number > 1}
            for bit, record in zip(bits, records, strict=True):
                if bit in several:
                    several[bit].append(record)
            for many in several.values():
                many.sort(key=_DAY)
            records = [record for bit, record in zip(bits, records, strict=True) if bit not in several]
            bits = [bit for bit in bits if bit not in several]
        single = cohorts(records, bits, _COMPLETED, width)
        return cls(single, several, everyone & ~members(bits, width) & ~members(several, width))

    def split(self, done: int, lapsing: int, width: int) -> list[tuple[Members, list[TrainingRecord]]]:
        """Everyone by their records, those together whose records are alike and lie alike.

        A record is done if completed on the day `done` or before, and does not lapse if on the day `lapsing` or later.
        """
        sides: dict[Hashable, list[int]] = defaultdict(list)
        for bit, records in self.several.items():
            days = [record.completed_on for record in records]
            shape = tuple([(_COMPLETED.alike(record), days.index(record.completed_on)) for record in records])
            sides[shape, bisect_right(days, done), bisect_left(days, lapsing)].append(bit)
        parts = [(members(bits, width), self.several[bits[0]]) for bits in sides.values()]
        single = [part for cohort in self.single for part in cohort.split((done,), (lapsing,))]
        return [*parts, *((whom, [record]) for whom, record in single), (self.nobody, [])]


class Crowd:
    """Persons of a snapshot, each with a bit. INVARIANT: good for as long as no fact of the snapshot changes."""

    def __init__(self, snapshot: Snapshot, persons: Iterable[str] | None = None) -> None:
        """Of these persons, or of all; those not known are left out."""
        self.snapshot = snapshot
        self._chosen = persons is not None
        self.codes = (
            list(snapshot.persons) if persons is None else [code for code in dict.fromkeys(persons) if code in snapshot.persons]
        )
        self.bits = {code: bit for bit, code in enumerate(self.codes)}
        self.everyone: Members = (1 << len(self.codes)) - 1
        self._courses: dict[str, Course] = {}
        self._looks: dict[Hashable, Look] = {}

    def listed(self, whom: Members) -> list[str]:
        """The persons of a set, in the crowd's order."""
        return list(compress(self.codes, f"{whom:b}"[::-1].encode().translate(_BITS)))

    def facts(self, table: ByPerson[F]) -> list[F]:
        """The facts of the crowd."""
        if self._chosen:
            return list(chain.from_iterable(map(table.of, self.codes)))
        return list(table)

    @cached_property
    def named(self) -> frozenset[str | None]:
        """The equipment that rules, waivers and restrictions name."""
        facts = self.snapshot
        naming: tuple[Iterable[Rule | Waiver | Restriction], ...] = (facts.rules.values(), facts.waivers, facts.restrictions)
        return frozenset(one.equipment for one in chain.from_iterable(naming))

    @cached_property
    def persons(self) -> list[Cohort[Person]]:
        """Persons whose standing is alike."""
        found = [self.snapshot.persons[code] for code in self.codes]
        return cohorts(found, range(len(found)), _STANDING, len(found))

    @cached_property
    def _certificates(self) -> Sorted[Certificate]:
        return Sorted(self, self.snapshot.certificates, "type")

    @cached_property
    def _assignments(self) -> Sorted[Assignment]:
        return Sorted(self, self.snapshot.assignments, "position")

    @cached_property
    def _waivers(self) -> Sorted[Waiver]:
        return Sorted(self, self.snapshot.waivers, "rule")

    @cached_property
    def _restrictions(self) -> Sorted[Restriction]:
        return Sorted(self, self.snapshot.restrictions, "equipment")

    @cached_property
    def _training(self) -> Sorted[TrainingRecord]:
        return Sorted(self, self.snapshot.training_records, "course")

    def certificates(self, code: str, asked: CertificateRequirement) -> list[Cohort[Certificate]]:
        """Certificates of a type that what is asked does not tell apart."""
        key = (asked.fields, asked.covers)
        look = self._looks.get(key)
        if look is None:
            besides = {"code", "person", "limits"} | (_ASKED_OR_NOT - asked.fields)
            ends = ("valid_until", "next_review_on")
            look = self._looks[key] = Look(Certificate, ("valid_from",), ends, asked.covers, besides=besides)
        return self._certificates.of(code, look)

    def assignments(self, position: str) -> list[Cohort[Assignment]]:
        """Assignments to a position."""
        return self._assignments.of(position, _ASSIGNED)

    def waivers(self, rule: str) -> list[Cohort[Waiver]]:
        """Waivers of a rule."""
        return self._waivers.of(rule, _WAIVED)

    def restrictions(self, equipment: str | None) -> list[Cohort[Restriction]]:
        """Restrictions that name this equipment, or none."""
        return self._restrictions.of(equipment, _RESTRICTED)

    def course(self, code: str) -> Course:
        """The training records of a course."""
        known = self._courses.get(code)
        if known is None:
            known = self._courses[code] = Course.of(*self._training.facts(code), self.everyone, len(self.codes))
        return known
