"""Nobody is measured who answers otherwise, or cannot take part."""

import pytest
from benchmarks.answers import DisagreementError, compare
from benchmarks.contestant import InProcess, Verdict
from benchmarks.contestants import present
from benchmarks.kernel import KNOWN
from benchmarks.parts import PARTS
from benchmarks.plant import Asked

ASKED = [Asked("P1", "CRANE-1", "LIFT"), Asked("P2", "CRANE-1", "LIFT"), Asked("P3", "CRANE-1", "LIFT")]
RIGHT: list[Verdict] = ["allow", "conditional", "deny"]


def test_the_same_answers_pass() -> None:
    """Word for word where the engine has all three."""
    compare("peer", ASKED, RIGHT, iter(RIGHT))


def test_an_engine_of_yes_and_no_is_compared_by_yes() -> None:
    """A condition is no yes."""
    compare("peer", ASKED, RIGHT, [True, False, False])


def test_other_answers_are_refused_by_name() -> None:
    """Who it was, which questions, what was said and what is right."""
    with pytest.raises(
        DisagreementError, match=r"peer answers 1 of 3 questions otherwise:\nP2 CRANE-1 LIFT: True, not conditional"
    ):
        compare("peer", ASKED, RIGHT, [True, True, False])


def test_too_few_answers_are_refused() -> None:
    """An engine that stops answering has not agreed."""
    with pytest.raises(ValueError, match="shorter"):
        compare("peer", ASKED, RIGHT, [True])


def test_who_is_not_installed_is_left_out_with_a_sentence() -> None:
    """The others take part all the same."""
    away = InProcess("oso", "0.27", KNOWN.make, missing=lambda: "it is not installed; run `pip install oso`")
    there, sentences = present([away, KNOWN])
    assert there == [KNOWN]
    assert sentences == ["oso was left out: it is not installed; run `pip install oso`"]


def test_every_part_says_how_long_it_takes() -> None:
    """Quick runs are told as shorter ones."""
    assert all(part.seconds(True) <= part.seconds(False) for part in PARTS.values())
    assert sum(part.seconds(True) for part in PARTS.values()) < 300
