"""What the decision log keeps of an answer, and reading it back: who asked, where, what was asked, what was answered.

Codes only, no names.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import msgspec

from qualsvc.ask.answering import encode
from qualsvc.ask.asked import Asked
from qualsvc.kernel.instants import format_instant, parse_instant
from qualsvc.kernel.messages import Language
from qualsvc.kernel.snapshot import Snapshot


class UnreadableRecordError(ValueError):
    """A payload that is not the record of an answer."""


class _Question(msgspec.Struct, omit_defaults=True):
    """What was asked besides what the answer repeats, as far as it was given."""

    badge: str | None = None
    at_given: bool | None = None
    until: str | None = None
    known_at: str | None = None
    supervisor: str | None = None
    confirmed_by: str | None = None
    purpose: str | None = None
    lang: Language | None = None


class _Head(msgspec.Struct):
    key: str
    site: str | None
    question: _Question


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record as read back; `asked_at` in microseconds, `document` the whole of it as JSON."""

    asked: Asked
    asked_at: int
    revision: int
    data_age_ms: int | None
    decision_id: str
    key: str
    document: dict[str, Any]


_LEFT_OUT = (None,) * 5


def record(snapshot: Snapshot, asked: Asked, key: str, answer: bytes) -> bytes:
    """The record of an answer by these facts to who has this key."""
    machine = snapshot.equipment.get(asked.equipment)
    site = None if machine is None else machine.site
    if (asked.badge, asked.until, asked.known_at, asked.supervisor, asked.confirmed_by) == _LEFT_OUT:
        head = _head_of_most(key, site, asked.at is not None, asked.purpose, asked.lang)
    else:
        until = None if asked.until is None else format_instant(asked.until)
        known_at = None if asked.known_at is None else format_instant(asked.known_at)
        others = (asked.supervisor, asked.confirmed_by)
        head = _head(
            key, site, _Question(asked.badge, asked.at is not None, until, known_at, *others, asked.purpose, asked.lang)
        )
    return head + answer + b"}"


def _head(key: str, site: str | None, question: _Question) -> bytes:
    return encode(_Head(key, site, question))[:-1] + b',"answer":'


@lru_cache(1024)  # doors ask about the same machines with the same key all day
def _head_of_most(key: str, site: str | None, at_given: bool, purpose: str | None, lang: Language) -> bytes:
    return _head(key, site, _Question(at_given=at_given, purpose=purpose, lang=lang))


def read_record(payload: bytes) -> Recorded:
    """Read what `record` wrote. Raises UnreadableRecordError."""
    try:
        document = msgspec.json.decode(payload)
        question, answer = document["question"], document["answer"]
        asked = Asked(
            # By a badge the person is found anew: whose it was is a fact of the revision.
            person=answer["person"] if "badge" not in question else None,
            badge=question.get("badge"),
            equipment=answer["equipment"],
            process=answer["process"],
            at=parse_instant(answer["at"]) if question["at_given"] else None,
            until=_instant(question.get("until")),
            known_at=_instant(question.get("known_at")),
            supervisor=question.get("supervisor"),
            confirmed_by=question.get("confirmed_by"),
            purpose=question.get("purpose"),
            lang=cast(Language, question["lang"]),
        )
        asked_at = parse_instant(answer["asked_at"])
        revision, age = answer["revision"], answer.get("data_age_ms")
        return Recorded(asked, asked_at, revision, age, answer["decision_id"], document["key"], document)
    except (ValueError, KeyError, TypeError) as error:  # msgspec's and ours of instants are ValueErrors
        raise UnreadableRecordError(f"not the record of an answer: {error!r}") from error


def _instant(text: str | None) -> int | None:
    return None if text is None else parse_instant(text)
