"""A case: one person, equipment and process, found in the facts, with all that conditions look up."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from qualsvc.kernel.calendar import LocalCalendar
from qualsvc.kernel.facts import Assignment, Certificate, Equipment, Person, Process, Restriction, TrainingRecord, Waiver
from qualsvc.kernel.planes import Members
from qualsvc.kernel.requirements import CertificateRequirement, TrainingRequirement
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.kernel.value import value

F = TypeVar("F")
Held = Sequence[tuple[Members, F]]
"""Facts, each with the persons it stands for."""

_THE_PERSON: Members = 1


@value()
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


class Cases(Protocol):
    """One case, or those of many persons at one place: what conditions look at.

    A fact may stand for those of several persons, and the same person may have several. Who has none of a kind is in no set.
    """

    @property
    def place(self) -> Place: ...
    @property
    def waivers(self) -> bool: ...

    def persons(self) -> Held[Person]:
        """Everyone, each once."""
        ...

    def restrictions(self) -> Held[Restriction]:
        """All that may cover the place."""
        ...

    def assignments(self, position: str) -> Held[Assignment]:
        """Those to the position."""
        ...

    def certificates(self, types: frozenset[str], asked: CertificateRequirement) -> Held[Certificate]:
        """Those of the types, which may serve what is asked or not."""
        ...

    def histories(self, asked: TrainingRequirement) -> Held[Sequence[TrainingRecord]]:
        """All records that a person has of the course, in no particular order; everyone once, also who has none."""
        ...

    def waivers_of(self, rule: str) -> Held[Waiver]:
        """Those of the rule."""
        ...


class Case:
    """A person at a place. `waivers` False reckons without them, as for a supervisor."""

    __slots__ = ("_certificates", "_training_records", "person", "place", "waivers")

    def __init__(self, place: Place, person: Person, *, waivers: bool = True) -> None:
        self.place = place
        self.person = person
        self.waivers = waivers
        # Looked at by many rules.
        self._certificates = place.snapshot.certificates.of(person.code)
        self._training_records = place.snapshot.training_records.of(person.code)

    def persons(self) -> Held[Person]:
        return ((_THE_PERSON, self.person),)

    def restrictions(self) -> Held[Restriction]:
        return [(_THE_PERSON, one) for one in self.place.snapshot.restrictions.of(self.person.code)]

    def assignments(self, position: str) -> Held[Assignment]:
        held = self.place.snapshot.assignments.of(self.person.code)
        return [(_THE_PERSON, one) for one in held if one.position == position]

    def certificates(self, types: frozenset[str], asked: CertificateRequirement) -> Held[Certificate]:  # noqa: ARG002
        return [(_THE_PERSON, one) for one in self._certificates if one.type in types]

    def histories(self, asked: TrainingRequirement) -> Held[Sequence[TrainingRecord]]:
        return ((_THE_PERSON, [one for one in self._training_records if one.course == asked.course]),)

    def waivers_of(self, rule: str) -> Held[Waiver]:
        return [(_THE_PERSON, one) for one in self.place.snapshot.waivers.of(self.person.code) if one.rule == rule]
