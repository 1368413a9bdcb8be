"""Between table rows and documents: the SELECT of each kind, and reading its rows.

The server makes JSON of a row, which a decoder reads at once: a quarter of the work of taking fifteen columns one by one, and
the server has a core of its own.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Date, Double, Select, Text, cast, func, select
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.types import TypeEngine

from qualsvc.kernel.instants import format_instant, parse_instant
from qualsvc.records.documents import Document
from qualsvc.records.fields import plain_number
from qualsvc.records.kinds import KINDS, Kind
from qualsvc.store import tables
from qualsvc.store.tables import Timestamp, metadata

RowReader = Callable[[Sequence[Any]], Document]

# PostgreSQL's for the last and the first there is.
_DAYS = {"infinity": "9999-12-31", "-infinity": "0001-01-01"}
_INSTANTS = {"infinity": "9999-12-31T23:59:59.999999Z", "-infinity": "0001-01-01T00:00:00Z"}
_TO_THE_SECOND = len("2026-11-21T03:30:00")

read_json: Callable[[str], Any] = msgspec.json.Decoder().decode
"""Whatever PostgreSQL gives back as JSON."""


@cache
def select_documents(name: str, *, personal: bool) -> Select[Any]:
    """The SELECT whose rows `row_reader` reads: one column, all fields in the order of the contract."""
    kind, table = KINDS[name], metadata.tables[name]
    columns = [_column(kind, field) for field in _fields(kind, personal=personal)]
    document = cast(func.json_build_array(*columns), Text).label("document")
    if personal and kind.personal:
        joined = table.outerjoin(tables.person_personal, tables.person_personal.c.person == table.c.code)
        return select(document).select_from(joined)
    return select(document).select_from(table)


@cache
def select_sql(name: str) -> str:
    """The same without personal fields, as plain SQL without parameters."""
    compiled = select_documents(name, personal=False).compile(dialect=dialect())  # type: ignore[no-untyped-call]
    assert not compiled.params
    return str(compiled)


@cache
def row_reader(name: str, *, personal: bool) -> RowReader:
    """Reads one row of `select_documents`, which may have further columns, into a document."""
    kind = KINDS[name]
    names = tuple(_fields(kind, personal=personal))
    readers = [(field, reader) for field in names if (reader := _reader(kind, field)) is not None]
    days = [field for field in names if isinstance(_type(kind, field), Date)]
    optional = kind.optional

    def read(row: Sequence[Any]) -> Document:
        text: str = row[0]
        document = dict(zip(names, read_json(text), strict=True))
        for field, reader in readers:
            value = document[field]
            if value is not None:
                document[field] = reader(value)
        if "infinity" in text:
            for field in days:
                document[field] = _DAYS.get(document[field], document[field])
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
            return func.array(listed.scalar_subquery())
        case "certificate_type", "equivalents":
            other, owner = tables.certificate_type_equivalent, tables.certificate_type
            listed = select(other.c.equivalent).where(other.c.certificate_type == owner.c.code).order_by(other.c.ordinal)
            return func.array(listed.scalar_subquery())
    return metadata.tables[kind.name].c[field]


def _type(kind: Kind, field: str) -> TypeEngine[Any] | None:
    columns = metadata.tables[kind.name].c
    return columns[field].type if field in columns else None


def _reader(kind: Kind, field: str) -> Callable[[Any], Any] | None:
    type_ = _type(kind, field)
    if type_ is Timestamp:
        return _instant
    return _number if isinstance(type_, Double) else None


def _instant(text: str) -> str:
    written = text[:-6]
    if text.endswith("+00:00") and len(written) == _TO_THE_SECOND:  # as almost all are
        return written + "Z"
    return _INSTANTS.get(text) or format_instant(parse_instant(text))


def _number(value: float | str) -> float:
    return plain_number(float(value))  # what is no number comes as a string
