"""`qualsvc audit replay`: logged decisions reckoned anew, each to come out as it was answered."""

import asyncio
import os
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic, time_ns
from typing import Annotated

import msgspec
import typer

from qualsvc import zones
from qualsvc.cli.bringing_up import bring_up, require_made
from qualsvc.cli.failure import EXIT_FAILED, EXIT_USAGE, fail, say
from qualsvc.cli.refusals import told
from qualsvc.database import Database
from qualsvc.kernel.instants import FIRST, InstantError, parse_instant
from qualsvc.records.faults import quote
from qualsvc.replaying.replays import Replayed, Replays
from qualsvc.replica.held import Held
from qualsvc.replica.past import Past
from qualsvc.settings import load_settings
from qualsvc.store import feed
from qualsvc.store.engine import connect, make_engine
from qualsvc.store.incidents import given_up

_SHOWN = 20
_PROGRESS_S = 1.0
_CANNOT = 2


def replay(
    since: Annotated[str | None, typer.Option("--from", help="Those answered at this instant or later.")] = None,
    before: Annotated[str | None, typer.Option("--to", help="Those answered before this instant; default: now.")] = None,
) -> None:
    """Reckon logged decisions anew, from the facts of their revision. Exit status: 0 all agree, 1 not, 2 could not be told.

    Instants are RFC 3339 with an offset, e.g. 2026-11-01T00:00:00+08:00.
    """
    start, now = _instant("--from", since), time_ns() // 1000
    end = min(_instant("--to", before) or now, now)
    if start is not None and start >= end:
        fail(
            "nothing was replayed",
            "`--from` is not before `--to`, or lies in the future",
            "name an earlier instant",
            EXIT_USAGE,
        )
    with told(_CANNOT):
        database = Database(load_settings(os.environ))
        require_made(database)
        with database as url:
            say(f"database: {database.name}")
            tally = asyncio.run(_replayed(url, start, end))
    if not tally.number:
        why = "what was answered in that time was given up by retention" if tally.given_up else "no such answer is on record"
        fail("nothing was replayed", why, "name another time by `--from` and `--to`", _CANNOT)
    _report(tally)
    if tally.disagreed or tally.impossible or tally.given_up:
        raise SystemExit(EXIT_FAILED if tally.disagreed else _CANNOT)


@dataclass(slots=True)
class _Tally:
    """What came out; the first disagreements in full."""

    number: int = 0
    disagreed: int = 0
    impossible: int = 0
    given_up: bool = False
    revisions: set[int] = field(default_factory=set)
    shown: list[Replayed] = field(default_factory=list)
    rules_of_time: Counter[str] = field(default_factory=Counter)

    def add(self, one: Replayed) -> None:
        self.number += 1
        self.revisions.add(one.revision)
        if one.boot.tzdata is not None:
            self.rules_of_time[one.boot.tzdata] += 1
        self.disagreed += bool(one.differences)
        self.impossible += one.impossible is not None
        if not one.agrees and len(self.shown) < _SHOWN:
            self.shown.append(one)


async def _replayed(url: str, since: int | None, before: int) -> _Tally:
    await bring_up(url)
    connection = await connect(url)
    try:
        loaded = await feed.load(connection)
    finally:
        await connection.close()
    held = Held.build(zones.load, loaded.ledger_id, loaded.revision, loaded.records)

    async def reached(revision: int, _: float) -> bool:
        return revision <= held.snapshot.revision

    engine, tally = make_engine(url), _Tally()
    try:
        async with engine.connect() as connected:
            tally.given_up = await given_up(connected, FIRST if since is None else since, before)
        shown_at = monotonic()
        async for one in Replays(engine, Past(engine, lambda: held, reached)).between(since, before):
            tally.add(one)
            if monotonic() - shown_at >= _PROGRESS_S:
                shown_at = monotonic()
                revisions = _many(len(tally.revisions), "revision")
                say(f"{_many(tally.number, 'decision')} of {revisions}; {tally.disagreed:,} disagree")
    finally:
        await engine.dispose()
    return tally


def _report(tally: _Tally) -> None:
    for one in tally.shown:
        named = f"decision {one.decision_id} of revision {one.revision}"
        print(f"{named} disagrees" if one.differences else f"{named} cannot be reckoned: {one.impossible}")
        for difference in one.differences:
            was, comes = (_shown(value) for value in (difference.logged, difference.recomputed))
            print(f"  {difference.pointer}: answered {was}, comes out {comes}")
    if (more := tally.disagreed + tally.impossible - len(tally.shown)) > 0:
        print(f"and {more:,} more")
    for version, number in sorted(tally.rules_of_time.items()):
        if version != zones.VERSION:
            print(f"{number:,} were answered by the time zones of tzdata {version}, reckoned anew by those of {zones.VERSION}")
    if tally.given_up:
        print("of that time months were given up by retention: of those nothing can be told")
    verdict = [f"{tally.disagreed:,} DISAGREE"] if tally.disagreed else []
    verdict += [f"{tally.impossible:,} cannot be reckoned"] if tally.impossible else []
    told = ", ".join(verdict) or "all agree in every field"
    print(f"{_many(tally.number, 'decision')} of {_many(len(tally.revisions), 'revision')}: {told}")


def _many(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _shown(value: object) -> str:
    return "nothing" if value is msgspec.UNSET else msgspec.json.encode(value).decode()


def _instant(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_instant(text)
    except InstantError as error:
        fail("nothing was replayed", f"{option} {quote(text)}: {error}", "write it as 2026-11-01T00:00:00+08:00", EXIT_USAGE)
