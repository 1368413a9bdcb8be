"""Conditions as sets of persons: the view that judges a whole crowd at one instant, and what it looks at."""

# ruff: noqa: ARG002 -- nobody is told why; sets have no use for causes

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from qualsvc.kernel.calendar import LocalCalendar
from qualsvc.kernel.case import Cases, Held, Place
from qualsvc.kernel.causes import Asked, Bound, Cause
from qualsvc.kernel.cohorts import OPEN, Cohort
from qualsvc.kernel.crowd import Crowd
from qualsvc.kernel.facts import Assignment, Certificate, Person, Restriction, Rule, TrainingRecord, Waiver
from qualsvc.kernel.planes import Members, Planes
from qualsvc.kernel.reasons import Because
from qualsvc.kernel.requirements import CertificateRequirement, Leaf, TrainingRequirement, leaves
from qualsvc.kernel.states import State
from qualsvc.kernel.view import Name, Path, View

A = TypeVar("A")
L = TypeVar("L", bound=Leaf)
F = TypeVar("F")


class _Looked(NamedTuple):
    """What a rule looks at in a place, its waivers included."""

    ratings: tuple[str, ...]
    equipment: bool
    process: bool


class Sets:
    """Conditions at one instant for everyone in a crowd."""

    def __init__(self, crowd: Crowd, instant: int) -> None:
        self.crowd = crowd
        self.instant = instant
        self.everyone = Planes.flat(crowd.everyone)
        self.nobody = Planes.flat(0)
        self._known: dict[Hashable, Planes] = {}
        self._parts: dict[Hashable, list[tuple[Members, Any]]] = {}
        self._dates: dict[LocalCalendar, int] = {}
        self._looked: dict[str, _Looked] = {}

    def date(self, calendar: LocalCalendar) -> int:
        """The last date that has begun; 0 before all of them."""
        known = self._dates.get(calendar)
        if known is None:
            date = calendar.date_at(self.instant)
            known = self._dates[calendar] = date if calendar.begins(date) <= self.instant else 0
        return known

    def parts(self, cohorts: list[Cohort[F]], begins: tuple[float, ...], ends: tuple[float, ...]) -> list[tuple[Members, F]]:
        """The cohorts by which bounds hold at these points."""
        key = (id(cohorts), begins, ends)  # a crowd keeps its lists
        known = self._parts.get(key)
        if known is None:
            known = self._parts[key] = [part for cohort in cohorts for part in cohort.split(begins, ends)]
        return known

    def when(self, holds: bool, because: Because) -> Planes:
        return self.everyone if holds else self.nobody

    def during(self, start: int, end: int, *, early: Because, late: Because) -> Planes:
        return self.everyone if start <= self.instant < end else self.nobody

    def throughout(self, bounds: Sequence[Bound], asked: Asked[Leaf]) -> Planes:
        for start, end, _, _ in bounds:
            if not start <= self.instant < end:
                return self.nobody
        return self.everyone

    def outside(self, start: int, end: int, because: Because) -> Planes:
        return self.nobody if start <= self.instant < end else self.everyone

    def give(self, state: State, required: Because, given: Because) -> Planes:
        return Planes.alike(state, self.crowd.everyone)

    def remark(self, state: Planes, start: int, end: int, asked: Asked[Leaf], cause: Cause) -> Planes:
        return state

    def recommend(self, met: Callable[[], Planes], because: Because) -> Planes:
        return self.everyone

    def span(self, start: int, end: int) -> Planes:
        return self.everyone if start <= self.instant < end else self.nobody

    def explained_by(self, silent: Planes, refusal: Callable[[], Planes]) -> Planes:
        return silent

    def lifted(self, start: int, end: int, unmet: Planes, because: Because) -> Planes:
        return self.everyone if start <= self.instant < end else self.nobody

    def either_path(self, paths: Sequence[Path[Planes]]) -> Planes:
        opened = self.nobody
        for opening, entry, beyond in paths:
            entered = opening & entry
            if entered.both:
                opened |= entered & beyond()
        return opened

    def provided(self, opened: Callable[[], Planes], narrowing: Callable[[], Planes]) -> Planes:
        entered = opened()
        return entered & narrowing() if entered.both else entered

    def among(self, members: Members, state: Planes) -> Planes:
        return Planes.flat(members) & state

    def beyond(self, members: Members, state: Planes) -> Planes:
        return Planes.flat(self.crowd.everyone ^ members) | state

    def leaf(self, cases: Cases, asked: Asked[L], reckon: Callable[[View[Planes], Cases, Asked[L]], Planes]) -> Planes:
        place, (_, leaf) = cases.place, asked
        ratings = _ratings(place, leaf.covers) if isinstance(leaf, CertificateRequirement) else ()
        key = (leaf, self.date(place.calendar), ratings)
        return self._remembered(key, cases, reckon, asked)

    def rule(self, cases: Cases, rule: Rule, reckon: Callable[[View[Planes], Cases, Rule], Planes]) -> Planes:
        looked = self._looked.get(rule.code)
        if looked is None:
            looked = self._looked[rule.code] = self._looked_at(rule)
        place = cases.place
        equipment = place.equipment.code if looked.equipment else None
        process = place.process.code if looked.process else None
        ratings = _ratings(place, looked.ratings)
        key = (rule.code, cases.waivers, self.date(place.calendar), ratings, equipment, process)
        return self._remembered(key, cases, reckon, rule)

    def part(self, cases: Cases, name: Name, reckon: Callable[[View[Planes], Cases, A], Planes], about: A) -> Planes:
        return self._remembered((name, self.date(cases.place.calendar)), cases, reckon, about)

    def _remembered(self, key: Hashable, cases: Cases, reckon: Callable[[View[Planes], Cases, A], Planes], about: A) -> Planes:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = reckon(self, cases, about)
        return known

    def _looked_at(self, rule: Rule) -> _Looked:
        waivers = [cohort.facts[0] for cohort in self.crowd.waivers(rule.code)] if rule.waivable else []
        names = {
            name
            for requirement in (rule.requirement, rule.supervised_requirement)
            for leaf in (() if requirement is None else leaves(requirement))
            if isinstance(leaf, CertificateRequirement)
            for name in leaf.covers
        }
        return _Looked(
            tuple(sorted(names)),
            any(waiver.equipment is not None for waiver in waivers),
            any(waiver.process is not None for waiver in waivers),
        )


def _ratings(place: Place, names: Sequence[str]) -> tuple[float | None, ...]:
    return tuple([place.equipment.ratings.get(name) for name in names])


@dataclass(frozen=True, slots=True)
class CrowdCases:
    """The cases of everyone in the view's crowd at one place."""

    view: Sets
    place: Place
    waivers: bool = True

    def persons(self) -> Held[Person]:
        date = self._date
        return self.view.parts(self.view.crowd.persons, (date,), (date,))

    def restrictions(self) -> Held[Restriction]:
        known = self.view.crowd.restrictions
        there = (known(None), known(self.place.equipment.code))
        return [part for cohorts in there for part in self.view.parts(cohorts, *self._instant)]

    def assignments(self, position: str) -> Held[Assignment]:
        return self.view.parts(self.view.crowd.assignments(position), *self._instant)

    def certificates(self, types: frozenset[str], asked: CertificateRequirement) -> Held[Certificate]:
        date, known = self._date, self.view.crowd.certificates
        ratings = [OPEN if rating is None else rating for rating in _ratings(self.place, asked.covers)]
        ends = (date, date, *ratings)
        return [part for code in types for part in self.view.parts(known(code, asked), (date,), ends)]

    def histories(self, asked: TrainingRequirement) -> Held[Sequence[TrainingRecord]]:
        date = self._date
        lapsing = 0 if asked.within_days is None else date - asked.within_days
        return self.view.crowd.course(asked.course).split(date, lapsing, len(self.view.crowd.codes))

    def waivers_of(self, rule: str) -> Held[Waiver]:
        return self.view.parts(self.view.crowd.waivers(rule), *self._instant)

    @property
    def _date(self) -> int:
        return self.view.date(self.place.calendar)

    @property
    def _instant(self) -> tuple[tuple[int], tuple[int]]:
        """Bounds of instants are half-open: an end is passed when it is reached."""
        return (self.view.instant,), (self.view.instant + 1,)
