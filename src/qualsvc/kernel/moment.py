"""A crowd at one instant: everyone's states on a machine for a process, or on every machine."""

from collections.abc import Hashable, Iterable

from qualsvc.kernel.case import Place
from qualsvc.kernel.crowd import Crowd
from qualsvc.kernel.gates import equipment_gates
from qualsvc.kernel.planes import Planes
from qualsvc.kernel.rules import case_state
from qualsvc.kernel.sets import CrowdCases, Sets
from qualsvc.kernel.snapshot import Snapshot


def crowd_states(snapshot: Snapshot, equipment: str, process: str, instant: int) -> tuple[Crowd, Planes]:
    """The states for a pair at an instant of all to whom it may be open. Who is not in that crowd is denied."""
    crowd = Crowd(snapshot, _entering(snapshot, (equipment,), process))
    return crowd, Moment(crowd, instant).states(equipment, process)


def crowd_matrix(snapshot: Snapshot, process: str, instant: int) -> tuple[Crowd, dict[str, Planes]]:
    """The states for a process on every machine of all to whom any may be open. Who is not in that crowd is denied."""
    crowd = Crowd(snapshot, _entering(snapshot, snapshot.equipment, process))
    return crowd, Moment(crowd, instant).matrix(process)


def _entering(snapshot: Snapshot, machines: Iterable[str], process: str) -> Iterable[str] | None:
    """Whoever was ever assigned to a position with a grant there; None, for everyone, where there is a grant without."""
    places = [Place.find(snapshot, code, process) for code in machines]
    rules = [snapshot.applicable_rules(place.equipment, place.process) for place in places if place is not None]
    positions = {position for applicable in rules for position in applicable.grants}
    if None in positions:
        return None
    return [assignment.person for assignment in snapshot.assignments if assignment.position in positions]


class Moment:
    """Everyone's states at one instant, nothing discharged. What places have in common is reckoned once.

    INVARIANT: good for as long as no fact of the crowd's snapshot changes. What is unknown is denied to everyone.
    """

    def __init__(self, crowd: Crowd, instant: int) -> None:
        self.crowd = crowd
        self.instant = instant
        self._view = Sets(crowd, instant)
        self._known: dict[Hashable, Planes] = {}

    def states(self, equipment: str, process: str, *, waivers: bool = True) -> Planes:
        """Everyone's states for a pair; without waivers, as supervisors are reckoned, where `waivers` is False."""
        place = Place.find(self.crowd.snapshot, equipment, process)
        if place is None or not self.crowd.codes:
            return self._view.nobody
        key = (*self._told_apart(place), process, waivers)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = case_state(self._view, CrowdCases(self._view, place, waivers))
        return known

    def matrix(self, process: str, equipment: Iterable[str] | None = None) -> dict[str, Planes]:
        """Everyone's states for a process on all machines, or on these; machines alike share theirs."""
        codes = self.crowd.snapshot.equipment if equipment is None else equipment
        return {code: self.states(code, process) for code in codes}

    def _told_apart(self, place: Place) -> tuple[Hashable, ...]:
        """Of a machine, all that the formula looks at: its code where something names it, its condition by its gates."""
        machine = place.equipment
        usable = equipment_gates(self._view, place).allowed == self.crowd.everyone
        alone = machine.code if machine.code in self.crowd.named else None
        return machine.equipment_class, machine.site, frozenset(machine.ratings.items()), usable, alone
