"""AND, OR and n-of of sets of persons are those of each person's states."""

from functools import reduce
from itertools import combinations
from operator import and_, or_

from hypothesis import given
from hypothesis import strategies as st

from qualsvc.kernel import states
from qualsvc.kernel.planes import Planes
from qualsvc.kernel.states import ALLOW, BOTH, CONFIRMED, DENY, EITHER, SUPERVISED, State

PERSONS = 9
EVERYONE = (1 << PERSONS) - 1
STATES = (DENY, BOTH, CONFIRMED, SUPERVISED, EITHER, ALLOW)
some_states = st.lists(st.sampled_from(STATES), min_size=PERSONS, max_size=PERSONS)
# Conditions that hold or do not are most of all, and go their own, shorter way.
flat_states = st.lists(st.sampled_from((DENY, ALLOW)), min_size=PERSONS, max_size=PERSONS)


def planes_of(of_persons: list[State]) -> Planes:
    """Everyone's states as planes; flat where they can be."""
    planes = [sum((state >> given_ & 1) << bit for bit, state in enumerate(of_persons)) for given_ in range(4)]
    return Planes.flat(planes[0]) if planes[0] == planes[3] else Planes(*planes)


def states_of(planes: Planes) -> list[State]:
    """The state of each person."""
    return [planes.state(bit) for bit in range(PERSONS)]


a_set = (some_states | flat_states).map(planes_of)


@given(a_set, a_set)
def test_and_and_or_are_everyones(a: Planes, b: Planes) -> None:
    """Two sets are combined person by person."""
    one, other = states_of(a), states_of(b)
    assert states_of(a & b) == [left & right for left, right in zip(one, other, strict=True)]
    assert states_of(a | b) == [left | right for left, right in zip(one, other, strict=True)]


@given(a_set, a_set, a_set)
def test_planes_are_a_lattice(a: Planes, b: Planes, c: Planes) -> None:
    """AND and OR of planes commute, associate, absorb, distribute and have their neutral elements."""
    assert (a & b, a | b) == (b & a, b | a)
    assert ((a & b) & c, (a | b) | c) == (a & (b & c), a | (b | c))
    assert (a & (a | b), a | (a & b)) == (a, a)
    assert (a & (b | c), a | (b & c)) == ((a & b) | (a & c), (a | b) & (a | c))
    always, never = Planes.flat(EVERYONE), Planes.flat(0)
    assert (a & always, a | never, a & never, a | always) == (a, a, never, always)
    assert hash(a & b) == hash(b & a)


@given(st.lists(a_set, min_size=1, max_size=5), st.data())
def test_at_least_is_its_expansion(values: list[Planes], data: st.DataObject) -> None:
    """n-of counts for everyone at once what choosing would give, and what n-of gives for each person's states."""
    number = data.draw(st.integers(1, len(values)))
    some = Planes.at_least(number, values)
    assert some == reduce(or_, (reduce(and_, choice) for choice in combinations(values, number)))
    assert states_of(some) == [
        states.at_least(number, list(of_person)) for of_person in zip(*map(states_of, values), strict=True)
    ]


@given(a_set)
def test_planes_tell_who_may(planes: Planes) -> None:
    """Who is allowed, who conditionally, and who may when something is discharged, are those with such a state."""
    told = states_of(planes)
    assert planes.allowed == sum(1 << bit for bit, state in enumerate(told) if state == ALLOW)
    assert planes.conditional == sum(1 << bit for bit, state in enumerate(told) if state not in (ALLOW, DENY))
    for discharged in range(4):
        assert planes.given(discharged) == sum(1 << bit for bit, state in enumerate(told) if state >> discharged & 1)


def test_alike_gives_everyone_one_state() -> None:
    """The same state for everyone is told so, and planes show what they hold."""
    for state in STATES:
        assert set(states_of(Planes.alike(state, EVERYONE))) == {state}
    assert "Planes(0b0, 0b1, 0b0, 0b1)" == repr(Planes.alike(CONFIRMED, 1))
    assert Planes.flat(1) != 1
