"""Asking the kernel a golden case, with the answer in the words of a case."""

from dataclasses import fields
from datetime import date
from typing import Any

from qualsvc.kernel.answer import answer
from qualsvc.kernel.instants import format_instant, parse_instant
from qualsvc.kernel.question import Question
from qualsvc.kernel.reasons import Reason
from qualsvc.kernel.snapshot import Snapshot
from tests.golden.cases import Case, Document, told_of

_FIELDS = tuple(field.name for field in fields(Reason))
_INSTANTS = ("at", "until")
_UNASKED = {"person": None, "badge": None, "until": None, "supervisor": None, "confirmed_by": None}


def question_of(case: Case) -> dict[str, Any]:
    """The question with every field, instants in microseconds."""
    asked = {name: parse_instant(value) if name in _INSTANTS else value for name, value in case.question.items()}
    return {**_UNASKED, **asked}


def told(instant: int | None) -> str | None:
    """An instant as a case tells it."""
    return None if instant is None else format_instant(instant)


def check(case: Case, snapshot: Snapshot) -> None:
    """Assert that the snapshot, which holds the case's plant, is answered from as the case tells."""
    found = answer(snapshot, Question(**question_of(case)))
    answered = {
        "decision": found.decision,
        "obligations": [list(given) for given in found.obligations],
        "valid_until": told(found.valid_until),
        "worst_from": told(found.worst_from),
    }
    reasons = [_reason(reason) for reason in found.reasons]
    assert case.answer == answered, case
    assert list(case.reasons) == told_of(case.reasons, reasons), case


def _reason(reason: Reason) -> Document:
    return {
        **{name: getattr(reason, name) for name in _FIELDS},
        "since": told(reason.since),
        "until": told(reason.until),
        "date": None if reason.date is None else date.fromordinal(reason.date).isoformat(),
        "causes": [_reason(cause) for cause in reason.causes],
    }
