"""Between table rows and documents: the SELECT of each kind, and reading its rows."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Date, Double, Select, Text, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, dialect

from qualsvc.records.documents import Document, plain
from qualsvc.records.fields import plain_number
from qualsvc.records.kinds import KINDS, Kind
from qualsvc.store import tables
from qualsvc.store.tables import Timestamp, metadata

RowReader = Callable[[Sequence[Any]], Document]

read_json: Callable[[str], Any] = msgspec.json.Decoder().decode
"""Whatever PostgreSQL gives back as JSON."""


@cache
def select_documents(name: str, *, personal: bool) -> Select[Any]:
    """The SELECT whose rows `row_reader` reads: one column per field, in the order of the contract, nothing else."""
    kind, table = KINDS[name], metadata.tables[name]
    columns = [_column(kind, field) for field in _fields(kind, personal=personal)]
    if personal and kind.personal:
        joined = table.outerjoin(tables.person_personal, tables.person_personal.c.person == table.c.code)
        return select(*columns).select_from(joined)
    return select(*columns).select_from(table)


@cache
def select_sql(name: str) -> str:
    """The same without personal fields, as plain SQL without parameters."""
    return str(select_documents(name, personal=False).compile(dialect=dialect()))  # type: ignore[no-untyped-call]


@cache
def row_reader(name: str, *, personal: bool) -> RowReader:
    """Reads one row of `select_documents` into a document."""
    kind = KINDS[name]
    names = _fields(kind, personal=personal)
    readers = [(place, reader) for place, field in enumerate(names) if (reader := _reader(kind, field)) is not None]
    optional = kind.optional

    def read(row: Sequence[Any]) -> Document:
        values = list(row)
        for place, reader in readers:
            value = values[place]
            if value is not None:
                values[place] = reader(value)
        document = dict(zip(names, values, strict=True))
        for field in optional:
            if document[field] is None:
                del document[field]
        return document

    return read


def _fields(kind: Kind, *, personal: bool) -> list[str]:
    return [field for field in kind.fields if personal or field not in kind.personal]


def _column(kind: Kind, field: str) -> ColumnElement[Any]:
    if field in kind.personal:
        return tables.person_personal.c[field]
    match kind.name, field:
        case "person", "badges":
            badge = tables.person_badge
            listed = select(badge.c.badge).where(badge.c.person == tables.person.c.code).order_by(badge.c.ordinal)
            return func.array(listed.scalar_subquery()).label(field)
        case "certificate_type", "equivalents":
            other, owner = tables.certificate_type_equivalent, tables.certificate_type
            listed = select(other.c.equivalent).where(other.c.certificate_type == owner.c.code).order_by(other.c.ordinal)
            return func.array(listed.scalar_subquery()).label(field)
    column = metadata.tables[kind.name].c[field]
    # As text, because drivers differ in what they make of JSON, and we read it faster than any of them.
    return cast(column, Text).label(field) if isinstance(column.type, JSONB) else column


def _reader(kind: Kind, field: str) -> Callable[[Any], Any] | None:
    if field in kind.personal:
        return None
    match kind.name, field:
        case ("person", "badges") | ("certificate_type", "equivalents"):
            return list
    column = metadata.tables[kind.name].c[field]
    match column.type:
        case JSONB():
            return read_json
        case Date():
            return date.isoformat
        case Double():
            return plain_number
        case _ if column.type is Timestamp:
            return _instant
        case _:
            return None


@lru_cache(8192)
def _instant(value: datetime) -> Any:
    # The last and the first instant there is come back as PostgreSQL's infinities, without a zone.
    return plain(value if value.tzinfo else value.replace(tzinfo=UTC))
