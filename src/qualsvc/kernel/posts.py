"""Posts: what a position opens to a person, and what they lack for it.

Pairs of equipment and process that no rule, rating or fact of the person tells apart are judged once for all of them, so a few
hundred judgements do for a plant with a million pairs.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from qualsvc.kernel.calendar import LocalCalendar
from qualsvc.kernel.case import Case, Place
from qualsvc.kernel.explanation import Explanation
from qualsvc.kernel.explanations import Explanations
from qualsvc.kernel.facts import Equipment, Process, Restriction, Rule, Waiver
from qualsvc.kernel.reasons import Reason, ReasonCode, ordered
from qualsvc.kernel.rules import case_state
from qualsvc.kernel.scope import at_equipment, for_process, in_force
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.kernel.states import ALLOW, DENY

# Worth knowing about a yes, and nothing that is missing.
_NO_LACK: frozenset[ReasonCode] = frozenset({"expiring_soon"})
_STRIDE = 100
"""So many machines are looked at in one step, a fraction of a millisecond."""


@dataclass(frozen=True, slots=True)
class _Named:
    """The codes by which rules, and waivers and restrictions of the person, tell one place from another.

    Rules of positions the person has nothing to do with are left out: their paths are closed to the person everywhere.
    """

    equipment: set[str]
    classes: set[str]
    processes: set[str]

    @classmethod
    def by(cls, snapshot: Snapshot, person: str, position: str) -> "_Named":
        positions = {None, position, *(assignment.position for assignment in snapshot.assignments.of(person))}
        rules = [rule for rule in snapshot.rules.values() if rule.position in positions]
        by_class: list[Rule | Restriction] = [*rules, *snapshot.restrictions.of(person)]
        each_of_them: list[Rule | Restriction | Waiver] = [*by_class, *snapshot.waivers.of(person)]
        return cls(
            {one.equipment for one in each_of_them if one.equipment is not None},
            {one.equipment_class for one in by_class if one.equipment_class is not None},
            {one.process for one in each_of_them if one.process is not None},
        )


@dataclass(slots=True)
class _Machines:
    """Machines that are judged alike, by one of them."""

    one: Equipment
    calendar: LocalCalendar
    grants: list[Rule]
    number: int = 0


class Post:
    """What the grants of a position open at an instant, and how much of it is open to the person.

    `pairs` are those of equipment not retired with a process that grants of the position in force open; of them `allowed`
    and `conditional` are what the person may do, by this position or another, the equipment being in order.
    INVARIANT: all are exact once `reckon` is exhausted, if no fact changes meanwhile.
    """

    def __init__(self, snapshot: Snapshot, person: str, position: str, instant: int) -> None:
        self.position = position
        self.pairs = self.allowed = self.conditional = 0
        self._snapshot = snapshot
        self._person = snapshot.persons.get(person)
        self._instant = instant
        self._grants = [
            rule
            for rule in snapshot.rules.values()
            if rule.position == position and rule.effect == "grant" and in_force(rule, instant)
        ]
        self._reasons: set[Reason] = set()

    @property
    def lacks(self) -> tuple[Reason, ...]:
        """Each thing that stands in the way of some pair, or that a rule recommends, once."""
        return ordered(self._reasons)

    def reckon(self) -> Iterator[None]:
        """Judge one group of pairs, or look at some machines, in each step: a fraction of a millisecond.

        Facts may change between steps; a pair is then judged by those of its own step.
        """
        person = self._person
        if person is None or not self._grants:
            return
        named = _Named.by(self._snapshot, person.code, self.position)
        processes = self._processes(named)
        groups: dict[object, _Machines] = {}
        for looked_at, machine in enumerate(list(self._snapshot.equipment.values()), 1):
            self._sort(machine, named, groups)
            if looked_at % _STRIDE == 0:
                yield
        for machines in groups.values():
            for process, line, number in processes:
                if for_process(machines.grants, line):
                    place = Place(self._snapshot, machines.one, process, machines.calendar)
                    self._judge(case_state(Explanations(self._instant), Case(place, person)), machines.number * number)
                    yield

    def _processes(self, named: _Named) -> list[tuple[Process, tuple[str, ...], int]]:
        """One of each group of processes, its line up to the root, and how many there are in the group."""
        groups: dict[frozenset[str], tuple[Process, tuple[str, ...]]] = {}
        numbers: Counter[frozenset[str]] = Counter()
        for process in self._snapshot.processes.values():
            line = self._snapshot.process_line(process.code)
            key = frozenset(named.processes.intersection(line))
            groups.setdefault(key, (process, line))
            numbers[key] += 1
        return [(*groups[key], number) for key, number in numbers.items()]

    def _sort(self, machine: Equipment, named: _Named, groups: dict[object, _Machines]) -> None:
        """Put a machine to those like it, if the position opens anything there."""
        if machine.status == "retired":
            return
        classes = self._snapshot.class_line(machine.equipment_class)
        grants = at_equipment(self._grants, machine, classes)
        if not grants:
            return
        alone = machine.code if machine.code in named.equipment else None
        key = (alone, machine.site, frozenset(named.classes.intersection(classes)), frozenset(machine.ratings.items()))
        known = groups.get(key)
        if known is None:
            # Whether a machine is locked out or due for inspection is nothing that its operator lacks.
            in_order = replace(machine, status="in_service", inspection_valid_until=None)
            known = groups[key] = _Machines(in_order, self._snapshot.calendar(machine.site), grants)
        known.number += 1

    def _judge(self, found: Explanation, pairs: int) -> None:
        self.pairs += pairs
        if found.state == ALLOW:
            self.allowed += pairs
        elif found.state != DENY:
            self.conditional += pairs
        self._reasons.update(filter(self._is_a_lack, found.reasons))

    def _is_a_lack(self, reason: Reason) -> bool:
        """Whether it concerns this post; what other positions that open the same pairs ask for does not."""
        rule = None if reason.rule is None else self._snapshot.rules.get(reason.rule)
        concerned = reason.position or (rule.position if rule else None)
        return reason.code not in _NO_LACK and concerned in (None, self.position)
