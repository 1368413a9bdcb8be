"""Writing an answer: the one place where a question and facts become what is given and logged, now or in a replay.

What of an answer stays the same while it stands is written once, as `Lasting`; each giving of it adds the instants and the id.
"""

from typing import Any, NamedTuple

import msgspec

from qualsvc.ask.asked import Asked
from qualsvc.kernel.answer import answer
from qualsvc.kernel.instants import MICROSECONDS, format_instant
from qualsvc.kernel.messages import Language
from qualsvc.kernel.question import Answer, Question
from qualsvc.kernel.reason_documents import reason_documents
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.kernel.states import Decision
from qualsvc.replica.remembered import Remembered

encode = msgspec.json.Encoder().encode


def age(max_answer_age_s: float) -> int:
    """The setting in microseconds: how long after it was asked an answer may be acted on."""
    return int(max_answer_age_s * MICROSECONDS)


class Lasting(NamedTuple):
    """What of an answer is the same whenever it is given: JSON around the instants, and until when it may be acted on."""

    decision: Decision
    before: str
    valid: str
    after: str
    valid_until: int | None
    valid_until_text: str
    lang: Language


def question_of(asked: Asked, at: int) -> Question:
    """What the kernel is asked, about that instant."""
    return Question(
        person=asked.person,
        badge=asked.badge,
        equipment=asked.equipment,
        process=asked.process,
        at=at,
        until=asked.until,
        supervisor=asked.supervisor,
        confirmed_by=asked.confirmed_by,
    )


def lasting(found: Answer, asked: Asked) -> Lasting:
    """How an answer reads in the language asked for."""
    who: dict[str, Any] = {
        "decision": found.decision,
        "allowed": found.decision == "allow",
        "person": found.person,
        "equipment": asked.equipment,
        "process": asked.process,
    }
    why: dict[str, Any] = {} if found.worst_from is None else {"worst_from": format_instant(found.worst_from)}
    why |= {"obligations": found.obligations, "reasons": reason_documents(found.reasons, asked.lang)}
    until = "null" if found.valid_until is None else f'"{format_instant(found.valid_until)}"'
    return Lasting(
        found.decision,
        _open(who) + ',"at":"',
        f'","valid_until":{until},"recheck_by":',
        "," + _open(why)[1:] + ',"revision":',
        found.valid_until,
        until,
        asked.lang,
    )


def _open(document: dict[str, Any]) -> str:
    return encode(document)[:-1].decode()


def standing(snapshot: Snapshot, remembered: Remembered, asked: Asked, at: int) -> Lasting:
    """The answer to a question about that instant, by these facts and what is remembered of them."""
    person = asked.person if asked.badge is None else snapshot.badges.get(asked.badge)
    found = None
    if person is not None and asked.until is None:
        about = (asked.equipment, asked.process, asked.supervisor, asked.confirmed_by)
        found = remembered.standing(person, about, at)
    if found is None:
        found = remembered.answer(snapshot, question_of(asked, at))
    text: Lasting | None = found.written
    if text is None or text.lang != asked.lang:
        text = found.written = lasting(found.answer, asked)
    return text


class Giving:
    """What is the same of all answers given to who asked at `asked_at`; nothing may act on them at `stale_from` or later.

    `data_age_ms` is None for answers of versions that did not tell it.
    """

    __slots__ = ("asked_at", "now", "of_facts", "stale", "stale_from")

    def __init__(self, asked_at: int, stale_from: int, revision: int, data_age_ms: int | None) -> None:
        self.asked_at = asked_at
        self.stale_from = stale_from
        self.now = format_instant(asked_at)
        self.stale = f'"{format_instant(stale_from)}"'
        self.of_facts = f'{revision},"decision_id":"'
        if data_age_ms is not None:
            self.of_facts = f'{revision},"data_age_ms":{data_age_ms},"decision_id":"'


def given(text: Lasting, asked: Asked, at: int, giving: Giving, decision_id: str) -> bytes:
    """An answer about `at` as JSON, with the id it has on record."""
    about = giving.now if at == giving.asked_at else format_instant(at)
    recheck = "null"
    if asked.at is None and asked.known_at is None:
        recheck = giving.stale if text.valid_until is None or giving.stale_from < text.valid_until else text.valid_until_text
    elif asked.known_at is not None:
        recheck = f'null,"known_at":"{format_instant(asked.known_at)}","reconstructed":true'
    return (
        f'{text.before}{about}","asked_at":"{giving.now}{text.valid}{recheck}{text.after}{giving.of_facts}{decision_id}"}}'
    ).encode()


def instant_asked(asked: Asked, asked_at: int) -> int:
    """The instant a question asked then is about."""
    if asked.at is not None:
        return asked.at
    return asked_at if asked.known_at is None else asked.known_at


def answered(
    snapshot: Snapshot, asked: Asked, asked_at: int, stale_from: int, data_age_ms: int | None, decision_id: str
) -> tuple[Decision, bytes]:
    """The decision and the answer as JSON, by these facts alone; the rest as for `given`."""
    at = instant_asked(asked, asked_at)
    text = lasting(answer(snapshot, question_of(asked, at)), asked)
    giving = Giving(asked_at, stale_from, snapshot.revision, data_age_ms)
    return text.decision, given(text, asked, at, giving, decision_id)
