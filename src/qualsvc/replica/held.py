"""What a replica holds: the facts, keys and remembered answers of exactly one revision."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

from qualsvc.access.keys import Keyring
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.records import checksum
from qualsvc.replica.remembered import Remembered

Document = Mapping[str, Any]


class Change(Protocol):
    """One record changed by a revision."""

    @property
    def revision(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def before(self) -> Document | None: ...
    @property
    def after(self) -> Document | None: ...


class Head(Protocol):
    """The last revision of the database, and the checksum of what it has at it."""

    @property
    def revision(self) -> int: ...
    @property
    def checksum(self) -> int | None: ...


class GapError(Exception):
    """The changes do not follow on the revision held; everything must be loaded anew."""


class Held:
    """INVARIANT: between two steps of the event loop, all parts belong to `snapshot.revision` of `ledger_id`."""

    def __init__(self, snapshot: Snapshot, keyring: Keyring, ledger_id: UUID, summed: int = checksum.EMPTY) -> None:
        self.snapshot = snapshot
        self.keyring = keyring
        self.ledger_id = ledger_id
        self.remembered = Remembered()
        self.checksum = summed
        """Of all that was loaded and applied."""
        self.altered_by = 0
        """What the database's checksum had beyond ours when all was loaded: its tables were written past the service."""

    @classmethod
    def build(
        cls,
        zone: Callable[[str], tzinfo],
        ledger_id: UUID,
        revision: int,
        records: Iterable[tuple[str, str, Document]],
        expected: int | None = None,
    ) -> "Held":
        """From a list of every record there is at one revision; see `complete`."""
        held = cls.empty(zone, ledger_id)
        for kind, of_kind in groupby(records, key=lambda record: record[0]):
            held.take(kind, [document for _, _, document in of_kind])
        held.complete(revision, expected)
        return held

    @classmethod
    def empty(cls, zone: Callable[[str], tzinfo], ledger_id: UUID) -> "Held":
        """To `take` every record there is, and then be made `complete`; until then nobody may answer from it."""
        return cls(Snapshot(zone), Keyring(), ledger_id)

    def take(self, kind: str, documents: Sequence[Document]) -> None:
        """Take in some of the records of one kind."""
        self.checksum = checksum.plus(self.checksum, kind, documents)
        if kind == "api_key":
            for document in documents:
                self.keyring.apply(document["code"], document)
        else:
            self.snapshot.take(kind, documents)

    def complete(self, revision: int, expected: int | None) -> None:
        """It has every record there is at the revision; `expected` is their checksum as the database has it."""
        self.snapshot.revision = revision
        if expected is not None:
            self.altered_by = checksum.difference(self.checksum, expected)

    def copy(self) -> "Held":
        """For changes too many to apply between two asks; answers are remembered anew."""
        twin = Held(self.snapshot.copy(), self.keyring.copy(), self.ledger_id, self.checksum)
        twin.altered_by = self.altered_by
        return twin

    def pieces(self) -> list[object]:
        """What it is made of: who keeps these and lets go of one after the other frees little at a time."""
        return [*self.remembered.pieces(), *self.snapshot.pieces()]

    def agrees(self, head: Head) -> bool:
        """Whether what is held is what the database has at the head; where either says nothing, it is taken to be.

        What it had otherwise when all was loaded was told then, and loading it once more would change nothing.
        """
        if head.revision != self.snapshot.revision or head.checksum is None:
            return True
        return checksum.difference(self.checksum, head.checksum) == self.altered_by

    def apply(self, changes: Iterable[Change], *, going_on: bool = False) -> None:
        """Apply revisions in order, without giving way to anybody in between. Raises GapError.

        `going_on`: they may begin within the revision that was applied last, whose end they have. Between the two nobody may
        answer from this.
        """
        for revision, of_revision in groupby(changes, key=lambda change: change.revision):
            if revision != self.snapshot.revision + 1 and not (going_on and revision == self.snapshot.revision):
                raise GapError(f"revision {revision} does not follow on {self.snapshot.revision}")
            for change in of_revision:
                self.remembered.forget(change.kind, change.code, change.before, change.after)
                self._put(change.kind, change.code, change.before, change.after)
            self.snapshot.revision = revision

    def _put(self, kind: str, code: str, before: Document | None, after: Document | None) -> None:
        self.checksum = checksum.changed(self.checksum, kind, before, after)
        if kind == "api_key":
            self.keyring.apply(code, after)
        else:
            self.snapshot.apply(kind, code, after)
