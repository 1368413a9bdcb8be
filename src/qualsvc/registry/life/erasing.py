"""Erasing what identifies a person who has left; codes, and with them the evidence, stay."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.records.documents import Document
from qualsvc.records.faults import Fault, quote
from qualsvc.registry.life.drafts import Draft
from qualsvc.registry.life.standing import PERSON, standing
from qualsvc.store.erasing import without_personal_fields
from qualsvc.store.errors import Conflict
from qualsvc.store.operations import Answered, Condition, Operation, Replace, Written


class Erase:
    """Name, phone, email, number of the identity document and language, at once and for ever; again, it changes nothing."""

    def __init__(self, code: str, condition: Condition | None) -> None:
        self._code = code
        self._condition = condition
        self.draft = Draft()

    async def decide(self, connection: AsyncConnection) -> Sequence[Operation]:
        """Raises RecordNotFound, PreconditionFailed, Conflict."""
        before: Document = await standing(connection, PERSON, self._code, self._condition)
        if before["status"] != "left":
            message = f"person {quote(self._code)} is {before['status']}; `leave` ends the employment, then erase"
            raise Conflict([Fault("/status", "still_employed", message)])
        return [Replace(PERSON, without_personal_fields(before))]

    def answered(self, written: Written) -> Answered:
        """The person, as they are read from now on."""
        return Answered(200, written.step(PERSON, self._code).after)
