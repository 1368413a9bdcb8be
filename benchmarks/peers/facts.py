"""The plant as the peers are given it: places with the formula of what they ask, persons, machines; JSON throughout.

What favours the peers: they do not find out which rules apply where (`places` tells), and whatever begins and ends at an
instant (assignments, waivers, restrictions, rules) is there or not as of the instant they are made for. Dates of certificates,
reviews, training, employment, companies and inspection they compare themselves, with the day at the machine's site, which
comes with the question. Days are ordinals.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any as Json
from typing import NamedTuple

from benchmarks.peers.formula import All, Any, AtLeast, Certificate, Formula, Held, Training, Waived
from benchmarks.peers.records import machine, person
from benchmarks.plant import Asked, Plant
from qualsvc.kernel.calendar import LocalCalendar
from qualsvc.kernel.facts import Rule
from qualsvc.kernel.requirements import AllOf, AnyOf, CertificateRequirement, Requirement, TrainingRequirement
from qualsvc.kernel.requirements import AtLeast as AtLeastOf


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
        types = (asked.type, *sorted(known.accepted - {asked.type}))
        return Certificate(types, levels, asked.scope, asked.verified, asked.covers)

    def persons(self) -> dict[str, dict[str, Json]]:
        """By code, as `records` has them."""
        return {one.code: person(self.snapshot, one, self.now) for one in self.snapshot.persons.values()}

    def equipment(self) -> dict[str, dict[str, Json]]:
        """By code, as `records` has them."""
        return {one.code: machine(self.snapshot, one) for one in self.snapshot.equipment.values()}


def _day(calendar: LocalCalendar, now: int) -> int:
    day = now // 86_400_000_000 + 719_163
    return max(each for each in (day - 1, day, day + 1) if calendar.begins(each) <= now)
