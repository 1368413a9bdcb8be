"""Coverage: which pairs of equipment and process no grant opens at an instant, and which more than one position does.

Machines of one class at one site that no grant names are opened alike. So grants are looked at once for each such group, and
the pairs, a million and more, are counted without being gone through.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from qualsvc.kernel.facts import Equipment, Rule
from qualsvc.kernel.scope import at_equipment, in_force
from qualsvc.kernel.snapshot import Snapshot

Finding = Literal["uncovered", "several_positions"]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The part of the plant that is looked at. A class or a process stands for those below it as well."""

    equipment: str | None = None
    equipment_class: str | None = None
    process: str | None = None
    site: str | None = None


EVERYWHERE = Narrowing()


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a pair: the positions, None for anyone, and the grants in force; each in order, anyone first."""

    positions: tuple[str | None, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def finding(self) -> Finding | None:
        """What there is to say about it."""
        if not self.rules:
            return "uncovered"
        return "several_positions" if len(self.positions) > 1 else None


@dataclass(frozen=True, slots=True)
class Found:
    """A pair about which there is something to say."""

    equipment: str
    process: str
    finding: Finding
    opening: Opening


@dataclass(frozen=True, slots=True)
class _Opened:
    """What opens each process on a group of machines: as in `named`, all others as in `others`."""

    others: Opening
    named: Mapping[str, Opening]
    findings: Counter[Finding | None]
    """Of how many processes there is what to say."""

    def of(self, process: str) -> Opening:
        return self.named.get(process, self.others)


class Coverage:
    """The coverage of a plant at an instant, of the facts as they are when it is made; retired equipment is left out.

    INVARIANT: `pairs`, `uncovered` and `several_positions` are exact, and `found` is whole, once `reckon` is exhausted.
    """

    def __init__(self, snapshot: Snapshot, instant: int, within: Narrowing = EVERYWHERE) -> None:
        self.revision = snapshot.revision
        self.pairs = self.uncovered = self.several_positions = 0
        self._within = within
        self._machines = list(snapshot.equipment.values())
        self._classes = {code: snapshot.class_line(code) for code in snapshot.equipment_classes}
        self._grants = [rule for rule in snapshot.rules.values() if rule.effect == "grant" and in_force(rule, instant)]
        lines = {process: snapshot.process_line(process) for process in sorted(snapshot.processes)}
        self._processes = [process for process, line in lines.items() if within.process in (None, *line)]
        self._below: dict[str, list[str]] = defaultdict(list)
        for process in self._processes:
            for ancestor in lines[process]:
                self._below[ancestor].append(process)
        self._opened: dict[str, _Opened] = {}

    def reckon(self) -> Iterator[None]:
        """Reckon one group of machines in each step; in a large plant that is about half a millisecond."""
        groups = self._grouped()
        yield
        for machines in groups:
            opened = self._openings(machines[0])
            self.pairs += len(machines) * len(self._processes)
            self.uncovered += len(machines) * opened.findings["uncovered"]
            self.several_positions += len(machines) * opened.findings["several_positions"]
            self._opened.update((machine.code, opened) for machine in machines)
            yield

    def _grouped(self) -> Collection[list[Equipment]]:
        named = {grant.equipment for grant in self._grants}
        groups: dict[tuple[str, str, str | None], list[Equipment]] = defaultdict(list)
        for machine in self._machines:
            if machine.status != "retired" and self._is_within(machine):
                alone = machine.code if machine.code in named else None
                groups[machine.equipment_class, machine.site, alone].append(machine)
        return groups.values()

    def _is_within(self, machine: Equipment) -> bool:
        within = self._within
        return (
            (within.equipment is None or within.equipment == machine.code)
            and (within.site is None or within.site == machine.site)
            and (within.equipment_class is None or within.equipment_class in self._classes[machine.equipment_class])
        )

    def _openings(self, machine: Equipment) -> _Opened:
        grants = at_equipment(self._grants, machine, self._classes[machine.equipment_class])
        everywhere = [grant for grant in grants if grant.process is None]
        named: dict[str, list[Rule]] = defaultdict(list)
        for grant in grants:
            for process in () if grant.process is None else self._below.get(grant.process, ()):
                named[process].append(grant)
        others, of_named = _opening(everywhere), {process: _opening(everywhere + more) for process, more in named.items()}
        findings = Counter(opening.finding for opening in of_named.values())
        findings[others.finding] += len(self._processes) - len(of_named)
        return _Opened(others, of_named, findings)

    def found(self, finding: Finding | None = None, after: tuple[str, str] | None = None) -> Iterator[Found]:
        """What there is to say, by equipment and process, after the pair of codes `after`; of one sort, or of both."""
        reached = after or ("", "")
        for equipment in sorted(code for code in self._opened if code >= reached[0]):
            opened = self._opened[equipment]
            for process in self._processes if _has(opened.findings, finding) else ():
                opening = opened.of(process)
                if opening.finding is not None and finding in (None, opening.finding) and (equipment, process) > reached:
                    yield Found(equipment, process, opening.finding, opening)


def _has(findings: Counter[Finding | None], finding: Finding | None) -> bool:
    return bool(findings[finding] if finding else findings["uncovered"] + findings["several_positions"])


def _opening(grants: list[Rule]) -> Opening:
    positions = {grant.position for grant in grants}
    return Opening(
        tuple(sorted(positions, key=lambda position: (position is not None, position or ""))),
        tuple(sorted(grant.code for grant in grants)),
    )
