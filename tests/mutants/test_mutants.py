"""The mutants fit the kernel as it is, and a few of them, others each day, are tried for real."""

from datetime import UTC, datetime
from pathlib import Path

from tests.mutants.listed import MUTANTS
from tests.mutants.runner import verdicts, write_corpus

_TRIED = 8
_PLANTS = 30


def test_every_mutant_can_be_planted() -> None:
    """The text a mutant replaces occurs exactly once, and it becomes another one."""
    assert [mutant.name for mutant in MUTANTS if mutant.occurrences() != 1] == []
    assert [mutant.name for mutant in MUTANTS if mutant.old == mutant.new] == []
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


def test_a_few_mutants_are_caught(tmp_path: Path) -> None:
    """Of eight mutants, others each day, none passes for the right kernel; `python -m tests.mutants` tries all."""
    day = datetime.now(UTC).toordinal()
    chosen = [MUTANTS[(day * _TRIED + number) % len(MUTANTS)] for number in range(_TRIED)]
    corpus = tmp_path / "pairs"
    write_corpus(corpus, _PLANTS)
    survivors = [one.mutant.name for one in verdicts(chosen, corpus, 60.0, workers=2) if one.caught_by is None]
    assert survivors == []
