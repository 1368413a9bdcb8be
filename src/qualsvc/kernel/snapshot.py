"""The facts of one revision, indexed the way decisions look at them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

from qualsvc.kernel.calendar import LocalCalendar
from qualsvc.kernel.facts import (
    FACTS,
    Assignment,
    Certificate,
    CertificateType,
    Company,
    Document,
    Equipment,
    EquipmentClass,
    Person,
    Position,
    Process,
    Restriction,
    Rule,
    Site,
    TrainingRecord,
    Waiver,
)
from qualsvc.kernel.parts import Parts
from qualsvc.kernel.scope import at_equipment, for_process

_PAIR_KINDS = frozenset({"rule", "equipment", "equipment_class", "process"})
_REMEMBERED_PAIRS = 50_000
_PIECE = 1000
_LET_GO = 4
TABLES = {
    "site": "sites",
    "company": "companies",
    "position": "positions",
    "equipment_class": "equipment_classes",
    "equipment": "equipment",
    "process": "processes",
    "certificate_type": "certificate_types",
    "person": "persons",
    "rule": "rules",
    "assignment": "assignments",
    "certificate": "certificates",
    "training_record": "training_records",
    "waiver": "waivers",
    "restriction": "restrictions",
}
"""The attribute of a snapshot that has the facts of each kind."""


class _Owned(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def person(self) -> str: ...


O = TypeVar("O", bound=_Owned)  # noqa: E741  an owned fact


class ByPerson(Generic[O]):
    """Facts that belong to a person, found by code and by person."""

    __slots__ = ("_by_code", "_by_person")

    def __init__(self) -> None:
        self._by_code: Parts[O | None] = Parts()
        self._by_person: Parts[tuple[O, ...]] = Parts()

    def of(self, person: str) -> tuple[O, ...]:
        """The person's facts, in no particular order."""
        return self._by_person.get(person, ())

    def put(self, code: str, fact: O | None) -> None:
        """Replace the fact with this code, or remove it."""
        known = self._by_code.get(code, None)
        if known is not None:
            self._by_code.pop(code)
            rest = tuple(other for other in self.of(known.person) if other is not known)
            if rest:
                self._by_person.put(known.person, rest)
            else:
                self._by_person.pop(known.person)
        if fact is not None:
            self.add(fact)

    def add(self, fact: O) -> None:
        """Put in a fact with a code that is not there."""
        code, person = fact.code, fact.person
        self._by_code.changing(code)[code] = fact
        part = self._by_person.changing(person)
        known = part.get(person)
        part[person] = (fact,) if known is None else (*known, fact)

    def copy(self) -> "ByPerson[O]":
        twin: ByPerson[O] = ByPerson()
        twin._by_code = self._by_code.copy()
        twin._by_person = self._by_person.copy()
        return twin

    def pieces(self) -> list[object]:
        """All facts, some thousands in each piece."""
        return [piece for piece in (*self._by_code.parts(), *self._by_person.parts()) if piece]

    def __iter__(self) -> Iterator[O]:
        return chain.from_iterable(self._by_person.values())


@dataclass(frozen=True, slots=True)
class ApplicableRules:
    """The rules that match one (equipment, process), whenever they are in force; by position, None for no position."""

    grants: dict[str | None, tuple[Rule, ...]]
    guards: dict[str | None, tuple[Rule, ...]]


class Snapshot:
    """All facts at `revision`. Questions read it; only `apply` changes it, between two questions."""

    def __init__(self, zone: Callable[[str], tzinfo]) -> None:
        """`zone` gives the rules of a time zone by its IANA name; the kernel itself reads no files."""
        self.revision = 0
        self._zone = zone
        self._calendars: dict[str, LocalCalendar] = {}
        self._pairs: dict[tuple[str, str], ApplicableRules] = {}
        self._former_pairs: dict[tuple[str, str], ApplicableRules] = {}
        self.sites: dict[str, Site] = {}
        self.companies: dict[str, Company] = {}
        self.positions: dict[str, Position] = {}
        self.equipment_classes: dict[str, EquipmentClass] = {}
        self.equipment: dict[str, Equipment] = {}
        self.processes: dict[str, Process] = {}
        self.certificate_types: dict[str, CertificateType] = {}
        self.persons: dict[str, Person] = {}
        self.badges: dict[str, str] = {}
        self.rules: dict[str, Rule] = {}
        self.assignments: ByPerson[Assignment] = ByPerson()
        self.certificates: ByPerson[Certificate] = ByPerson()
        self.training_records: ByPerson[TrainingRecord] = ByPerson()
        self.waivers: ByPerson[Waiver] = ByPerson()
        self.restrictions: ByPerson[Restriction] = ByPerson()

    def apply(self, kind: str, code: str, document: Document | None) -> None:
        """Replace one record by its document, or remove it (None). Kinds no decision depends on are passed over."""
        read = FACTS.get(kind)
        if read is None:
            return
        fact: Any = None if document is None else read(document)
        if kind == "person":
            self._apply_badges(code, fact)
        table: Any = getattr(self, TABLES[kind])
        if isinstance(table, ByPerson):
            table.put(code, fact)
        elif fact is None:
            table.pop(code, None)
        else:
            table[fact.code] = fact
        if kind in _PAIR_KINDS:
            self._forget_pairs()

    def take(self, kind: str, documents: Iterable[Document]) -> None:
        """Take in records of one kind that are not there, as `apply` would one by one."""
        table: Any = getattr(self, TABLES[kind]) if kind in TABLES else None
        if isinstance(table, ByPerson):
            read, add = FACTS[kind], table.add
            for document in documents:
                add(read(document))
        else:
            for document in documents:
                self.apply(kind, document["code"], document)

    def _apply_badges(self, code: str, person: Person | None) -> None:
        known = self.persons.get(code)
        for badge in known.badges if known else ():
            if self.badges.get(badge) == code:  # a badge may have gone to another person earlier in the same revision
                del self.badges[badge]
        for badge in person.badges if person else ():
            self.badges[badge] = code

    def copy(self) -> "Snapshot":
        """A snapshot that can be changed aside while this one goes on answering; facts themselves are shared."""
        *_, twin = self.copying()
        twin.revision = self.revision
        return twin

    def copying(self) -> Iterator["Snapshot"]:
        """The copy after each of the steps it is made in, the last time whole; between steps this one may change.

        Then the copy is of no one revision: each sort of fact is as it was at its own step. Whoever makes it puts every record
        that changed meanwhile to what it must be, and says the `revision`.
        """
        twin = Snapshot(self._zone)
        twin._calendars = dict(self._calendars)
        for name, table in list(vars(self).items()):
            if isinstance(table, dict | ByPerson) and not name.startswith("_") and name != "badges":
                setattr(twin, name, table.copy())
                if name == "persons":  # in one step, for whose a badge was is looked up among persons when it goes
                    twin.badges = self.badges.copy()
                yield twin

    def pieces(self) -> list[object]:
        """All facts, some thousands in each piece."""
        persons = list(self.persons.values())
        listed = [persons[start : start + _PIECE] for start in range(0, len(persons), _PIECE)]
        owned: list[ByPerson[Any]] = [
            self.assignments,
            self.certificates,
            self.training_records,
            self.waivers,
            self.restrictions,
        ]
        return [*listed, *(piece for table in owned for piece in table.pieces())]

    def with_rule(self, code: str, document: Document) -> "Snapshot":
        """These facts with one rule replaced or added, to try it. All else is shared, so it is good until this one changes."""
        twin = Snapshot(self._zone)
        vars(twin).update(vars(self))
        twin._pairs, twin._former_pairs = {}, {}
        twin.rules = dict(self.rules)
        twin.apply("rule", code, document)
        return twin

    def calendar(self, site: str) -> LocalCalendar:
        """The local dates of a site."""
        name = self.sites[site].time_zone
        known = self._calendars.get(name)
        if known is None:
            known = self._calendars[name] = LocalCalendar(self._zone(name))
        return known

    def class_line(self, equipment_class: str) -> tuple[str, ...]:
        """The class and its ancestors, nearest first."""
        return _line(equipment_class, self.equipment_classes)

    def process_line(self, process: str) -> tuple[str, ...]:
        """The process and its ancestors, nearest first."""
        return _line(process, self.processes)

    def applicable_rules(self, equipment: Equipment, process: Process) -> ApplicableRules:
        """The rules matching the pair, remembered until a rule, equipment, class or process changes."""
        pair = (equipment.code, process.code)
        known = self._pairs.get(pair)
        if known is None:
            if len(self._pairs) >= _REMEMBERED_PAIRS:
                self._forget_pairs()
            for _ in range(min(_LET_GO, len(self._former_pairs))):
                self._former_pairs.popitem()
            known = self._pairs[pair] = self._match(equipment, process)
        return known

    def _forget_pairs(self) -> None:
        """At once, but let go of them a few at a time: tens of thousands take tens of milliseconds, and everybody waits."""
        if len(self._pairs) > len(self._former_pairs):
            self._pairs, self._former_pairs = {}, self._pairs
        else:
            self._pairs.clear()

    def _match(self, equipment: Equipment, process: Process) -> ApplicableRules:
        classes = self.class_line(equipment.equipment_class)
        processes = self.process_line(process.code)
        grants: dict[str | None, tuple[Rule, ...]] = {}
        guards: dict[str | None, tuple[Rule, ...]] = {}
        for rule in for_process(at_equipment(self.rules.values(), equipment, classes), processes):
            side = grants if rule.effect == "grant" else guards
            side[rule.position] = (*side.get(rule.position, ()), rule)
        return ApplicableRules(grants, guards)


def _line(code: str, tree: dict[str, EquipmentClass] | dict[str, Process]) -> tuple[str, ...]:
    line: list[str] = []
    following: str | None = code
    while following is not None and following not in line:  # the store refuses cycles; never hang on one all the same
        line.append(following)
        node = tree.get(following)
        following = node.parent if node else None
    return tuple(line)
