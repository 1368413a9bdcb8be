"""Putting the steps of a write into the tables, in few large statements."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Table, Text, bindparam, cast, column, delete, func, select
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from qualsvc.kernel.requirement_reader import parse_requirement
from qualsvc.kernel.requirements import certificate_types, courses
from qualsvc.records.checksum import changed
from qualsvc.records.credentials import CertificateType
from qualsvc.records.documents import Document, personal_changes, plain, without_personal
from qualsvc.records.kinds import Kind
from qualsvc.records.model import Record
from qualsvc.records.people import Person
from qualsvc.records.rules import Rule
from qualsvc.store import tables
from qualsvc.store.ledger_tables import change
from qualsvc.store.operations import Step
from qualsvc.store.pacing import Sending, batches, paced
from qualsvc.store.tables import CodeText, any_of, metadata

Row = Sequence[Any]

# Rows of one statement: small enough for the driver to encode them without holding up the event loop.
_PARAMETER = "sent_"
_BATCH = 400
_LONG = {"incident_evidence": 4}
"""Kinds whose rows are long: so many of them to a statement."""
_WEIGHT = 256 * 1024
"""Characters of documents of one statement, at which it ends."""

_encode = msgspec.json.Encoder().encode


def to_json(value: Any) -> str:
    """As it is kept."""
    return _encode(value).decode()


async def change_rows(connection: AsyncConnection, steps: Sequence[Step]) -> None:
    """Delete and write the rows of the steps that change something."""
    by_kind: dict[str, list[Step]] = defaultdict(list)
    async for step in paced(steps):
        by_kind[step.kind.name].append(step)
    # First everything that frees a badge, then everything that takes one.
    for name, listed in by_kind.items():
        await _delete(
            connection, metadata.tables[name], "code", [step.code async for step in paced(listed) if step.record is None]
        )
        for table, owner, _ in _SIDES.get(name, ()):
            replaced = [step.code async for step in paced(listed) if step.before is not None and step.record is not None]
            await _delete(connection, table, owner, replaced)
    async with Sending() as sending:
        for name, listed in by_kind.items():
            table = metadata.tables[name]
            row = _row_of(table)
            for batch in batches(listed, _LONG.get(name, _BATCH)):
                records = [step.record for step in batch if step.record is not None]
                rows = [row(record) async for record in paced(records)]
                await sending.send(_insert(connection, table, rows, upsert=True))
                for side, _, rows_of in _SIDES.get(name, ()):
                    await sending.send(_insert(connection, side, [line for record in records for line in rows_of(record)]))


async def append_changes(connection: AsyncConnection, revision: int, steps: Sequence[Step], checksum: int | None) -> int | None:
    """Append to the change log what the steps change, without the values of personal fields.

    Answers what the steps make of the checksum before them.
    """
    rows: list[Row] = []
    weight = 0
    async with Sending() as sending:
        async for ordinal, step in paced(enumerate(steps)):
            documents = tuple(_logged(step.kind, document) for document in (step.before, step.after))
            if checksum is not None and step.kind.replicated:
                checksum = changed(checksum, step.kind.name, *documents)
            before, after = (None if document is None else to_json(document) for document in documents)
            personal = ",".join(personal_changes(step.kind, step.before, step.after)) if step.kind.personal else ""
            rows.append((revision, ordinal, step.kind.name, step.code, before, after, personal))
            weight += len(before or "") + len(after or "")
            if len(rows) == _BATCH or weight >= _WEIGHT:
                await sending.send(_insert(connection, change, rows))
                rows, weight = [], 0
        await sending.send(_insert(connection, change, rows))
    return checksum


def _logged(kind: Kind, document: Document | None) -> Document | None:
    return without_personal(kind, document) if kind.personal and document is not None else document


@cache
def _row_of(table: Table) -> Callable[[Record], Row]:
    """What makes a row of a record."""
    values = attrgetter(*(item.name for item in table.columns))
    written = [place for place, item in enumerate(table.columns) if isinstance(item.type, JSONB)]

    def row(record: Record) -> Row:
        listed = list(values(record))
        for place in written:
            listed[place] = _json(listed[place])
        return listed

    return row


def _json(value: Any) -> str | None:
    return None if value is None else to_json(plain(value))


def _personal_rows(person: Record) -> Iterator[Row]:
    assert isinstance(person, Person)
    if person.name is not None:  # of somebody erased there is no row
        yield [person.code, *(getattr(person, name) for name in tables.PERSONAL_COLUMNS)]


def _badge_rows(person: Record) -> Iterator[Row]:
    assert isinstance(person, Person)
    yield from ((badge, person.code, i) for i, badge in enumerate(person.badges))


def _equivalent_rows(certificate_type: Record) -> Iterator[Row]:
    assert isinstance(certificate_type, CertificateType)
    yield from ((certificate_type.code, i, other) for i, other in enumerate(certificate_type.equivalents))


def _rule_certificate_type_rows(rule: Record) -> Iterator[Row]:
    assert isinstance(rule, Rule)
    named: set[str] = set().union(*(certificate_types(parse_requirement(document)) for document in requirements(rule)))
    yield from ((rule.code, name) for name in sorted(named))


def _rule_course_rows(rule: Record) -> Iterator[Row]:
    assert isinstance(rule, Rule)
    named: set[str] = set().union(*(courses(parse_requirement(document)) for document in requirements(rule)))
    yield from ((rule.code, name) for name in sorted(named))


def requirements(rule: Rule) -> list[dict[str, Any]]:
    """The requirements of a rule that are there."""
    asked = (rule.requirement, rule.supervised_requirement, rule.recommended)
    return [document for document in asked if document is not None]


# Per kind, what hangs on a record: the table, its column that names the record, its rows.
_SIDES: dict[str, tuple[tuple[Table, str, Callable[[Record], Iterator[Row]]], ...]] = {
    "person": ((tables.person_personal, "person", _personal_rows), (tables.person_badge, "person", _badge_rows)),
    "certificate_type": ((tables.certificate_type_equivalent, "certificate_type", _equivalent_rows),),
    "rule": (
        (tables.rule_certificate_type, "rule", _rule_certificate_type_rows),
        (tables.rule_course, "rule", _rule_course_rows),
    ),
}


async def _delete(connection: AsyncConnection, table: Table, owner: str, codes: Sequence[str]) -> None:
    for batch in batches(codes, _BATCH):
        await connection.execute(delete(table).where(table.c[owner] == any_of(batch)))


async def _insert(connection: AsyncConnection, table: Table, rows: Sequence[Row], *, upsert: bool = False) -> None:
    if rows:
        arrays = zip(*rows, strict=True)
        sent = {_PARAMETER + item.name: list(values) for item, values in zip(table.columns, arrays, strict=True)}
        await connection.execute(_inserting(table, upsert=upsert), sent)


@cache
def _inserting(table: Table, *, upsert: bool) -> Insert:
    """INSERT … SELECT FROM unnest(one array per column): one statement, one plan, however many rows.

    Key: the table, of which there is a fixed number. Made once, for making it takes longer than sending it.
    """
    sent = {item.name: _sent_as(item.type) for item in table.columns}
    parameters = [bindparam(_PARAMETER + name, type_=ARRAY(type_)) for name, type_ in sent.items()]
    sheet = func.unnest(*parameters).table_valued(*(column(name, type_) for name, type_ in sent.items())).render_derived()
    chosen: list[ColumnElement[Any]] = []
    for item in table.columns:
        if isinstance(item.type, JSONB):
            chosen.append(cast(sheet.c[item.name], JSONB))
        elif isinstance(item.type, ARRAY):
            chosen.append(func.string_to_array(sheet.c[item.name], ","))
        else:
            chosen.append(sheet.c[item.name])
    statement = insert(table).from_select(list(sent), select(*chosen))
    if not upsert:
        return statement
    replaced = {name: statement.excluded[name] for name in sent if name != "code"}
    return statement.on_conflict_do_update(index_elements=[table.c.code], set_=replaced)


def _sent_as(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    return Text() if type_ is CodeText or isinstance(type_, JSONB | ARRAY) else type_
