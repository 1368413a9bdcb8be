"""Transferring a person: the posts of before end, with the plant's own authorisations for them, and new ones begin."""

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.records.documents import Document
from qualsvc.records.faults import Fault, quote
from qualsvc.registry.life.drafts import Draft
from qualsvc.registry.life.forms import Transfer
from qualsvc.registry.life.hiring import posted
from qualsvc.registry.life.lapsing import lapse_with_posts
from qualsvc.registry.life.standing import PERSON, dates_at, has_left, standing
from qualsvc.registry.life.turnover import Turnover, turn_over
from qualsvc.store.errors import Conflict
from qualsvc.store.operations import Answered, Condition, Operation, Written


class Move:
    """Other posts, and with them another site, department or supervisor; `moved` names only what changes, null to take away."""

    def __init__(
        self,
        code: str,
        transfer: Transfer,
        moved: Document,
        condition: Condition | None,
        now: Callable[[], int],
    ) -> None:
        self._code = code
        self._transfer = transfer
        self._moved = moved
        self._condition = condition
        self._now = now
        self._person: Document = {}
        self._turned = Turnover()
        self._lapsed: list[str] = []
        self.draft = Draft()

    async def decide(self, connection: AsyncConnection) -> Sequence[Operation]:
        """Raises RecordNotFound, PreconditionFailed, Conflict, InvalidRecord."""
        draft = self.draft = Draft()
        now = self._now()
        at = self._transfer.instant(now)
        before = await standing(connection, PERSON, self._code, self._condition)
        today, latest = await dates_at(connection, before["site"], at, max(at, now))
        if has_left(before, latest):
            message = f"person {quote(self._code)} has left by then; `hire` takes them on again"
            raise Conflict([Fault("", "not_employed", message)])
        self._person = draft.put(PERSON, before | self._moved, str)
        self._turned = turned = await turn_over(connection, draft, self._code, at, now, self._transfer.positions)
        held = {document["position"] for document in turned.held}
        self._lapsed = await lapse_with_posts(connection, draft, self._code, at, today - 1, turned.given_up, held)
        return draft.operations

    def answered(self, written: Written) -> Answered:
        """What became of the assignments and authorisations."""
        return Answered(200, posted(written.revision, self._person, self._turned, self._lapsed))
