"""The operations of one call, each with where its fields stand in what was sent."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from qualsvc.records.documents import Document, to_document
from qualsvc.records.faults import Fault, InvalidRecord
from qualsvc.records.kinds import KINDS, Kind
from qualsvc.records.model import read_record
from qualsvc.store.errors import WriteRefused
from qualsvc.store.operations import Condition, Delete, Operation, Replace, Settle

Placing = Callable[[str], str]
"""From a JSON pointer into a record to one into the body it was made of."""


def at_instant(pointer: str) -> str:
    """Of what a call ends or begins, only the instant was sent."""
    return "/at" if pointer in {"/valid_from", "/valid_until", "/employed_until"} else ""


class Draft:
    """What one call writes. An operation's `line` is its number here, by which its faults find their way back."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._placings: list[Placing] = []

    def put(
        self, kind: Kind, document: Document, placing: Placing = at_instant, condition: Condition | None = None
    ) -> Document:
        """Write a record; answers it with all its fields. Raises InvalidRecord in terms of the body."""
        try:
            record = read_record(kind.model, document)
        except InvalidRecord as invalid:
            raise InvalidRecord(_placed(invalid.faults, placing)) from None
        self._add(Replace(kind, record, len(self.operations), condition), placing)
        return to_document(record)

    def delete(self, kind: Kind, code: str) -> None:
        """Delete a record that is there."""
        self._add(Delete(kind, code, len(self.operations)), at_instant)

    def revoke(self, waiver: str) -> None:
        """End a waiver."""
        self._add(Settle(KINDS["waiver"], waiver, "revoke", len(self.operations)), at_instant)

    def _add(self, operation: Operation, placing: Placing) -> None:
        self.operations.append(operation)
        self._placings.append(placing)

    def placed(self, refused: WriteRefused) -> WriteRefused:
        """The same refusal in terms of the body."""
        faults = [fault if fault.line is None else _placed([fault], self._placings[fault.line])[0] for fault in refused.faults]
        return type(refused)(faults, refused.total)


def _placed(faults: Sequence[Fault], placing: Placing) -> list[Fault]:
    return [replace(fault, pointer=placing(fault.pointer), line=None) for fault in faults]
