"""Replay: the answer on record reckoned anew, and every field in which the two differ."""

from collections.abc import Iterator
from typing import Any

import msgspec

from qualsvc.ask.answering import age, answered
from qualsvc.ask.recorded import Recorded, read_record, record
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.records.faults import escape


class Difference(msgspec.Struct, frozen=True):
    """A field that is not as logged; `pointer` into the record. What is absent on one side is unset there, and left out."""

    pointer: str
    logged: Any = msgspec.UNSET
    recomputed: Any = msgspec.UNSET


def replay(logged: bytes | Recorded, snapshot: Snapshot, max_answer_age_s: float) -> list[Difference]:
    """The fields in which a record differs from what these facts give; none: it is what had to be answered.

    `snapshot` is that of the revision the record names, `max_answer_age_s` that of its boot record. What was asked, the
    instant, the age of the facts, the key and the decision id are taken as logged. Raises UnreadableRecordError.
    """
    found = read_record(logged) if isinstance(logged, bytes) else logged
    stale_from = found.asked_at + age(max_answer_age_s)
    _, again = answered(snapshot, found.asked, found.asked_at, stale_from, found.data_age_ms, found.decision_id)
    # The whole record is written anew, by whoever wrote the first: so the question and the site are compared too.
    recomputed = msgspec.json.decode(record(snapshot, found.asked, found.key, again))
    return list(_differences("", found.document, recomputed))


def _differences(pointer: str, logged: Any, recomputed: Any) -> Iterator[Difference]:
    match logged, recomputed:
        case dict(), dict():
            for name in logged | recomputed:
                inside = f"{pointer}/{escape(name)}"
                yield from _differences(inside, logged.get(name, msgspec.UNSET), recomputed.get(name, msgspec.UNSET))
        case list(), list():
            for index in range(max(len(logged), len(recomputed))):
                yield from _differences(f"{pointer}/{index}", _item(logged, index), _item(recomputed, index))
        case _:
            if type(logged) is not type(recomputed) or logged != recomputed:  # to Python, 1 is true
                yield Difference(pointer, logged, recomputed)


def _item(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else msgspec.UNSET
