"""Figures measured in pairs, and how they are shown."""

import pytest
from benchmarks.figures import Spread, in_turns, shown, shown_spread


def test_the_result_is_the_median_of_the_ratios_of_each_round() -> None:
    """Not the ratio of medians: a round in which the machine was slow slowed both."""
    assert Spread.of_ratios([10, 2, 30], [10, 4, 10]) == Spread(1.0, 0.5, 3.0, 3)


def test_rounds_that_do_not_pair_are_refused() -> None:
    """A figure without its partner of the same round is a mistake."""
    with pytest.raises(ValueError, match="zip"):
        Spread.of_ratios([1, 2], [1])


def test_turns_go_there_and_back() -> None:
    """None is always first, and neighbours stay neighbours."""
    assert [in_turns("abc", turn) for turn in range(3)] == [["a", "b", "c"], ["c", "b", "a"], ["a", "b", "c"]]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.01234, "0.0123"), (1.2, "1.2"), (54.63, "54.6"), (999.7, "1,000"), (30_123.4, "30,123")],
)
def test_three_digits_count(value: float, text: str) -> None:
    """More would claim what was not measured."""
    assert shown(value) == text


def test_a_spread_says_its_ends_where_there_were_rounds() -> None:
    """What was measured once has none."""
    assert shown_spread(Spread.of([3.0, 1.0, 2.0])) == "2 (1–3)"
    assert shown_spread(Spread.of([2.0])) == "2"
