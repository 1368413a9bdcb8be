"""Entry: whether a person may be on a site at all, before any equipment or process is spoken of."""

from qualsvc.kernel.case import Case, Place
from qualsvc.kernel.explanations import Explanations
from qualsvc.kernel.facts import Equipment, Person, Process
from qualsvc.kernel.gates import person_gates
from qualsvc.kernel.reasons import Reason, ordered
from qualsvc.kernel.snapshot import Snapshot

# No code is empty, so a restriction covers this place only where it covers the site as a whole.
_ANYTHING = Process(code="", parent=None, maintenance=False)


def refusals(snapshot: Snapshot, person: Person, site: str, instant: int) -> tuple[Reason, ...]:
    """The person gates that fail on the site at the instant; none: the person may enter. The site must be known."""
    ground = Equipment(code="", equipment_class="", site=site, status="in_service", inspection_valid_until=None, ratings={})
    place = Place(snapshot, ground, _ANYTHING, snapshot.calendar(site))
    return ordered(person_gates(Explanations(instant), Case(place, person)).reasons)
