"""What it costs an answer to be put on record first: microseconds of the ask path."""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.figures import Spread
from benchmarks.kernel import snapshot_of_sample
from qualsvc.ask.answering import answered
from qualsvc.ask.asked import Asked
from qualsvc.ask.recorded import record
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.sample import CAST
from qualsvc.spool.spool import Spool

_MANY = 2_000
_ROUNDS = 20


def measure() -> dict[str, Spread]:
    """Of one answer at a time, to a file on this disk, with `write`: the record made and appended, and the append alone."""
    snapshot = snapshot_of_sample()
    asked = [
        Asked(person=each.person, badge=None, equipment=each.equipment, process=each.process, purpose="unlock", lang="en")
        for each in CAST
    ]
    answers = [_answer(snapshot, one) for one in asked]
    records = [record(snapshot, one, "3f9c2a7be014", answer) for one, answer in zip(asked, answers, strict=True)]
    pairs = list(zip(asked, answers, strict=True)) * (_MANY // len(asked))
    many = records * (_MANY // len(records))
    with tempfile.TemporaryDirectory(prefix="qualsvc-bench-") as directory:
        spool = Spool(Path(directory), msgspec.json.encode({"open": {"started_at": datetime.now(UTC)}}))
        try:

            def recorded() -> None:
                for one, answer in pairs:
                    spool.append([record(snapshot, one, "3f9c2a7be014", answer)])

            def appended() -> None:
                for each in many:
                    spool.append([each])

            return {
                "recorded": _microseconds(recorded, len(pairs)),
                "appended": _microseconds(appended, len(many)),
            }
        finally:
            spool.close()


def _answer(snapshot: Snapshot, asked: Asked) -> bytes:
    now = time.time_ns() // 1000
    return answered(snapshot, asked, now, now, 412, "3fk9c2a7be014xyz-1042")[1]


def _microseconds(work: Callable[[], None], answers: int) -> Spread:
    """An answer, by round."""
    taken = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) / answers * 1e6)
    return Spread.of(taken)
