"""A small share of the run that `python -m tests.differential` does at length."""

import pytest

from tests.differential.compare import Tally, compared

SEED = 20261121


@pytest.mark.parametrize("first", range(0, 320, 40))
def test_kernel_and_reference_agree(first: int) -> None:
    """Decision, obligations, `valid_until` and `worst_from` are the same in both, for a thousand pairs each."""
    tally = Tally()
    for number in range(first, first + 40):
        tally.add(compared(SEED, number))
    assert tally.mismatches == []
    assert tally.pairs == 1000


def test_the_generator_is_aimed() -> None:
    """A good third of the answers are conditional or bound in time, and each decision and all six states come up."""
    tally = Tally()
    for number in range(60):
        tally.add(compared(SEED, number))
    assert tally.time_bound + tally.decisions["conditional"] >= tally.pairs / 3
    assert min(tally.decisions[name] for name in ("allow", "conditional", "deny")) >= tally.pairs / 20
    assert set(tally.residuals) == {0, 8, 10, 12, 14, 15}
