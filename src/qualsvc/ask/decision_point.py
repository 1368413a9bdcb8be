"""The policy decision point of a process: from what is asked to an answer on record."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import Protocol

from qualsvc.access.keys import ApiKey
from qualsvc.ask.answering import Giving, age, answered, given, standing
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

logger = logging.getLogger("qualsvc.ask")

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


Settled = Callable[[Exception | None], None]
"""Told that an answer is on record and may be given, or why it is not."""


_Staged = tuple[bytes, Decision, str | None, int, float, Settled]
"""An answer about to be put on record: the record, the decision and its purpose, when it was asked for by the wall clock,
when it began by a counter of seconds, and who is told. Not a class of its own: each ask makes one."""


class DecisionPoint:
    """Answers questions from memory; an answer that cannot be put on record is not given.

    INVARIANT: what is staged has the ids that come next; so nothing else is put on record before it.
    """

    def __init__(self, source: Source, log: Log, clock: Clock, counters: AskCounters, max_answer_age_s: float) -> None:
        self._source = source
        self._log = log
        self._clock = clock
        self._counters = counters
        self._max_answer_age = age(max_answer_age_s)
        self._staged: list[_Staged] = []
        self._is_turn_known = False
        """Whether the end of this turn of the event loop will be noticed."""
        self._in_turn = self._in_turn_before = 0
        """How many were staged in this turn, and in the last one in which any were."""

    def now(self) -> int:
        """The instant a question asked now is about. Raises NotFreshError where the clock cannot be believed."""
        return self._source.believe(self._clock.wall())

    def stage(self, asked: Asked, key: ApiKey, settled: Settled) -> bytes:
        """The answer as JSON to a question asked now, about whatever instant but not about what was known at one.

        It may be given once `settled` is told so, in the next turn of the event loop: what is asked in one turn is put on
        record by one write. Raises NotFreshError, and MalformedError for a window that has ended.
        """
        began, now = perf_counter(), self._clock.wall()
        held, age_ms = self._source.answerable(now)
        if asked.until is not None:
            in_future([asked], now, lambda _: "/until")
        staged, snapshot = self._staged, held.snapshot
        at = now if asked.at is None else asked.at
        text = standing(snapshot, held.remembered, asked, at)
        giving = Giving(now, now + self._max_answer_age, snapshot.revision, age_ms)
        told = given(text, asked, at, giving, self._log.next_id(len(staged)))
        if not self._is_turn_known:
            self._is_turn_known = True
            asyncio.get_running_loop().call_soon(self._end_turn)
        self._in_turn += 1
        payload = record(snapshot, asked, key.code, told)
        staged.append((payload, text.decision, asked.purpose, now, began, settled))
        return told

    def _end_turn(self) -> None:
        self._in_turn, self._in_turn_before, self._is_turn_known = 0, self._in_turn, False
        self.settle()

    def settle_if_alone(self) -> None:
        """Not to wait for the end of the turn where hardly anybody else asks in it: it is the first, as in the last turn."""
        if self._in_turn == 1 and self._in_turn_before <= 1:
            self.settle()

    def settle(self) -> None:
        """Put what is staged on record, all of it or nothing, and tell who waits for it."""
        if not self._staged:
            return
        staged, self._staged = self._staged, []
        failure: Exception | None = None
        try:
            self._require_in_time(staged[0][3])
            self._log.append([payload for payload, *_ in staged])
        except Exception as error:  # noqa: BLE001 -- whatever it is, whoever waits is told
            failure = error
        else:
            ended, counters = perf_counter(), self._counters
            for _, decision, purpose, _, began, _ in staged:
                counters.answered(decision, purpose)
                counters.took(ended - began)
        for *_, settled in staged:
            try:
                settled(failure)
            except Exception:  # one connection's trouble is not that of the others
                logger.exception("an answer could not be given")

    def decide(
        self, questions: Iterable[Asked], key: ApiKey, now: int, within_s: float = float("inf")
    ) -> tuple[int, list[bytes]]:
        """Answer the first of these questions, asked at `now`, from one revision: (revision, answers as JSON), all on record.

        No further question is begun after `within_s` seconds. Raises NotFreshError, also where `now` is long ago, and
        SpoolUnavailableError; then nothing was answered.
        """
        self.settle()
        held, age_ms = self._source.answerable(self._clock.wall())
        snapshot, remembered = held.snapshot, held.remembered
        giving = Giving(now, now + self._max_answer_age, snapshot.revision, age_ms)
        deadline = perf_counter() + within_s
        counted, told, payloads = [], [], []
        for ahead, asked in enumerate(questions):
            at = now if asked.at is None else asked.at
            text = standing(snapshot, remembered, asked, at)
            one = given(text, asked, at, giving, self._log.next_id(ahead))
            counted.append((text.decision, asked.purpose))
            told.append(one)
            payloads.append(record(snapshot, asked, key.code, one))
            if perf_counter() > deadline:
                break
        self._require_in_time(now)
        self._log.append(payloads)
        for (decision, purpose), times in Counter(counted).items():
            self._counters.answered(decision, purpose, times)
        return snapshot.revision, told

    def recall(self, snapshot: Snapshot, asked: Asked, key: ApiKey, now: int) -> bytes:
        """Answer a question asked at `now` with the facts known then, as JSON; it is on record like any other.

        Raises NotFreshError where `now` is long ago, and SpoolUnavailableError.
        """
        self.settle()
        _, age_ms = self._source.answerable(self._clock.wall())
        decision, told = answered(snapshot, asked, now, now + self._max_answer_age, age_ms, self._log.next_id())
        self._require_in_time(now)
        self._log.append([record(snapshot, asked, key.code, told)])
        self._counters.answered(decision, asked.purpose)
        return told

    def _require_in_time(self, now: int) -> None:
        # INVARIANT: nothing is put on file so late. Evidence of that instant may have been called complete by then.
        if self._clock.wall() - now >= _WITHIN:
            raise NotFreshError("stale", f"the answer took longer than {ON_FILE_WITHIN_S} s; ask again")
