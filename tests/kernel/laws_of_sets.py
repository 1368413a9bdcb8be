"""Laws of sets of persons at one instant."""

from copy import deepcopy

from qualsvc.kernel.answer import case_timeline
from qualsvc.kernel.case import Case, Place
from qualsvc.kernel.crowd import Crowd
from qualsvc.kernel.moment import Moment, crowd_matrix, crowd_states
from tests.differential.compare import Document, snapshot_of
from tests.differential.crowds import crowded
from tests.kernel.drawn import Drawn

_MORE = 6


def sets_are_everyones_states(drawn: Drawn) -> None:
    """At boundaries, and 1 µs about them, everyone's state among all is that of their own timeline, waivers or not."""
    documents = deepcopy(drawn.documents)
    crowded(documents, _MORE, drawn.rng)
    machine = drawn.rng.choice(list(documents["equipment"].values()))
    twins: dict[str, Document] = {
        "TWIN": {},
        "RETIRED": {"status": "retired"},
        "HEAVY": {"ratings": {"tonnes": 10, "volts": 10}},
    }
    documents["equipment"] |= {code: {**machine, "code": code, **changed} for code, changed in twins.items()}
    snapshot = snapshot_of(documents)
    crowd = Crowd(snapshot)
    for question, _, instants in drawn.cases():
        processes = [(question.equipment, process) for process in snapshot.processes]
        moments = [Moment(crowd, t) for t in drawn.rng.sample(instants, min(4, len(instants)))]
        for equipment, process in (*((code, question.process) for code in (machine["code"], *twins)), *processes):
            place = Place.find(snapshot, equipment, process)
            assert place is not None
            for waivers in (True, False):
                lines = {code: case_timeline(Case(place, person, waivers)) for code, person in snapshot.persons.items()}
                for moment in moments:
                    states = moment.states(equipment, process, waivers=waivers)
                    found = {code: states.state(bit) for code, bit in crowd.bits.items()}
                    assert found == {code: line.at(moment.instant) for code, line in lines.items()}, (
                        equipment,
                        process,
                        waivers,
                    )
        for moment in moments:
            states = moment.states(question.equipment, question.process)
            entering, of_pair = crowd_states(snapshot, question.equipment, question.process, moment.instant)
            assert sorted(entering.listed(of_pair.allowed)) == sorted(crowd.listed(states.allowed))
            assert sorted(entering.listed(of_pair.conditional)) == sorted(crowd.listed(states.conditional))
            entering, of_all = crowd_matrix(snapshot, question.process, moment.instant)
            for equipment, states in moment.matrix(question.process).items():
                assert sorted(entering.listed(of_all[equipment].allowed)) == sorted(crowd.listed(states.allowed))
                assert sorted(entering.listed(of_all[equipment].conditional)) == sorted(crowd.listed(states.conditional))
