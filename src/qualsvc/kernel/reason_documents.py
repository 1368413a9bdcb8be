"""Reasons as an answer shows them."""

from collections.abc import Iterable
from typing import Any

from qualsvc.kernel.instants import BEGINNING, FOREVER, format_instant
from qualsvc.kernel.messages import Language, wording
from qualsvc.kernel.reasons import Reason

_CODES = ("rule", "requirement", "certificate", "training_record", "position", "company", "restriction", "waiver", "subject")


def reason_documents(reasons: Iterable[Reason], language: Language) -> list[dict[str, Any]]:
    """Each reason as JSON: its code, what it is about, since or until when, a message and a remedy."""
    return [_document(reason, language) for reason in reasons]


def _document(reason: Reason, language: Language) -> dict[str, Any]:
    shown: dict[str, Any] = {"code": reason.code}
    for name in _CODES:
        value = getattr(reason, name)
        if value is not None:
            shown[name] = value
    if reason.since is not None and BEGINNING < reason.since < FOREVER:
        shown["since"] = format_instant(reason.since)
    if reason.until is not None and BEGINNING < reason.until < FOREVER:
        shown["until"] = format_instant(reason.until)
    said = wording(reason, language)
    shown["message"] = said.message
    shown["remedy"] = said.remedy
    if reason.causes:
        shown["causes"] = reason_documents(reason.causes, language)
    return shown
