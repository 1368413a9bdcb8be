"""Causes: what is wrong with a certificate or a training record, before anybody asks to be told.

Many are thought of for each one that is told; so a cause is a tuple, and made a reason where it is wanted.
"""

from typing import TypeVar

from qualsvc.kernel.facts import Certificate, TrainingRecord
from qualsvc.kernel.instants import FOREVER
from qualsvc.kernel.reasons import Reason, ReasonCode
from qualsvc.kernel.requirements import Leaf

L = TypeVar("L", bound=Leaf)
Asked = tuple[str, L]
"""The code of a rule, and what it asks for."""
Cause = tuple[ReasonCode, Certificate | TrainingRecord | None, int | None, str | None]
"""The code, the evidence it is about, the date behind it, which of the cases of the code."""
Bound = tuple[int, int, Cause, Cause]
"""The interval `[start, end)`, what is wrong before it, and what from its end on."""


def never(cause: Cause) -> Bound:
    """A bound that nothing lies within, for the one cause."""
    return FOREVER, FOREVER, cause, cause


def told(asked: Asked[Leaf], cause: Cause) -> Reason:
    """A cause as the reason it is for not having what is asked."""
    (rule, leaf), (code, evidence, date, detail) = asked, cause
    return Reason(
        code=code,
        rule=rule,
        requirement=str(leaf),
        certificate=evidence.code if isinstance(evidence, Certificate) else None,
        training_record=evidence.code if isinstance(evidence, TrainingRecord) else None,
        date=date,
        detail=detail,
    )
