"""Everyone at once is everyone one by one: a share of the run that `python -m tests.differential --sets` does at length."""

import random
from collections import Counter
from datetime import date

import pytest

from qualsvc.kernel.answer import case_timeline
from qualsvc.kernel.case import Case, Place
from qualsvc.kernel.crowd import Crowd
from qualsvc.kernel.moment import Moment
from qualsvc.kernel.planes import Planes
from qualsvc.kernel.states import decision
from tests.differential.compare import Tally, snapshot_of
from tests.differential.crowds import crowd_compared, crowded, sets_compared
from tests.reference.plants import random_plant
from tests.sample.plant import Sample, begins

SEED = 20261122


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_sets_and_timelines_agree(first: int) -> None:
    """Sets of persons hold the state that each person's timeline has, at boundaries and 1 µs about them."""
    tally = Tally()
    for number in range(first, first + 20):
        tally.add(sets_compared(SEED, number))
    assert tally.mismatches == []
    assert set(tally.residuals) == {0, 8, 10, 12, 14, 15}


def test_large_crowds_agree() -> None:
    """So it is where sets are large enough to be sparse, and many have facts alike."""
    rng = random.Random(SEED)
    documents = random_plant(rng)
    crowded(documents, 150, rng)
    tally = crowd_compared(snapshot_of(documents), rng, "the large one")
    assert tally.mismatches == []
    assert tally.pairs > 10_000


def test_the_sample_agrees() -> None:
    """So it is in a whole plant of two zones, for processes on machines of every class."""
    today = date(2026, 11, 21)
    snapshot, t = Sample.made_on(today).snapshot, begins(today, "NGB")
    crowd = Crowd(snapshot)
    moment = Moment(crowd, t)
    machines = {machine.equipment_class: machine.code for machine in snapshot.equipment.values()}.values()
    decided = Counter[str]()
    for process in snapshot.processes:
        for equipment, states in moment.matrix(process, machines).items():
            place = Place.find(snapshot, equipment, process)
            assert place is not None
            if not snapshot.applicable_rules(place.equipment, place.process).grants:
                assert states == Planes.flat(0)
                continue
            for code, bit in crowd.bits.items():
                state = case_timeline(Case(place, snapshot.persons[code])).at(t)
                decided[decision(state)] += 1
                assert state == states.state(bit), (code, equipment, process)
    assert min(decided[name] for name in ("allow", "conditional", "deny")) > 0
