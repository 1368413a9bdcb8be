"""The golden cases asked of the kernel, and of the independent evaluator."""

from typing import Any, get_args

import pytest

from qualsvc.kernel.answer import answer
from qualsvc.kernel.instants import format_instant, parse_instant
from qualsvc.kernel.question import Question
from qualsvc.kernel.reasons import Reason, ReasonCode
from tests.differential.compare import snapshot_of
from tests.golden.cases import Case, Document, all_cases, told_of
from tests.reference import evaluator

_INSTANTS = ("at", "until")
_UNASKED = {"person": None, "badge": None, "until": None, "supervisor": None, "confirmed_by": None}


def _question(case: Case) -> dict[str, Any]:
    asked = {name: parse_instant(value) if name in _INSTANTS else value for name, value in case.question.items()}
    return {**_UNASKED, **asked}


def _told(instant: int | None) -> str | None:
    return None if instant is None else format_instant(instant)


def _reason(reason: Reason) -> Document:
    fields = {name: getattr(reason, name) for name in Reason.__slots__}
    return {
        **fields,
        "since": _told(reason.since),
        "until": _told(reason.until),
        "date": None if reason.date is None else _date(reason.date),
        "causes": [_reason(cause) for cause in reason.causes],
    }


def _date(ordinal: int) -> str:
    return _told((ordinal - 719_163) * 86_400_000_000)[:10]  # type: ignore[index]


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_the_kernel_answers_so(case: Case) -> None:
    """The whole answer is the one the case tells, and so is each reason where the case tells of it."""
    found = answer(snapshot_of(case.plant), Question(**_question(case)))
    told = {
        "decision": found.decision,
        "obligations": [list(given) for given in found.obligations],
        "valid_until": _told(found.valid_until),
        "worst_from": _told(found.worst_from),
    }
    reasons = [_reason(reason) for reason in found.reasons]
    assert told == case.answer
    assert told_of(case.reasons, reasons) == list(case.reasons), reasons


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_the_reference_answers_so(case: Case) -> None:
    """What a case tells of an answer is what the independent evaluator finds."""
    asked = _question(case)
    badge = asked.pop("badge")
    if badge is not None:
        holders = [code for code, person in case.plant["person"].items() if badge in person["badges"]]
        asked["person"] = holders[0] if holders else "nobody"
    found = evaluator.answer(evaluator.Plant(case.plant), asked)
    told = {name: _told(value) if name in ("valid_until", "worst_from") else value for name, value in found.items()}
    assert told == case.answer


def test_each_reason_has_a_case() -> None:
    """No reason code is without a case that has it."""
    assert set(get_args(ReasonCode)) == {reason["code"] for case in all_cases() for reason in case.reasons}


def test_each_case_is_told_once() -> None:
    """Names of cases differ, so that a failing one is found."""
    names = [case.name for case in all_cases()]
    assert sorted(set(names)) == sorted(names)
