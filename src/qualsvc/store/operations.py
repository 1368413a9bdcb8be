"""What a write is asked to do, and what it did."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from qualsvc.records.documents import Document
from qualsvc.records.kinds import Kind
from qualsvc.records.model import Record


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: the id of the API key, and whether it has the scope `admin`."""

    key_id: str
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class Replace:
    """Put the record in place of whatever has its code; `line` is that of a bulk request."""

    kind: Kind
    record: Record
    line: int | None = None

    @property
    def code(self) -> str:
        return self.record.code


@dataclass(frozen=True, slots=True)
class Patch:
    """Merge into the record that is there, by RFC 7396."""

    kind: Kind
    code: str
    merge: Mapping[str, Any]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the record that is there."""

    kind: Kind
    code: str
    line: int | None = None


Operation = Replace | Patch | Delete


class Outcome(Enum):
    """What became of one operation."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DELETED = "deleted"


@dataclass(slots=True)
class Step:
    """One operation worked out: the documents before and after, null where there is none."""

    kind: Kind
    code: str
    line: int | None
    before: Document | None
    record: Record | None
    after: Document | None
    outcome: Outcome


def outcome_of(before: Document | None, after: Document | None) -> Outcome:
    """What it is to go from one document to the other; comparing them is not cheap, so a step keeps it."""
    if after is None:
        return Outcome.DELETED
    if before is None:
        return Outcome.CREATED
    return Outcome.UNCHANGED if before == after else Outcome.CHANGED


Steps = Mapping[tuple[str, str], Step]
"""The steps of one write by kind and code; the final state is the database overlaid with them."""


@dataclass(frozen=True, slots=True)
class Written:
    """The revision the write made, or the current one when nothing changed; the steps in the order asked."""

    revision: int
    steps: list[Step]
