"""A case: one person, equipment and process, found in the facts, with all that conditions look up."""

from dataclasses import dataclass

from qualsvc.kernel.calendar import LocalCalendar
from qualsvc.kernel.facts import Equipment, Person, Process
from qualsvc.kernel.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Place:
    """The equipment and process asked about; its site's calendar dates every person in the question."""

    snapshot: Snapshot
    equipment: Equipment
    process: Process
    calendar: LocalCalendar

    @classmethod
    def find(cls, snapshot: Snapshot, equipment: str, process: str) -> "Place | None":
        """The place, or None when the equipment or the process is not known."""
        known_equipment = snapshot.equipment.get(equipment)
        known_process = snapshot.processes.get(process)
        if known_equipment is None or known_process is None:
            return None
        return cls(snapshot, known_equipment, known_process, snapshot.calendar(known_equipment.site))


@dataclass(frozen=True, slots=True)
class Case:
    """A person at a place. `waivers` False reckons without them, as for a supervisor."""

    place: Place
    person: Person
    waivers: bool = True
