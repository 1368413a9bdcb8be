"""The policy decision point of a process: from what is asked to an answer on record."""

from collections.abc import Sequence
from time import perf_counter
from typing import Protocol

from qualsvc.access.keys import ApiKey
from qualsvc.ask.answering import age, answered, given, standing
from qualsvc.ask.asked import Asked
from qualsvc.ask.counters import AskCounters
from qualsvc.ask.recorded import record
from qualsvc.ask.refusals import in_future
from qualsvc.clocks import Clock
from qualsvc.kernel.instants import MICROSECONDS
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.kernel.states import Decision
from qualsvc.replica.held import Held
from qualsvc.replica.lease import NotFreshError
from qualsvc.spool.reading import ON_FILE_WITHIN_S

_WITHIN = ON_FILE_WITHIN_S * MICROSECONDS


class Source(Protocol):
    """Where fresh facts come from."""

    def answerable(self, wall: int) -> tuple[Held, int]:
        """What may be answered from, and its age in milliseconds, at this reading of the wall clock, which was just taken.

        Raises NotFreshError, also where the clock cannot be right.
        """
        ...

    def believe(self, wall: int) -> int:
        """A reading of the wall clock just taken, which must be right. Raises NotFreshError."""
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

    def answer(self, asked: Asked, key: ApiKey) -> bytes:
        """The answer as JSON, on record, to a question asked now, about whatever instant but not about what was known at one.

        Raises NotFreshError, MalformedError for a window that has ended, and SpoolUnavailableError; then nothing was answered.
        """
        began = perf_counter()
        now = self._clock.wall()
        held, age_ms = self._source.answerable(now)
        if asked.until is not None:
            in_future([asked], now, lambda _: "/until")
        ((decision, told),) = self._told(held, [asked], now, age_ms)
        self._require_in_time(now)
        self._log.append([record(held.snapshot, asked, key.code, told)])
        self._counters.answered(decision, asked.purpose)
        self._counters.took(perf_counter() - began)
        return told

    def decide(self, questions: Sequence[Asked], key: ApiKey, now: int) -> tuple[int, list[bytes]]:
        """Answer a few questions asked at `now` from one revision: (revision, answers as JSON), all on record.

        Raises NotFreshError, also where `now` is long ago, and SpoolUnavailableError; then nothing was answered.
        """
        held, age_ms = self._source.answerable(self._clock.wall())
        told = self._told(held, questions, now, age_ms)
        self._require_in_time(now)
        self._log.append([record(held.snapshot, asked, key.code, one) for asked, (_, one) in zip(questions, told, strict=True)])
        for asked, (decision, _) in zip(questions, told, strict=True):
            self._counters.answered(decision, asked.purpose)
        return held.snapshot.revision, [one for _, one in told]

    def recall(self, snapshot: Snapshot, asked: Asked, key: ApiKey, now: int) -> bytes:
        """Answer a question asked at `now` with the facts known then, as JSON; it is on record like any other.

        Raises NotFreshError where `now` is long ago, and SpoolUnavailableError.
        """
        _, age_ms = self._source.answerable(self._clock.wall())
        decision, told = answered(snapshot, asked, now, now + self._max_answer_age, age_ms, self._log.next_id())
        self._require_in_time(now)
        self._log.append([record(snapshot, asked, key.code, told)])
        self._counters.answered(decision, asked.purpose)
        return told

    def _told(self, held: Held, questions: Sequence[Asked], now: int, age_ms: int) -> list[tuple[Decision, bytes]]:
        stale_from, snapshot, remembered = now + self._max_answer_age, held.snapshot, held.remembered
        revision, told = snapshot.revision, []
        for ahead, asked in enumerate(questions):
            at = now if asked.at is None else asked.at
            text = standing(snapshot, remembered, asked, at)
            one = given(text, asked, at, now, stale_from, revision, age_ms, self._log.next_id(ahead))
            told.append((text.decision, one))
        return told

    def _require_in_time(self, now: int) -> None:
        # INVARIANT: nothing is put on file so late. Evidence of that instant may have been called complete by then.
        if self._clock.wall() - now >= _WITHIN:
            raise NotFreshError("stale", f"the answer took longer than {ON_FILE_WITHIN_S} s; ask again")
