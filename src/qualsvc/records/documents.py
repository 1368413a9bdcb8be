"""Documents: a record as a JSON-able dict in the exact shape of the contract, the one form all parts exchange."""

from collections.abc import Mapping
from datetime import date, datetime
from types import NoneType
from typing import Any

from pydantic import BaseModel

from qualsvc.kernel.instants import format_instant
from qualsvc.records.kinds import Kind
from qualsvc.records.model import Record
from qualsvc.records.moments import instant_of

Document = dict[str, Any]

_PLAIN = frozenset({str, bool, int, float, dict, NoneType})
"""What most fields are, and JSON already."""


def to_document(record: Record) -> Document:
    """All fields in the order of the contract, defaults filled, dates and instants in their one form.

    Fields of ours beyond the contract are there only where they are used.
    """
    left_out = record.optional_fields
    return {
        name: value if type(value) in _PLAIN else plain(value)
        for name, value in record.__dict__.items()
        if value is not None or name not in left_out
    }


def plain(value: Any) -> Any:
    """The JSON form of one field."""
    match value:
        case datetime():
            return format_instant(instant_of(value))
        case date():
            return value.isoformat()
        case tuple():
            return [plain(part) if isinstance(part, BaseModel) else part for part in value]
        case BaseModel():
            return {name: plain(part) for name, part in value.__dict__.items() if part is not None}
        case _:
            return value


def without_personal(kind: Kind, document: Mapping[str, Any]) -> Document:
    """The document as logs and replicas may see it."""
    return {name: value for name, value in document.items() if name not in kind.personal}


def personal_changes(kind: Kind, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """The names of the personal fields that differ between two documents, `*` where all were erased.

    Absent counts as null throughout.
    """
    changed = [name for name in kind.personal if (before or {}).get(name) != (after or {}).get(name)]
    if changed and after is not None and all(after[name] is None for name in kind.personal):
        return ["*"]
    return changed
