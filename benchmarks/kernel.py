"""The kernel in process: microseconds for an answer with reasons, over the sample plant."""

import time
from datetime import UTC, datetime

from qualsvc import zones
from qualsvc.kernel.answer import answer, case_timeline
from qualsvc.kernel.discharge import TimelineOf
from qualsvc.kernel.question import Question
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.replica.timelines import RememberedTimelines
from qualsvc.sample import CAST, plant_day, records


def snapshot_of_sample() -> Snapshot:
    """The sample plant in memory, as of today."""
    snapshot = Snapshot(zones.load)
    for record in records(plant_day(datetime.now(UTC))):
        snapshot.apply(record["kind"], record["code"], record)
    return snapshot


def microseconds(snapshot: Snapshot, timeline_of: TimelineOf, rounds: int = 40) -> float:
    """The best round's mean over the cast's questions."""
    at = time.time_ns() // 1000
    questions = [
        Question(
            person=member.person,
            equipment=member.equipment,
            process=member.process,
            at=at,
            supervisor=member.supervisor,
            confirmed_by=member.confirmed_by,
        )
        for member in CAST
    ]
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        for question in questions:
            answer(snapshot, question, timeline_of)
        best = min(best, time.perf_counter() - began)
    return best / len(questions) * 1e6


def measure() -> dict[str, float]:
    """Microseconds with timelines remembered and made anew."""
    snapshot = snapshot_of_sample()
    return {
        "kernel, timeline remembered, us": microseconds(snapshot, RememberedTimelines()),
        "kernel, timeline made anew, us": microseconds(snapshot, case_timeline),
    }
