"""What a replica holds: the facts, keys and remembered timelines of exactly one revision."""

from collections.abc import Callable, Iterable, Mapping
from datetime import tzinfo
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

from qualsvc.access.keys import Keyring
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.replica.timelines import RememberedTimelines

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


class GapError(Exception):
    """The changes do not follow on the revision held; everything must be loaded anew."""


class Held:
    """INVARIANT: between two steps of the event loop, all three parts belong to `snapshot.revision` of `ledger_id`."""

    def __init__(self, snapshot: Snapshot, keyring: Keyring, ledger_id: UUID) -> None:
        self.snapshot = snapshot
        self.keyring = keyring
        self.ledger_id = ledger_id
        self.timelines = RememberedTimelines()

    @classmethod
    def build(
        cls, zone: Callable[[str], tzinfo], ledger_id: UUID, revision: int, records: Iterable[tuple[str, str, Document]]
    ) -> "Held":
        """From every record there is at one revision."""
        held = cls(Snapshot(zone), Keyring(), ledger_id)
        for kind, code, document in records:
            held._put(kind, code, document)
        held.snapshot.revision = revision
        return held

    def copy(self) -> "Held":
        """For changes too many to apply between two asks; timelines are remembered anew."""
        return Held(self.snapshot.copy(), self.keyring.copy(), self.ledger_id)

    def apply(self, changes: Iterable[Change]) -> None:
        """Apply whole revisions in order, without giving way to anybody in between. Raises GapError."""
        for revision, of_revision in groupby(changes, key=lambda change: change.revision):
            if revision != self.snapshot.revision + 1:
                raise GapError(f"revision {revision} does not follow on {self.snapshot.revision}")
            for change in of_revision:
                self.timelines.forget(change.kind, change.code, change.before, change.after)
                self._put(change.kind, change.code, change.after)
            self.snapshot.revision = revision

    def _put(self, kind: str, code: str, document: Document | None) -> None:
        if kind == "api_key":
            self.keyring.apply(code, document)
        else:
            self.snapshot.apply(kind, code, document)
