"""The check: which ratios count as worse, and what is said of them."""

from typing import Literal

from benchmarks.check import compared, slower
from benchmarks.figures import Figure, Spread


def figure(*rounds: float, key: str = "ask.throughput/bare", better: Literal["more", "less"] = "more") -> dict[str, Figure]:
    return {key: Figure(key, "throughput ÷ bare ASGI's", "×", Spread.of(rounds), better)}


def test_a_ratio_within_its_tolerance_passes() -> None:
    """A little worse is what two runs of the same code differ by."""
    assert list(slower(figure(1.2), figure(1.1))) == []


def test_a_ratio_beyond_it_is_named_with_both_figures() -> None:
    """Who reads it learns what got slower, and by how much."""
    (sentence,) = slower(figure(1.2), figure(0.8))
    assert sentence == "ask, throughput ÷ bare ASGI's: 0.8 now, 1.2 committed; worse by 50%, 15% is let pass"


def test_less_can_be_better() -> None:
    """Of times, more is worse."""
    before, now = (figure(value, key="ask.cpu/bare", better="less") for value in (1.0, 1.3))
    assert len(list(slower(before, now))) == 1
    assert list(slower(now, before)) == []


def test_disturbed_rounds_are_judged_by_the_better_ones() -> None:
    """What disturbs a round makes it slower, so halfway to the best round is what counts."""
    assert list(slower(figure(1.2), figure(0.7, 0.9, 1.25))) == []
    assert len(list(slower(figure(1.2), figure(0.7, 0.8, 0.9)))) == 1


def test_times_are_never_compared() -> None:
    """They belong to the machine that measured them."""
    before, now = (
        {"kernel.known": Figure("kernel.known", "kernel", "µs", Spread.of([microseconds]))} for microseconds in (2.0, 200.0)
    )
    assert list(slower(before, now)) == []


def test_what_only_one_run_measured_is_passed_over() -> None:
    """A peer that is not installed here proves nothing."""
    assert list(slower(figure(1.2), {})) == []


def test_what_others_do_is_not_ours_to_check() -> None:
    """A framework that got slower is no finding."""
    before, now = (figure(value, key="everybody.throughput/FastAPI") for value in (0.2, 0.1))
    assert list(slower(before, now)) == []


def test_only_ratios_of_ours_that_both_runs_have_are_compared() -> None:
    """So that a check that compared nothing can say so."""
    times = {"kernel.known": Figure("kernel.known", "kernel", "µs", Spread.of([2.0]))}
    both = figure(1.2) | times | figure(1.0, key="everybody.throughput/FastAPI")
    assert compared(both, both) == ["ask.throughput/bare"]
    assert compared(both, times) == []
