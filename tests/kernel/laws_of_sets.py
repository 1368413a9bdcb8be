"""Laws of sets of persons at one instant."""

from copy import deepcopy

from qualsvc.kernel.answer import case_timeline
from qualsvc.kernel.case import Case, Place
from qualsvc.kernel.crowd import Crowd
from qualsvc.kernel.moment import Moment, crowd_states
from tests.differential.compare import snapshot_of
from tests.differential.crowds import crowded
from tests.kernel.drawn import Drawn

_MORE = 8


def sets_are_everyones_states(drawn: Drawn) -> None:
    """At boundaries, and 1 µs about them, everyone's state among all is that of their own timeline, waivers or not."""
    documents = deepcopy(drawn.documents)
    crowded(documents, _MORE, drawn.rng)
    snapshot = snapshot_of(documents)
    crowd = Crowd(snapshot)
    for question, _, instants in drawn.cases():
        place = Place.find(snapshot, question.equipment, question.process)
        assert place is not None
        asked = (question.equipment, question.process)
        for waivers in (True, False):
            lines = {code: case_timeline(Case(place, person, waivers)) for code, person in snapshot.persons.items()}
            for t in drawn.rng.sample(instants, min(6, len(instants))):
                states = Moment(crowd, t).states(*asked, waivers=waivers)
                assert {code: states.state(bit) for code, bit in crowd.bits.items()} == {
                    code: line.at(t) for code, line in lines.items()
                }, (asked, t, waivers)
                if waivers:
                    entering, of_pair = crowd_states(snapshot, *asked, t)
                    assert entering.listed(of_pair.allowed) == crowd.listed(states.allowed)
                    assert entering.listed(of_pair.conditional) == crowd.listed(states.conditional)
