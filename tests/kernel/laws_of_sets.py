"""Laws of sets of persons at one instant."""

from copy import deepcopy

from qualsvc.kernel import states
from qualsvc.kernel.answer import case_timeline
from qualsvc.kernel.case import Case, Place
from qualsvc.kernel.crowd import Crowd
from qualsvc.kernel.instants import FOREVER
from qualsvc.kernel.moment import Moment, crowd_matrix, crowd_states
from qualsvc.kernel.planes import Planes
from qualsvc.kernel.states import ALLOW, BOTH, CONFIRMED, DENY, EITHER, SUPERVISED
from tests.differential.compare import Document, snapshot_of
from tests.differential.crowds import crowded
from tests.kernel.drawn import Drawn

_MORE = 6
_STATES = (DENY, BOTH, CONFIRMED, SUPERVISED, EITHER, ALLOW)


def sets_are_counted_for_everyone(drawn: Drawn) -> None:
    """n-of for a crowd is n-of for each person's states."""
    persons, parts = 12, 5
    table = [[drawn.rng.choice(_STATES) for _ in range(persons)] for _ in range(parts)]
    for number in range(1, parts + 1):
        values = [
            Planes(*(sum((state >> given & 1) << bit for bit, state in enumerate(part)) for given in range(4)))
            for part in table
        ]
        some = Planes.at_least(number, values)
        expected = [states.at_least(number, list(of_person)) for of_person in zip(*table, strict=True)]
        assert expected == [some.state(bit) for bit in range(persons)]


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
        ended = [assignment.valid_until for assignment in snapshot.assignments if assignment.valid_until < FOREVER]
        chosen = [*drawn.rng.sample(instants, min(3, len(instants))), drawn.rng.choice([*ended, question.at])]
        moments = [Moment(crowd, t) for t in chosen]
        for equipment, process in (*((code, question.process) for code in (machine["code"], *twins)), *processes):
            place = Place.find(snapshot, equipment, process)
            assert place is not None
            for waivers in (True, False):
                lines = {code: case_timeline(Case(place, person, waivers=waivers)) for code, person in snapshot.persons.items()}
                for moment in moments:
                    judged = moment.states(equipment, process, waivers=waivers)
                    found = {code: judged.state(bit) for code, bit in crowd.bits.items()}
                    assert found == {code: line.at(moment.instant) for code, line in lines.items()}, (
                        equipment,
                        process,
                        waivers,
                    )
        for moment in moments:
            judged = moment.states(question.equipment, question.process)
            entering, of_pair = crowd_states(snapshot, question.equipment, question.process, moment.instant)
            assert sorted(entering.listed(of_pair.allowed)) == sorted(crowd.listed(judged.allowed))
            assert sorted(entering.listed(of_pair.conditional)) == sorted(crowd.listed(judged.conditional))
            entering, of_all = crowd_matrix(snapshot, question.process, moment.instant)
            for equipment, judged in moment.matrix(question.process).items():
                assert sorted(entering.listed(of_all[equipment].allowed)) == sorted(crowd.listed(judged.allowed))
                assert sorted(entering.listed(of_all[equipment].conditional)) == sorted(crowd.listed(judged.conditional))
