"""Freezing: the answers given on one machine around an instant, and what was known of everybody in them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qualsvc.kernel.instants import FIRST, MICROSECONDS, format_instant
from qualsvc.records.faults import Fault, InvalidRecord, quote
from qualsvc.records.moments import instant_of
from qualsvc.registry.incidents.forms import Report
from qualsvc.registry.incidents.shipped import shipped_until, whole_until
from qualsvc.registry.life.forms import YEAR
from qualsvc.registry.states import told
from qualsvc.store.changing import to_json
from qualsvc.store.decisions import Answer, Sought, every, whole
from qualsvc.store.incidents import Sort, ever_was, processes_below, recorded_from
from qualsvc.store.known import recorded_by
from qualsvc.store.known_person import persons_then
from qualsvc.store.pacing import batches, paced

MAX_ANSWERS = 10_000
MAX_PERSONS = 1_000
_PERSONS = 10
"""So many persons' records are read in one step: the driver makes them in about a millisecond."""
_PART = 64 * 1024
"""Characters of a part, at which it ends: what is written and read in one step."""


@dataclass(slots=True)
class Frozen:
    """What was frozen. `parts` are lines of JSON; `complete_until` in microseconds, None where it is not known."""

    revision: int
    complete: bool
    complete_until: int | None
    answers: int = 0
    persons: list[str] = field(default_factory=list)
    parts: list[tuple[Sort, int, str]] = field(default_factory=list)


async def freeze(engine: AsyncEngine, spool: Path, report: Report, now: int) -> Frozen:
    """Read it all; nothing of it can change any more, so it is done before the write. Raises InvalidRecord, LogTooShort."""
    occurred = instant_of(report.occurred_at)
    window = report.window * 60 * MICROSECONDS
    since, before = max(occurred - window, FIRST), occurred + window
    async with engine.connect() as connection:
        await _require_known(connection, report, before, now)
    until = await shipped_until(engine, spool, before, now)
    async with engine.connect() as connection:
        revision = (await recorded_by(connection, occurred)).revision
        below = None if report.process is None else await processes_below(connection, report.process, revision)
    lines, persons = await _answers(engine, Sought({"equipment": report.equipment}, None, since, before, below))
    until = await whole_until(engine, since, before, until)  # read first: a month may be given up meanwhile
    frozen = Frozen(revision, until == before, until)
    states = await _states(engine, persons, revision, occurred)
    frozen.answers, frozen.persons = len(lines), persons
    frozen.parts = [part async for part in paced(chain(_parts("decisions", lines), _parts("states", states)))]
    return frozen


async def _require_known(connection: AsyncConnection, report: Report, before: int, now: int) -> None:
    """That it is of a time anything could be known of, and of a machine that ever was: else it is the report that is wrong."""
    faults = []
    first = await recorded_from(connection)
    if before < now - YEAR and (first is None or before < first):
        began = "nothing is now" if first is None else f"the first record is of {format_instant(first)}"
        message = f"more than a year ago nothing was on record, and {began}; look at the year"
        faults.append(Fault("/occurred_at", "implausible_instant", message))
    for kind, code in (("equipment", report.equipment), ("process", report.process)):
        if code is not None and not await ever_was(connection, kind, code):
            faults.append(Fault(f"/{kind}", "unknown_reference", f"there is no {kind} {quote(code)}, and never was"))
    if faults:
        raise InvalidRecord(faults)


async def _answers(engine: AsyncEngine, sought: Sought) -> tuple[list[str], list[str]]:
    """A line for each answer, and the codes of all persons in them."""
    lines: list[str] = []
    persons: set[str] = set()
    async for part in every(engine, sought):
        async for answer in paced(part):
            lines.append(whole(answer.place[1], answer.place[2], answer.payload, answer.hash))
            persons.update(_persons(answer))
        if len(lines) > MAX_ANSWERS:
            raise _too_much(f"more than {MAX_ANSWERS} answers")
        if len(persons) > MAX_PERSONS:
            raise _too_much(f"more than {MAX_PERSONS} persons")
    return lines, sorted(persons)


def _persons(answer: Answer) -> Iterator[str]:
    """Whom it was about, and who was named beside them."""
    question = json.loads(answer.payload)["question"]
    for code in (answer.summary["person"], question.get("supervisor"), question.get("confirmed_by")):
        if code is not None:
            yield code


async def _states(engine: AsyncEngine, persons: Sequence[str], revision: int, at: int) -> list[str]:
    """A line for each of them who was known."""
    lines = []
    for some in batches(persons, _PERSONS):
        async with engine.connect() as connection:
            then = await persons_then(connection, some, revision, at)
        lines += [to_json(told(then[code], revision, at, at, reconstructed=True)) async for code in paced(some) if code in then]
    return lines


def _parts(sort: Sort, lines: Sequence[str]) -> Iterator[tuple[Sort, int, str]]:
    part, number, size = [], 0, 0
    for line in lines:
        part.append(line)
        size += len(line)
        if size >= _PART:
            yield sort, number, "\n".join(part)
            part, number, size = [], number + 1, 0
    if part:
        yield sort, number, "\n".join(part)


def _too_much(what: str) -> InvalidRecord:
    message = f"{what} in it; give a smaller one, or a `process`: nothing is left out of evidence"
    return InvalidRecord([Fault("/window", "too_much_evidence", message)])
