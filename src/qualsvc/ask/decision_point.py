"""The policy decision point of a process: from what is asked to an answer on record."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from qualsvc.access.keys import ApiKey
from qualsvc.ask.asked import Asked
from qualsvc.ask.counters import AskCounters
from qualsvc.clocks import Clock
from qualsvc.kernel.answer import answer
from qualsvc.kernel.instants import MICROSECONDS, format_instant
from qualsvc.kernel.question import Question
from qualsvc.kernel.reason_documents import reason_documents
from qualsvc.replica.held import Held

_encode = msgspec.json.Encoder().encode


class Source(Protocol):
    """Where fresh facts come from."""

    def fresh(self) -> Held:
        """What may be answered from at this instant. Raises NotFreshError."""
        ...


class Log(Protocol):
    """Where answers are put on record before they are given."""

    def next_id(self, ahead: int = 0) -> str: ...
    def append(self, payloads: Sequence[bytes]) -> None: ...


class DecisionPoint:
    """Answers questions from memory; an answer that cannot be put on record is not given."""

    def __init__(self, source: Source, log: Log, clock: Clock, counters: AskCounters, max_answer_age_s: float) -> None:
        self._source = source
        self._log = log
        self._clock = clock
        self._counters = counters
        self._max_answer_age = int(max_answer_age_s * MICROSECONDS)

    def now(self) -> int:
        """The instant a question asked now is about."""
        return self._clock.wall()

    def decide(self, questions: Sequence[Asked], key: ApiKey, now: int) -> tuple[int, list[bytes]]:
        """Answer a few questions asked at `now` from one revision: (revision, answers as JSON), all on record.

        Raises NotFreshError and SpoolUnavailableError; then nothing was answered.
        """
        held = self._source.fresh()
        answers = [self._answer(held, asked, now, ahead) for ahead, asked in enumerate(questions)]
        encoded = [_encode(one) for one in answers]
        self._log.append([_record(asked, key, one) for asked, one in zip(questions, encoded, strict=True)])
        for asked, one in zip(questions, answers, strict=True):
            self._counters.answered(one["decision"], asked.purpose)
        return held.snapshot.revision, encoded

    def _answer(self, held: Held, asked: Asked, now: int, ahead: int) -> dict[str, Any]:
        at = now if asked.at is None else asked.at
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
        found = answer(held.snapshot, question, held.timelines)
        until = found.valid_until
        shown: dict[str, Any] = {
            "decision": found.decision,
            "allowed": found.decision == "allow",
            "person": found.person,
            "equipment": asked.equipment,
            "process": asked.process,
            "at": format_instant(at),
            "asked_at": format_instant(now),
            "valid_until": None if until is None else format_instant(until),
            "recheck_by": None if asked.at is not None else self._recheck_by(now, until),
        }
        if found.worst_from is not None:
            shown["worst_from"] = format_instant(found.worst_from)
        shown["obligations"] = found.obligations
        shown["reasons"] = reason_documents(found.reasons, asked.lang)
        shown["revision"] = held.snapshot.revision
        shown["decision_id"] = self._log.next_id(ahead)
        return shown

    def _recheck_by(self, now: int, valid_until: int | None) -> str:
        oldest = now + self._max_answer_age
        return format_instant(oldest if valid_until is None else min(valid_until, oldest))


def _record(asked: Asked, key: ApiKey, answered: bytes) -> bytes:
    """What the decision log keeps: who asked, what was asked, what was answered. Codes only, no names."""
    question = {
        "badge": asked.badge,
        "at_given": asked.at is not None,
        "until": None if asked.until is None else format_instant(asked.until),
        "supervisor": asked.supervisor,
        "confirmed_by": asked.confirmed_by,
        "purpose": asked.purpose,
        "lang": asked.lang,
    }
    head = _encode({"key": key.code, "question": {name: value for name, value in question.items() if value is not None}})
    return head[:-1] + b',"answer":' + answered + b"}"
