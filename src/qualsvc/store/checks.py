"""What must hold in the final state of a write: references, trees, badges. Rules and waivers are in `rule_checks`.

INVARIANT: the caller holds the writer lock, so the final state is the database overlaid with the steps.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache

from sqlalchemy import Column, Select, exists, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.records.faults import Fault, quote
from qualsvc.records.kinds import KINDS, Kind, references
from qualsvc.store import tables
from qualsvc.store.operations import Step, Steps
from qualsvc.store.pacing import batches, paced
from qualsvc.store.rule_checks import rules_against_types, waivers_of_rules
from qualsvc.store.tables import any_of, array_of, metadata

_BATCH = 5000
_EXAMPLES = 5
_HINTS = 5
_NEIGHBOURS = 20


async def check(connection: AsyncConnection, steps: Steps) -> list[Fault]:
    """Everything wrong with the final state."""
    return [
        *await missing_references(connection, steps),
        *await dangling_references(connection, steps),
        *await cycles(connection, steps),
        *await taken_badges(connection, steps),
        *await rules_against_types(connection, steps),
        *await waivers_of_rules(connection, steps),
    ]


async def missing_references(connection: AsyncConnection, steps: Steps) -> list[Fault]:
    """References of what is written to what is not there."""
    wanted: dict[str, set[str]] = defaultdict(set)
    async for step in paced(steps.values()):
        for _, kind, code in _references(step):
            if (kind, code) not in steps:
                wanted[kind].add(code)
    there = {(kind, code) for kind, codes in wanted.items() for code in await _existing(connection, kind, codes)}
    faults: list[Fault] = []
    hints: dict[tuple[str, str], str] = {}
    async for step in paced(steps.values()):
        for pointer, kind, code in _references(step):
            written = steps.get((kind, code))
            if (kind, code) in there if written is None else written.after is not None:
                continue
            if (kind, code) not in hints and len(hints) < _HINTS:
                hints[kind, code] = await _meant(connection, kind, code)
            what = f"there is no {kind} {quote(code)}{hints.get((kind, code), '')}; make it first or in one bulk"
            faults.append(Fault(pointer, "unknown_reference", what, step.line))
    return faults


async def _meant(connection: AsyncConnection, kind: str, code: str) -> str:
    """Which code is written alike, of those that stand next to it in the order of codes: a look at few rows of however many."""
    column = metadata.tables[kind].c.code
    before = select(column).where(column < code).order_by(column.desc()).limit(_NEIGHBOURS)
    after = select(column).where(column > code).order_by(column).limit(_NEIGHBOURS)
    found = (await connection.execute(union_all(select(before.subquery()), select(after.subquery())))).scalars()
    # Another number is another thing, not a slip.
    alike = [each for each in found if _digits(each) == _digits(code)]
    near = get_close_matches(code, alike, 1, 0.7)
    return f" (is {quote(near[0])} meant?)" if near else ""


def _references(step: Step) -> Iterable[tuple[str, str, str]]:
    return () if step.after is None else references(step.kind, step.after)


async def _existing(connection: AsyncConnection, kind: str, codes: Iterable[str]) -> list[str]:
    column, found = metadata.tables[kind].c.code, []
    for batch in batches(sorted(codes), _BATCH):
        found += list((await connection.execute(select(column).where(column == any_of(batch)))).scalars())
    return found


def _digits(code: str) -> list[str]:
    return re.findall(r"\d+", code)


async def dangling_references(connection: AsyncConnection, steps: Steps) -> list[Fault]:
    """References from records not written here to what is deleted here."""
    faults = []
    deleted: dict[str, list[Step]] = defaultdict(list)
    async for step in paced(steps.values()):
        if step.after is None:
            deleted[step.kind.name].append(step)
    for name, listed in deleted.items():
        if not referrers(name):
            continue
        for batch in batches(listed, _BATCH):
            found: dict[str, list[str]] = defaultdict(list)
            query = _referring(name, [step.code for step in batch], steps)
            for kind, code, referred in await connection.execute(query):
                found[referred].append(f"{kind} {quote(code)}")
            instead = "; of somebody who leaves, `leave` ends everything and keeps the record" if name == "person" else ""
            faults += [
                Fault(
                    "",
                    "still_referenced",
                    f"{name} {quote(step.code)} is still referred to by {_examples(by)}{instead}",
                    step.line,
                )
                for step in batch
                if (by := found[step.code])
            ]
    return faults


def _examples(by: list[str]) -> str:
    distinct = sorted(set(by))
    more = "" if len(distinct) <= _EXAMPLES else " and others"
    return ", ".join(distinct[:_EXAMPLES]) + more


def _referring(name: str, codes: list[str], steps: Steps) -> Select[str, str, str]:
    """Who refers to each of the codes: some of those that are not written here, for those that are have been checked."""
    parts = []
    for kind, owner, reference in referrers(name):
        written = func.unnest(array_of([code for of, code in steps if of == kind])).column_valued()
        others = select(owner.label("code"), reference.label("referred")).distinct()
        others = others.where(reference == any_of(codes), ~exists(select(written).where(written == owner)))
        parts.append(select(literal(kind).label("kind"), *others.subquery().c))
    union = union_all(*parts).subquery()
    place = func.row_number().over(partition_by=union.c.referred, order_by=(union.c.kind, union.c.code)).label("place")
    ranked = select(union.c.kind, union.c.code, union.c.referred, place).subquery()
    return select(ranked.c.kind, ranked.c.code, ranked.c.referred).where(ranked.c.place <= _EXAMPLES + 1)


@cache
def referrers(name: str) -> tuple[tuple[str, Column[str], Column[str]], ...]:
    """Who can refer to a kind: (kind, column with its code, column with the code referred to)."""
    sides = {
        ("certificate_type", "certificate_type"): tables.certificate_type_equivalent.c,
        ("rule", "certificate_type"): tables.rule_certificate_type.c,
        ("rule", "course"): tables.rule_course.c,
    }
    columns = [
        (kind.name, metadata.tables[kind.name].c.code, metadata.tables[kind.name].c[field])
        for kind in KINDS.values()
        for field, referred in kind.references.items()
        if referred == name and field in metadata.tables[kind.name].c
    ]
    for (kind_name, referred), side in sides.items():
        if referred == name:
            columns.append((kind_name, side[kind_name], side["equivalent" if kind_name == referred else referred]))
    return tuple(columns)


async def cycles(connection: AsyncConnection, steps: Steps) -> list[Fault]:
    """Records that have become their own ancestors."""
    faults = []
    moved = defaultdict(list)
    async for step in paced(steps.values()):
        if step.kind.tree and step.after is not None and step.after[step.kind.tree] is not None:
            moved[step.kind.name].append(step)
    for name, listed in moved.items():
        column = KINDS[name].tree
        assert column is not None
        table = metadata.tables[name]
        query = select(table.c.code, table.c[column]).where(table.c[column].is_not(None))
        parents: dict[str, str | None] = dict((await connection.execute(query)).all())
        parents |= {step.code: step.after[column] if step.after else None for step in _of_kind(steps, KINDS[name])}
        round_trips = _in_cycles(parents)
        faults += [
            Fault(f"/{column}", "tree_cycle", f"{quote(step.code)} would be its own ancestor; choose another", step.line)
            for step in listed
            if step.code in round_trips
        ]
    return faults


def _of_kind(steps: Steps, kind: Kind) -> Iterator[Step]:
    return (step for step in steps.values() if step.kind is kind)


def _in_cycles(parents: Mapping[str, str | None]) -> set[str]:
    """The nodes that lie on a cycle; each node is walked over once."""
    done: set[str] = set()
    cyclic: set[str] = set()
    for start in parents:
        path: dict[str, int] = {}
        node: str | None = start
        while node is not None and node not in done and node not in path:
            path[node] = len(path)
            node = parents.get(node)
        if node is not None and node in path:
            cyclic |= {other for other, place in path.items() if place >= path[node]}
        done |= path.keys()
    return cyclic


async def taken_badges(connection: AsyncConnection, steps: Steps) -> list[Fault]:
    """Badges that would be two persons'."""
    owners: dict[str, str] = {}
    faults = []
    person = KINDS["person"]
    wearers = [s async for s in paced(steps.values()) if s.kind is person and s.after is not None and s.after["badges"]]
    table = tables.person_badge
    for batch in batches(wearers, _BATCH):
        badges = sorted({badge for step in batch for badge in (step.after or {})["badges"]})
        query = select(table.c.badge, table.c.person).where(table.c.badge == any_of(badges))
        owners |= {badge: person for badge, person in await connection.execute(query) if ("person", person) not in steps}
    async for step in paced(wearers):
        for i, badge in enumerate((step.after or {})["badges"]):
            owner = owners.setdefault(badge, step.code)
            if owner != step.code:
                message = f"badge {quote(badge)} is person {quote(owner)}'s; take it away there first"
                faults.append(Fault(f"/badges/{i}", "badge_taken", message, step.line))
    return faults
