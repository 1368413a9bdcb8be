"""What clients saw, held against the clocks, against each other and against the database: each check lists what is wrong."""

import asyncio
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from typing import assert_never

import asyncpg
import msgspec

from qualsvc.kernel.instants import parse_instant
from qualsvc.store.engine import connect
from tests.cli.commands import PATIENCE_S
from tests.faults.asking import Answer

MOST_OFF = 2_100_000
"""Microseconds `asked_at` may be off the true clock: the skew that is let pass, and what the round trip blurs."""
MARGIN_S = 0.05
"""For a client to note the time, on a busy machine."""
_SHOWN = 5


class _Head(msgspec.Struct):
    asked_at: str
    revision: int
    decision_id: str
    allowed: bool


class _Batch(msgspec.Struct):
    decisions: list[msgspec.Raw]


@dataclass(frozen=True, slots=True)
class Given:
    """One decision as a client got it, `raw` to the byte; times as in `Answer`."""

    boot: str
    sequence: int
    revision: int
    allowed: bool
    asked_at: int
    raw: bytes
    answer: Answer


class Outcome(Enum):
    """What a client knows of a write."""

    DONE = auto()
    REFUSED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Wrote:
    """A write of so many changes in one revision; what it puts carries the tag as its `number`, and nothing else does.

    `revision` and `acknowledged` (seconds of the monotonic clock) are known of what is done. `waited`: by `?wait=replicas`.
    `refusal` is the code it was refused with.
    """

    tag: str
    changes: int
    outcome: Outcome = Outcome.UNKNOWN
    revision: int = 0
    acknowledged: float = float("inf")
    waited: bool = False
    refusal: str = ""


def decisions(answers: Iterable[Answer]) -> Iterator[Given]:
    """Every decision in answers of 200, those of batches too."""
    for answer in answers:
        if answer.status == 200:
            raws = [answer.body]
            if answer.body.startswith(b'{"revision"'):
                raws = [bytes(raw) for raw in msgspec.json.decode(answer.body, type=_Batch).decisions]
            for raw in raws:
                head = msgspec.json.decode(raw, type=_Head)
                boot, _, sequence = head.decision_id.rpartition("-")
                yield Given(boot, int(sequence), head.revision, head.allowed, parse_instant(head.asked_at), raw, answer)


def off_the_clock(given: Iterable[Given]) -> list[str]:
    """Answers by a wrong clock: `asked_at` must lie between sending and receiving, give or take `MOST_OFF`."""
    return [
        f"{each.boot}-{each.sequence} says it was asked {(each.asked_at - each.answer.asked) / 1e6:+.3f} s after it was sent"
        for each in given
        if not each.answer.asked - MOST_OFF <= each.asked_at <= each.answer.answered + MOST_OFF
    ]


def too_old(given: Iterable[Given], wrote: Iterable[Wrote], lease_s: float) -> list[str]:
    """Answers of a revision before that of a write that was acknowledged more than a lease before the question was sent.

    Of a write that waited for the replicas: at all before it was sent.
    """
    done = sorted(
        (each.acknowledged + (0 if each.waited else lease_s + MARGIN_S), each.revision)
        for each in wrote
        if each.outcome is Outcome.DONE
    )
    times = [due for due, _ in done]
    highest = [0]
    for _, revision in done:
        highest.append(max(highest[-1], revision))
    found = []
    for each in given:
        least = highest[bisect_left(times, each.answer.sent)]
        if each.revision < least:
            found.append(
                f"{each.boot}-{each.sequence} is of revision {each.revision}, {least} was due at {each.answer.sent:.3f}"
            )
    return found


def gone_back(given: Iterable[Given]) -> list[str]:
    """Answers of a process that are of an older revision than one it gave before."""
    by_boot: dict[str, list[Given]] = defaultdict(list)
    for each in given:
        by_boot[each.boot].append(each)
    return [
        f"{later.boot}-{later.sequence} is of revision {later.revision}, after one of {earlier.revision}"
        for of_boot in by_boot.values()
        for earlier, later in pairwise(sorted(of_boot, key=lambda each: each.sequence))
        if later.revision < earlier.revision
    ]


async def not_on_record(url: str, given: Sequence[Given]) -> list[str]:
    """Answers that are not in the decision log once, byte for byte; the shippers are given time."""
    connection = await connect(url)
    deadline = time.monotonic() + PATIENCE_S
    try:
        by_boot: dict[str, dict[int, bytes]] = defaultdict(dict)
        for each in given:
            by_boot[each.boot][each.sequence] = each.raw
        found = [] if sum(map(len, by_boot.values())) == len(given) else ["one decision was answered twice"]
        for boot, raws in by_boot.items():
            while (
                shipped := await connection.fetchval("SELECT sequence FROM decision_boot WHERE boot_id = $1", boot)
            ) is None or shipped < max(raws):
                if time.monotonic() > deadline:
                    break
                await asyncio.sleep(0.1)
            found += await _differing(connection, boot, raws)
        return found
    finally:
        await connection.close()


async def _differing(connection: asyncpg.Connection, boot: str, raws: dict[int, bytes]) -> list[str]:
    rows = await connection.fetch("SELECT sequence, payload FROM decision WHERE boot_id = $1", boot)
    logged: dict[int, bytes] = {sequence: payload.encode() for sequence, payload in rows}
    missing = [sequence for sequence in raws if sequence not in logged]
    other = [
        sequence for sequence, raw in raws.items() if sequence in logged and not logged[sequence].endswith(b":" + raw + b"}")
    ]
    found = [f"{len(missing)} answers of {boot} are not on record, as {missing[:_SHOWN]}"] if missing else []
    found += [f"{len(other)} answers of {boot} are on record otherwise, as {other[:_SHOWN]}"] if other else []
    return found + ([f"{boot} is on record more than once"] if len(logged) != len(rows) else [])


async def not_whole(url: str, wrote: Iterable[Wrote]) -> list[str]:
    """Writes that are there by half, or twice, or though they were refused; and done ones that are not there as revisions."""
    connection = await connect(url)
    try:
        rows = await connection.fetch(
            "SELECT revision, array_agg(DISTINCT after ->> 'number') FILTER (WHERE after ->> 'number' IS NOT NULL), count(*)"
            " FROM change GROUP BY revision"
        )
    finally:
        await connection.close()
    there: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for revision, tags, changes in rows:
        for tag in tags or ():
            there[tag].append((revision, changes))
    wrong = [each for each in wrote if not _as_it_should(each, there[each.tag])]
    return [
        f"{each.tag} of {each.changes} changes: {each.outcome.name.lower()} {each.revision or each.refusal},"
        f" there as {there[each.tag]}"
        for each in wrong
    ]


def _as_it_should(wrote: Wrote, there: list[tuple[int, int]]) -> bool:
    match wrote.outcome:
        case Outcome.DONE:
            return there == [(wrote.revision, wrote.changes)]
        case Outcome.REFUSED:
            return there == []
        case Outcome.UNKNOWN:
            return there == [] or (len(there) == 1 and there[0][1] == wrote.changes)
    assert_never(wrote.outcome)
