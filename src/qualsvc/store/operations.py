"""What a write is asked to do, and what it did."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.records.documents import Document
from qualsvc.records.kinds import Kind
from qualsvc.records.model import Record

Verdict = Literal["approve", "reject", "revoke"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: the id of the API key, and whether it has the scope `admin`."""

    key_id: str
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of the record that is there, or the write fails as a whole (RFC 9110, `If-Match`, `If-None-Match: *`).

    `tags` are entity tags of which the record must have one; None asks nothing. `exists` says whether it must be there.
    """

    tags: frozenset[str] | None = None
    exists: bool | None = None


@dataclass(frozen=True, slots=True)
class Replace:
    """Put the record in place of whatever has its code; `line` is that of a bulk request."""

    kind: Kind
    record: Record
    line: int | None = None
    condition: Condition | None = None

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
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the record that is there."""

    kind: Kind
    code: str
    line: int | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """Say yes or no to the waiver that is asked for, or end one."""

    kind: Kind
    code: str
    verdict: Verdict
    line: int | None = None
    condition: Condition | None = None


Operation = Replace | Patch | Delete | Settle


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
    """The revision the write made, or the current one when nothing changed; the steps in the order asked.

    `again` is what a request with the same idempotency key was answered before; then nothing was done and `steps` is empty.
    """

    revision: int
    steps: list[Step]
    again: "Answered | None" = None

    def step(self, kind: Kind, code: str) -> Step:
        """The step of one record."""
        return next(step for step in self.steps if step.kind is kind and step.code == code)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request was answered with: status and body. Codes only: it is kept, and personal fields are not."""

    status: int
    body: Document | None


@dataclass(frozen=True, slots=True)
class Once:
    """Do this at most once: `key` is the caller's own, `fingerprint` tells what was asked, `answer` what to keep of it."""

    key: str
    fingerprint: str
    answer: Callable[[Written], Answered]


Decide = Callable[[AsyncConnection], Awaitable[Sequence[Operation]]]
"""Operations that depend on what is there: worked out while nobody else writes. May raise what `write` may raise."""
