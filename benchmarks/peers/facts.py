"""The plant as the peers are given it: places with the formula of what they ask, persons, machines; JSON throughout.

What favours the peers: they do not find out which rules apply where (`places` tells), and whatever begins and ends at an
instant (assignments, waivers, restrictions, rules) is there or not as of the instant they are made for. Dates of certificates,
reviews, training, employment, companies and inspection they compare themselves, with the day at the machine's site, which
comes with the question. Days are ordinals, 0 is before and LAST after all days.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any as Json
from typing import NamedTuple

from benchmarks.peers.formula import All, Any, AtLeast, Certificate, Formula, Held, Training, Waived
from benchmarks.plant import Asked, Plant
from qualsvc.kernel.calendar import LocalCalendar
from qualsvc.kernel.facts import Equipment, Person, Rule, TrainingRecord
from qualsvc.kernel.requirements import AllOf, AnyOf, CertificateRequirement, Requirement, TrainingRequirement
from qualsvc.kernel.requirements import AtLeast as AtLeastOf

LAST = 4_000_000
"""Later than 9999-12-31."""
NOTHING = -(10**12)
"""A score, hours or attendance that was not recorded: less than any that is asked for."""


class Put(NamedTuple):
    """A question as a peer is put it."""

    person: str
    equipment: str
    process: str
    day: int


@dataclass(frozen=True, slots=True)
class Path:
    """A way in: by a position, or None for anyone."""

    position: str | None
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What all pairs of equipment and process ask that no rule tells apart."""

    maintenance: bool
    guards: tuple[Rule, ...]
    paths: tuple[Path, ...]


class Facts:
    """All that peers are made from, as of an instant in microseconds since 1970."""

    def __init__(self, plant: Plant, now: int) -> None:
        self.snapshot = plant.snapshot()
        self.now = now
        self.places: list[Place] = []
        self.place_of: dict[str, dict[str, int]] = defaultdict(dict)
        """By equipment and process, an index into `places`."""
        self._sort()
        self._days = {site: _day(self.snapshot.calendar(site), now) for site in self.snapshot.sites}

    def put(self, asked: Asked) -> Put:
        """The question with the day at the machine's site."""
        return Put(asked.person, asked.equipment, asked.process, self._days[self.snapshot.equipment[asked.equipment].site])

    def _sort(self) -> None:
        known: dict[Place, int] = {}
        for equipment in self.snapshot.equipment.values():
            for process in self.snapshot.processes.values():
                applicable = self.snapshot.applicable_rules(equipment, process)
                guards = {position: self._in_force(rules) for position, rules in applicable.guards.items()}
                paths = tuple(
                    Path(position, (*grants, *(guards.get(position, ()) if position is not None else ())))
                    for position, rules in applicable.grants.items()
                    if (grants := self._in_force(rules))
                )
                place = Place(process.maintenance, guards.get(None, ()) if paths else (), paths)
                self.place_of[equipment.code][process.code] = known.setdefault(place, len(known))
        self.places = list(known)

    def _in_force(self, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        return tuple(rule for rule in rules if rule.effective_from <= self.now < rule.effective_until)

    def formula(self, place: Place) -> Formula:
        """What the place asks, the gates apart."""
        return All((*self.narrowing(place.guards), Any(tuple(self.way_in(path) for path in place.paths))))

    def way_in(self, path: Path) -> Formula:
        """What one path asks."""
        held = () if path.position is None else (Held(path.position),)
        return All((*held, *self.narrowing(path.rules)))

    def narrowing(self, rules: Iterable[Rule]) -> tuple[Formula, ...]:
        """What rules ask of a yes. A monitored rule asks nothing, a waived one neither."""
        asked = [(rule, self.requirement(rule.requirement)) for rule in rules if rule.enforcement != "monitor"]
        return tuple(Any((one, Waived(rule.code))) if rule.waivable else one for rule, one in asked)

    def requirement(self, requirement: Requirement) -> Formula:
        """A requirement with its types, equivalents and levels looked up."""
        match requirement:
            case AllOf(parts):
                return All(tuple(map(self.requirement, parts)))
            case AnyOf(parts):
                return Any(tuple(map(self.requirement, parts)))
            case AtLeastOf(number, parts):
                return AtLeast(number, tuple(map(self.requirement, parts)))
            case TrainingRequirement(course, within_days, min_score, min_hours, min_attendance):
                return Training(course, within_days, min_score, min_hours, min_attendance)
            case CertificateRequirement():
                return self._certificate(requirement)

    def _certificate(self, asked: CertificateRequirement) -> Certificate:
        known = self.snapshot.certificate_types[asked.type]
        levels = None
        if asked.min_level is not None:
            levels = known.levels[known.levels.index(asked.min_level) :] if asked.min_level in known.levels else ()
        types = (asked.type, *sorted(known.equivalents - {asked.type}))
        return Certificate(types, levels, asked.scope, asked.verified, asked.covers)

    def persons(self) -> dict[str, dict[str, Json]]:
        """Of each person by code: gates, positions, waived rules, certificates by type, training by course."""
        return {person.code: self._person(person) for person in self.snapshot.persons.values()}

    def _person(self, person: Person) -> dict[str, Json]:
        held = self._now(self.snapshot.assignments.of(person.code))
        waivers = [one for one in self._now(self.snapshot.waivers.of(person.code)) if one.status == "approved"]
        restrictions = self._now(self.snapshot.restrictions.of(person.code))
        if any(one.equipment or one.process for one in (*waivers, *restrictions)):
            raise ValueError("waivers and restrictions of one machine or process are not translated")
        regular = {one.position for one in held if one.basis == "regular"}
        return {
            "active": person.status == "active",
            "from": person.employed_from or 0,
            "until": _last(person.employed_until),
            "company_until": self._company_until(person),
            "positions": sorted(regular),
            "trials": sorted({one.position for one in held} - regular),
            "restricted": sorted(_area(one.site, one.equipment_class) for one in restrictions),
            "waived": sorted({one.rule for one in waivers if not one.supervised}),
            "waived_supervised": sorted({one.rule for one in waivers if one.supervised}),
            "certificates": self._certificates(person),
            "training": self._training(person),
        }

    def _now(self, facts: Iterable[Json]) -> list[Json]:
        return [one for one in facts if one.valid_from <= self.now < one.valid_until]

    def _company_until(self, person: Person) -> int:
        if person.employment != "contractor":
            return LAST
        company = None if person.company is None else self.snapshot.companies.get(person.company)
        return 0 if company is None or company.status != "approved" else _last(company.approved_until)

    def _certificates(self, person: Person) -> dict[str, list[dict[str, Json]]]:
        by_type: dict[str, list[dict[str, Json]]] = defaultdict(list)
        for one in self.snapshot.certificates.of(person.code):
            usable = one.status == "renewing" and self.snapshot.certificate_types[one.type].usable_while_renewing
            by_type[one.type].append({
                "code": one.code,
                "status": one.status,
                "usable": one.status == "valid" or usable,
                "from": one.valid_from,
                "until": _last(one.valid_until),
                "review": _last(one.next_review_on),
                "verified": one.verified,
                "level": one.level or "",
                "scopes": list(one.scopes),
                "limits": dict(one.limits),
            })  # fmt: skip
        return by_type

    def _training(self, person: Person) -> dict[str, list[dict[str, Json]]]:
        records = self.snapshot.training_records.of(person.code)
        by_course: dict[str, list[dict[str, Json]]] = defaultdict(list)
        for one in records:
            if one.passed:
                minima = {name: _number(getattr(one, name)) for name in ("score", "hours", "attendance")}
                by_course[one.course].append({"on": one.completed_on, "undone": _undone(one, records), **minima})
        return by_course

    def equipment(self) -> dict[str, dict[str, Json]]:
        """Of each machine by code: its state, its ratings, and `areas`, the names of whatever restriction would cover it."""
        return {one.code: self._machine(one) for one in self.snapshot.equipment.values()}

    def _machine(self, one: Equipment) -> dict[str, Json]:
        classes = (None, *self.snapshot.class_line(one.equipment_class))
        return {
            "status": one.status,
            "inspected": _last(one.inspection_valid_until),
            "ratings": dict(one.ratings),
            "areas": [_area(site, each) for site in (None, one.site) for each in classes],
        }


def _last(day: int | None) -> int:
    return LAST if day is None else day


def _area(site: str | None, equipment_class: str | None) -> str:
    return f"{site or '*'}/{equipment_class or '*'}"


def _number(recorded: float | None) -> float:
    return NOTHING if recorded is None else recorded


def _undone(passed: TrainingRecord, records: Iterable[TrainingRecord]) -> int:
    """The first day on which a later failure undoes it."""
    failures = (one.completed_on for one in records if one.course == passed.course and not one.passed)
    return min((day for day in failures if day > passed.completed_on), default=LAST)


def _day(calendar: LocalCalendar, now: int) -> int:
    day = now // 86_400_000_000 + 719_163
    return max(each for each in (day - 1, day, day + 1) if calendar.begins(each) <= now)
