"""The policy decision point of a process: from what is asked to an answer on record."""

from collections.abc import Sequence
from typing import Protocol

from qualsvc.access.keys import ApiKey
from qualsvc.ask.answering import age, answered, encode
from qualsvc.ask.asked import Asked
from qualsvc.ask.counters import AskCounters
from qualsvc.ask.recorded import record
from qualsvc.clocks import Clock
from qualsvc.kernel.answer import case_timeline
from qualsvc.kernel.discharge import TimelineOf
from qualsvc.kernel.instants import MICROSECONDS
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.replica.held import Held
from qualsvc.replica.lease import NotFreshError
from qualsvc.spool.reading import ON_FILE_WITHIN_S

_WITHIN = ON_FILE_WITHIN_S * MICROSECONDS


class Source(Protocol):
    """Where fresh facts come from."""

    def fresh(self) -> Held:
        """What may be answered from at this instant. Raises NotFreshError."""
        ...

    def believe(self, wall: int) -> int:
        """A reading of the wall clock just taken, which must be right. Raises NotFreshError."""
        ...

    def age_ms(self) -> int:
        """Milliseconds since what is answered from was known to be all there is."""
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
        self._max_answer_age = age(max_answer_age_s)

    def now(self) -> int:
        """The instant a question asked now is about. Raises NotFreshError where the clock cannot be believed."""
        return self._source.believe(self._clock.wall())

    def decide(self, questions: Sequence[Asked], key: ApiKey, now: int) -> tuple[int, list[bytes]]:
        """Answer a few questions asked at `now` from one revision: (revision, answers as JSON), all on record.

        Raises NotFreshError, also where `now` is long ago, and SpoolUnavailableError; then nothing was answered.
        """
        held = self._source.fresh()
        return held.snapshot.revision, self._given(held.snapshot, held.timelines, questions, key, now)

    def recall(self, snapshot: Snapshot, asked: Asked, key: ApiKey, now: int) -> bytes:
        """Answer a question asked at `now` with the facts known then, as JSON; it is on record like any other.

        Raises NotFreshError where `now` is long ago, and SpoolUnavailableError.
        """
        (given,) = self._given(snapshot, case_timeline, [asked], key, now)
        return given

    def _given(
        self, snapshot: Snapshot, timeline_of: TimelineOf, questions: Sequence[Asked], key: ApiKey, now: int
    ) -> list[bytes]:
        stale_from, age_ms = now + self._max_answer_age, self._source.age_ms()
        answers = [
            answered(snapshot, timeline_of, asked, now, stale_from, age_ms, self._log.next_id(ahead))
            for ahead, asked in enumerate(questions)
        ]
        encoded = [encode(one) for one in answers]
        # INVARIANT: nothing is put on file so late. Evidence of that instant may have been called complete by then.
        if self._clock.wall() - now >= _WITHIN:
            raise NotFreshError("stale", f"the answer took longer than {ON_FILE_WITHIN_S} s; ask again")
        self._log.append([record(snapshot, asked, key.code, one) for asked, one in zip(questions, encoded, strict=True)])
        for asked, one in zip(questions, answers, strict=True):
            self._counters.answered(one["decision"], asked.purpose)
        return encoded
