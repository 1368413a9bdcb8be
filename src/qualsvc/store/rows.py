"""Between table rows and documents: the SELECT of each kind, and reading its rows.

The server makes JSON of a row, which a decoder reads at once: a quarter of the work of taking fifteen columns one by one, and
the server has a core of its own.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Date, Double, Select, Text, case, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import dialect

from qualsvc.records.documents import Document
from qualsvc.records.fields import plain_number
from qualsvc.records.kinds import KINDS, Kind
from qualsvc.store import tables
from qualsvc.store.tables import Timestamp, metadata

RowReader = Callable[[Sequence[Any]], Document]

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
    names = _fields(kind, personal=personal)
    columns = metadata.tables[name].c
    numbers = [field for field in names if field in columns and isinstance(columns[field].type, Double)]
    optional = kind.optional

    def read(row: Sequence[Any]) -> Document:
        document = dict(zip(names, read_json(row[0]), strict=True))
        for field in numbers:
            if document[field] is not None:
                document[field] = plain_number(float(document[field]))
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
    column = metadata.tables[kind.name].c[field]
    if isinstance(column.type, Date):
        said = func.to_char(column, literal_column("'YYYY-MM-DD'"))
        return _bounded(column, said, first="0001-01-01", last="9999-12-31")
    if column.type is Timestamp:
        return _instant(column)
    return column


def _bounded(column: ColumnElement[Any], said: ColumnElement[Any], *, first: str, last: str) -> ColumnElement[Any]:
    """The first and the last there is are PostgreSQL's infinities."""
    return case(
        (func.isfinite(column), said),
        (column > literal_column("now()"), literal_column(f"'{last}'")),
        (column < literal_column("now()"), literal_column(f"'{first}'")),
    )


def _instant(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """As `format_instant` writes it."""
    utc = func.timezone(literal_column("'UTC'"), column)
    written = func.to_char(utc, literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""))
    short = func.replace(written, literal_column("'.000000Z'"), literal_column("'Z'"))
    return _bounded(column, short, first="0001-01-01T00:00:00Z", last="9999-12-31T23:59:59.999999Z")
