"""The golden cases asked of the kernel, and of the independent evaluator."""

from typing import get_args

import pytest

from qualsvc.kernel.reasons import ReasonCode
from tests.differential.compare import snapshot_of
from tests.golden.asking import check, question_of, told
from tests.golden.cases import Case, all_cases
from tests.reference import evaluator


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_the_kernel_answers_so(case: Case) -> None:
    """The whole answer is the one the case tells, and so is each reason where the case tells of it."""
    check(case, snapshot_of(case.plant))


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_the_reference_answers_so(case: Case) -> None:
    """What a case tells of an answer is what the independent evaluator finds."""
    asked = question_of(case)
    badge = asked.pop("badge")
    if badge is not None:
        holders = [code for code, person in case.plant["person"].items() if badge in person["badges"]]
        asked["person"] = holders[0] if holders else "nobody"
    found = evaluator.answer(evaluator.Plant(case.plant), asked)
    answered = {name: told(value) if name in ("valid_until", "worst_from") else value for name, value in found.items()}
    assert case.answer == answered


def test_each_reason_has_a_case() -> None:
    """No reason code is without a case that has it."""
    assert set(get_args(ReasonCode)) == {reason["code"] for case in all_cases() for reason in case.reasons}


def test_each_case_is_told_once() -> None:
    """Names of cases differ, so that a failing one is found."""
    names = [case.name for case in all_cases()]
    assert sorted(set(names)) == sorted(names)
