"""Whom a rule finds: who holds its position, who meets its requirement, on the machines in its scope.

Facts may change between two slices. A warning then tells of some and of others; it decides nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import ge

from qualsvc.kernel.case import Case, Place
from qualsvc.kernel.facts import Equipment, Rule
from qualsvc.kernel.gates import person_gates
from qualsvc.kernel.requirements import CertificateRequirement, leaves
from qualsvc.kernel.rules import requirement_state
from qualsvc.kernel.scope import at_equipment
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.kernel.states import ALLOW
from qualsvc.kernel.timelines import Timelines
from qualsvc.store.pacing import paced

MOST_LOOKED_AT = 20
"""Of so many sorts of machines, those that ask least and those that ask most, each person is looked at."""

_Sort = tuple[tuple[float, ...], str]
"""The ratings a requirement has to be met for, and the time zone whose dates count."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """The machines on which nobody meets a requirement, and whether these are all that were looked at."""

    equipment: list[str]
    everywhere: bool


async def machines_in_scope(snapshot: Snapshot, rule: Rule) -> list[Equipment]:
    """The machines the rule matches, retired ones left out."""
    lines: dict[str, tuple[str, ...]] = {}
    found = []
    async for machine in paced(list(snapshot.equipment.values())):
        name = machine.equipment_class
        if name not in lines:
            lines[name] = snapshot.class_line(name)
        if machine.status != "retired" and at_equipment((rule,), machine, lines[name]):
            found.append(machine)
    return found


async def nobody_holds(snapshot: Snapshot, position: str, instant: int) -> bool:
    """Whether no active person holds the position at the instant, be it on trial."""
    async for assignment in paced(list(snapshot.assignments)):
        if assignment.position == position and assignment.valid_from <= instant < assignment.valid_until:
            person = snapshot.persons.get(assignment.person)
            if person is not None and person.status == "active":
                return False
    return True


async def unmet_requirement(snapshot: Snapshot, rule: Rule, machines: Sequence[Equipment], instant: int) -> Unmet | None:
    """Where nobody who passes the gates meets the requirement at the instant; None when somebody does wherever it looked."""
    sorts = await _sorts(snapshot, rule, machines)
    ordered = sorted(sorts)
    looked_at = ordered if len(ordered) <= MOST_LOOKED_AT else ordered[: MOST_LOOKED_AT // 2] + ordered[-MOST_LOOKED_AT // 2 :]
    hard: list[_Sort] = []
    for sort in looked_at:
        if not _no_less(sort, hard) and not await _somebody_meets(snapshot, rule, sorts[sort][0], instant):
            hard.append(sort)
    unmet = [sort for sort in ordered if _no_less(sort, hard)]
    if not unmet:
        return None
    return Unmet([machine.code for sort in unmet for machine in sorts[sort]], len(unmet) == len(ordered))


async def _sorts(snapshot: Snapshot, rule: Rule, machines: Sequence[Equipment]) -> dict[_Sort, list[Equipment]]:
    """The machines by what they ask of a person; no limit covers a rating that is missing."""
    asked = (leaf for leaf in leaves(rule.requirement) if isinstance(leaf, CertificateRequirement))
    measures = sorted({name for leaf in asked for name in leaf.covers})
    sorts: dict[_Sort, list[Equipment]] = defaultdict(list)
    async for machine in paced(machines):
        site = snapshot.sites.get(machine.site)
        if site is not None:
            ratings = tuple(machine.ratings.get(name, float("inf")) for name in measures)
            sorts[ratings, site.time_zone].append(machine)
    return sorts


def _no_less(sort: _Sort, others: Iterable[_Sort]) -> bool:
    """Whether a sort asks at least what one of the others does: who does not meet that one does not meet it either."""
    ratings, zone = sort
    return any(zone == other[1] and all(map(ge, ratings, other[0])) for other in others)


async def _somebody_meets(snapshot: Snapshot, rule: Rule, machine: Equipment, instant: int) -> bool:
    process = rule.process or next(iter(snapshot.processes), "")  # a requirement asks nothing of the process
    place = Place.find(snapshot, machine.code, process)
    if place is None:
        return True
    view = Timelines()
    async for person in paced(list(snapshot.persons.values())):
        if person_gates(view, Case(place, person)).at(instant) != ALLOW:
            continue
        if requirement_state(view, Case(place, person), rule).at(instant) == ALLOW:
            return True
    return False
