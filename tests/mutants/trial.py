"""`python -m tests.mutants.trial CORPUS BUDGET`: try the first `qualsvc` on the path until a check tells it from the right one.

Prints what did, and after how many seconds; exits 0 if something did, 3 if nothing.
"""

import itertools
import pickle
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.differential.compare import kernel_answer, snapshot_of
from tests.golden.asking import check as check_golden
from tests.golden.cases import all_cases
from tests.kernel import laws_of_reasons, laws_of_recommendations, laws_of_records, laws_of_sets, laws_of_time
from tests.kernel.calendars import changes, differences
from tests.kernel.drawn import Drawn
from tests.kernel.test_crowds import (
    test_training_lapses_for_each_by_their_own_day,
    test_who_fails_later_is_undone_from_that_day,
)
from tests.kernel.test_instants import IN_OTHER_WORDS, test_instants_in_other_words
from tests.kernel.test_parts import test_both_sides_of_a_copy_are_dicts_of_their_own
from tests.kernel.test_records import MOVED, test_rules_of_a_pair_follow_the_trees

Pairs = list[tuple[Any, Any, Any]]
SURVIVED = 3
_PLANTS_FIRST = 40
_ODD_ZONES = ("Pacific/Apia", "America/Sao_Paulo", "America/St_Johns", "America/Havana", "America/Toronto")
_LAWS_OF_RECORDS: tuple[Callable[[Drawn], None], ...] = (
    laws_of_records.folding_equals_loading,
    laws_of_records.copies_are_apart,
    laws_of_records.order_does_not_matter,
    laws_of_records.remembered_answers_are_fresh,
    laws_of_records.single_changes_fold,
)
_ALONE: tuple[Callable[[], None], ...] = (
    test_both_sides_of_a_copy_are_dicts_of_their_own,
    test_training_lapses_for_each_by_their_own_day,
    test_who_fails_later_is_undone_from_that_day,
)
_LAWS_OF_SETS = (laws_of_sets.sets_are_counted_for_everyone, laws_of_sets.sets_are_everyones_states)
_LAWS: tuple[Callable[[Drawn], None], ...] = (
    laws_of_time.timelines_are_pointwise,
    laws_of_time.explanations_agree,
    laws_of_time.discharges_agree,
    laws_of_time.what_is_known_changes_no_word,
    laws_of_time.answers_hold_until,
    laws_of_time.answers_stand,
    laws_of_time.windows_are_pointwise,
    *_LAWS_OF_RECORDS,
    laws_of_reasons.reasons_fit_the_decision,
    laws_of_reasons.reasons_are_so,
    laws_of_recommendations.recommending_decides_nothing,
    laws_of_recommendations.recommending_is_no_cause,
    laws_of_recommendations.recommendations_are_told_where_not_met,
)


def _pairs(corpus: Pairs) -> Iterator[tuple[str, Callable[[], None]]]:
    for documents, questions, expected in corpus:

        def compare(documents: Any = documents, questions: Any = questions, expected: Any = expected) -> None:
            snapshot = snapshot_of(documents)
            assert [kernel_answer(snapshot, question) for question in questions] == expected

        yield "differential", compare


def _laws(laws: Sequence[Callable[[Drawn], None]], seeds: Iterable[int]) -> Iterator[tuple[str, Callable[[], None]]]:
    for seed in seeds:
        for law in laws:

            def hold(seed: int = seed, law: Callable[[Drawn], None] = law) -> None:
                law(Drawn.by(seed))

            yield f"law {law.__name__}", hold


def _clocks() -> Iterator[tuple[str, Callable[[], None]]]:
    for zone in _ODD_ZONES:

        def agree(zone: str = zone) -> None:
            assert list(differences(zone, changes(zone))) == []

        yield "calendar", agree
    for text, written in IN_OTHER_WORDS:

        def read(text: str = text, written: str = written) -> None:
            test_instants_in_other_words(text, written)

        yield "instants", read


def _golden() -> Iterator[tuple[str, Callable[[], None]]]:
    for case in all_cases():

        def answered(case: Any = case) -> None:
            check_golden(case, snapshot_of(case.plant))

        yield f"golden: {case}", answered


def _trials(corpus: Pairs) -> Iterator[tuple[str, Callable[[], None]]]:
    """Cheap and broad first."""
    yield from _pairs(corpus[:_PLANTS_FIRST])
    yield from _golden()
    yield from _clocks()
    yield from _laws(_LAWS_OF_RECORDS, range(6))
    yield from ((f"test {test.__name__}", test) for test in _ALONE)
    for moved in MOVED:
        yield "test rules of a pair", partial(test_rules_of_a_pair_follow_the_trees, *moved)
    yield from _laws(_LAWS_OF_SETS, range(60))
    yield from _pairs(corpus[_PLANTS_FIRST:])
    yield from _laws(_LAWS, itertools.count())


def caught_by(corpus: Pairs, budget: float) -> str | None:
    """The first check that fails, or None when the seconds are spent."""
    started = time.monotonic()
    for name, check in _trials(corpus):
        try:
            check()
        except Exception:  # noqa: BLE001 - however it fails, it is told from the right one
            return name
        if time.monotonic() - started > budget:
            return None
    return None


def main(arguments: Sequence[str]) -> int:
    """Read the corpus, try, tell."""
    corpus = pickle.loads(Path(arguments[0]).read_bytes())
    started = time.monotonic()
    found = caught_by(corpus, float(arguments[1]))
    sys.stdout.write(f"{time.monotonic() - started:.2f} {found or 'nothing'}\n")
    return SURVIVED if found is None else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
