"""AND, OR and n-of are what they are called, for every carrier of decisions."""

from functools import reduce
from itertools import combinations, product
from operator import and_, or_

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualsvc.kernel import states
from qualsvc.kernel.explanation import Explanation
from qualsvc.kernel.instants import BEGINNING, FOREVER
from qualsvc.kernel.reasons import Reason, ReasonCode
from qualsvc.kernel.states import ALLOW, BOTH, CONFIRMED, DENY, EITHER, RESIDUALS, SUPERVISED, State
from qualsvc.kernel.timeline import Timeline, combine

STATES = (DENY, BOTH, CONFIRMED, SUPERVISED, EITHER, ALLOW)
a_state = st.sampled_from(STATES)
an_instant = st.integers(-20, 20)


@st.composite
def a_timeline(draw: st.DrawFn) -> Timeline:
    starts = sorted(draw(st.sets(an_instant, max_size=6)))
    return Timeline.of_steps([(start, draw(a_state)) for start in (BEGINNING, *starts)])


@st.composite
def an_explanation(draw: st.DrawFn) -> Explanation:
    state = draw(a_state)
    codes: tuple[ReasonCode, ...] = (
        ("waived", "expiring_soon") if state == ALLOW else ("certificate_expired", "restricted", "waived")
    )
    names: list[ReasonCode] = draw(st.lists(st.sampled_from(codes), max_size=2))
    return Explanation(state, tuple(Reason(code=code, subject=draw(st.sampled_from("abc"))) for code in names))


def _expanded(number: int, values: list[State]) -> State:
    return reduce(or_, (reduce(and_, choice) for choice in combinations(values, number)))


def test_states_are_monotone_tables() -> None:
    """The six states are all the tables in which more given never allows less."""
    monotone = [
        table
        for table in range(16)
        if all((table >> less) & 1 <= (table >> more) & 1 for less, more in ((0, 1), (0, 2), (1, 3), (2, 3)))
    ]
    assert monotone == sorted(STATES)


@pytest.mark.parametrize(("number", "length"), [(n, size) for size in (1, 2, 3) for n in range(1, size + 1)])
def test_at_least_of_states_is_its_expansion(number: int, length: int) -> None:
    """n-of is the OR over every choice of n of the AND of the choice, for all states."""
    for values in product(STATES, repeat=length):
        assert states.at_least(number, list(values)) == _expanded(number, list(values))


def test_residuals_commute_with_and_and_or() -> None:
    """Giving first and combining then is combining first and giving then; giving twice is giving both."""
    for left, right, given_, other in product(STATES, STATES, range(4), range(4)):
        assert RESIDUALS[left & right][given_] == RESIDUALS[left][given_] & RESIDUALS[right][given_]
        assert RESIDUALS[left | right][given_] == RESIDUALS[left][given_] | RESIDUALS[right][given_]
        assert RESIDUALS[RESIDUALS[left][given_]][other] == RESIDUALS[left][given_ | other]
        assert RESIDUALS[left][given_] | left == RESIDUALS[left][given_]  # nothing given makes it worse
    assert [RESIDUALS[state][0] for state in STATES] == list(STATES)
    assert RESIDUALS[BOTH] == (BOTH, SUPERVISED, CONFIRMED, ALLOW)


def test_obligations_of_each_state() -> None:
    """Each state asks for its minimal sets, sorted."""
    expected = {
        DENY: (),
        BOTH: (("confirmation", "supervisor_present"),),
        CONFIRMED: (("confirmation",),),
        SUPERVISED: (("supervisor_present",),),
        EITHER: (("confirmation",), ("supervisor_present",)),
        ALLOW: (),
    }
    assert {state: states.obligations(state) for state in STATES} == expected


@given(a_timeline(), a_timeline(), a_timeline())
def test_timelines_are_a_lattice(a: Timeline, b: Timeline, c: Timeline) -> None:
    """AND and OR of timelines commute, associate, absorb, distribute and have their neutral elements."""
    assert (a & b, a | b) == (b & a, b | a)
    assert ((a & b) & c, (a | b) | c) == (a & (b & c), a | (b | c))
    assert (a & (a | b), a | (a & b)) == (a, a)
    assert (a & (b | c), a | (b & c)) == ((a & b) | (a & c), (a | b) & (a | c))
    always, never = Timeline.constant(ALLOW), Timeline.constant(DENY)
    assert (a & always, a | never, a & never, a | always) == (a, a, never, always)


@given(st.lists(a_timeline(), min_size=1, max_size=4), st.data())
def test_timelines_are_pointwise(timelines: list[Timeline], data: st.DataObject) -> None:
    """At every instant AND, OR, n-of and any other operation is that of the states there."""
    number = data.draw(st.integers(1, len(timelines)))
    some = Timeline.at_least(number, timelines)
    first, last = timelines[0], timelines[-1]
    given_ = combine(lambda one, other: one & other | 0b1000, first, last)
    for t in range(-22, 23):
        assert some.at(t) == states.at_least(number, [one.at(t) for one in timelines])
        assert (first & last).at(t) == first.at(t) & last.at(t)
        assert (first | last).at(t) == first.at(t) | last.at(t)
        assert given_.at(t) == first.at(t) & last.at(t) | 0b1000
        assert first.map(lambda state: RESIDUALS[state][1]).at(t) == RESIDUALS[first.at(t)][1]
    assert some == reduce(or_, (reduce(and_, choice) for choice in combinations(timelines, number)))


@given(a_timeline(), an_instant, an_instant)
def test_steps_and_next_change_read_the_timeline(timeline: Timeline, start: int, end: int) -> None:
    """`steps` tells every stretch of a window once, `next_change` the first instant with another state."""
    stretches = dict(timeline.steps(start, end))
    assert next(iter(stretches)) == start
    known = None
    for t in range(start, max(end, start + 1)):
        known = stretches.get(t, known)
        assert known == timeline.at(t)
    assert all(start <= t < max(end, start + 1) for t in stretches)
    later = timeline.next_change(start)
    instants = range(start + 1, 22)
    assert later == next((t for t in instants if timeline.at(t) != timeline.at(start)), None)


@given(an_instant, an_instant, a_state, a_state)
def test_between_is_half_open(start: int, end: int, inside: State, outside: State) -> None:
    """A stretch holds from its start to just before its end; an empty one nowhere."""
    timeline = Timeline.between(start, end, inside, outside)
    for t in range(-22, 23):
        assert timeline.at(t) == (inside if start <= t < end else outside)
    assert Timeline.between(start, FOREVER).at(FOREVER - 1) == ALLOW


@given(st.lists(an_explanation(), min_size=1, max_size=4), st.data())
def test_explanations_hold_the_states(values: list[Explanation], data: st.DataObject) -> None:
    """The state of an explanation is what states alone give, and an OR or n-of tells the same in any order."""
    number = data.draw(st.integers(1, len(values)))
    plain = [value.state for value in values]
    assert reduce(and_, values).state == reduce(and_, plain)
    assert reduce(or_, values).state == reduce(or_, plain)
    some = Explanation.at_least(number, values)
    assert some.state == states.at_least(number, plain)
    shuffled = Explanation.at_least(number, data.draw(st.permutations(values)))
    assert (shuffled.state, set(shuffled.reasons)) == (some.state, set(some.reasons))
    if some.state != ALLOW:
        assert set(some.reasons) == {reason for value in values for reason in value.reasons}
