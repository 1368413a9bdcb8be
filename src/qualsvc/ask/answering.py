"""Writing an answer: the one place where a question and facts become what is given and logged, now or in a replay."""

from typing import Any

import msgspec

from qualsvc.ask.asked import Asked
from qualsvc.kernel.answer import answer
from qualsvc.kernel.discharge import TimelineOf
from qualsvc.kernel.instants import MICROSECONDS, format_instant
from qualsvc.kernel.question import Question
from qualsvc.kernel.reason_documents import reason_documents
from qualsvc.kernel.snapshot import Snapshot

encode = msgspec.json.Encoder().encode


def age(max_answer_age_s: float) -> int:
    """The setting in microseconds: how long after it was asked an answer may be acted on."""
    return int(max_answer_age_s * MICROSECONDS)


def answered(
    snapshot: Snapshot,
    timeline_of: TimelineOf,
    asked: Asked,
    asked_at: int,
    stale_from: int,
    data_age_ms: int | None,
    decision_id: str,
) -> dict[str, Any]:
    """The answer as JSON, by these facts; nothing may act on it at `stale_from` or later.

    `data_age_ms` is None for answers of versions that did not tell it.
    """
    at = asked.at
    if at is None:
        at = asked_at if asked.known_at is None else asked.known_at
    question = Question(
        person=asked.person,
        badge=asked.badge,
        equipment=asked.equipment,
        process=asked.process,
        at=at,
        until=asked.until,
        supervisor=asked.supervisor,
        confirmed_by=asked.confirmed_by,
    )
    found = answer(snapshot, question, timeline_of)
    until = found.valid_until
    acted_on = asked.at is None and asked.known_at is None
    shown: dict[str, Any] = {
        "decision": found.decision,
        "allowed": found.decision == "allow",
        "person": found.person,
        "equipment": asked.equipment,
        "process": asked.process,
        "at": format_instant(at),
        "asked_at": format_instant(asked_at),
        "valid_until": None if until is None else format_instant(until),
        "recheck_by": format_instant(stale_from if until is None or stale_from < until else until) if acted_on else None,
    }
    if asked.known_at is not None:
        shown["known_at"] = format_instant(asked.known_at)
        shown["reconstructed"] = True
    if found.worst_from is not None:
        shown["worst_from"] = format_instant(found.worst_from)
    shown["obligations"] = found.obligations
    shown["reasons"] = reason_documents(found.reasons, asked.lang)
    shown["revision"] = snapshot.revision
    if data_age_ms is not None:
        shown["data_age_ms"] = data_age_ms
    shown["decision_id"] = decision_id
    return shown
