"""Reporting an incident: what was frozen for it is written with it."""

from collections.abc import Callable, Sequence
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.kernel.instants import format_instant
from qualsvc.records.documents import Document, plain
from qualsvc.records.faults import Fault, InvalidRecord, quote
from qualsvc.records.kinds import INCIDENT, INCIDENT_EVIDENCE
from qualsvc.records.moments import instant_of
from qualsvc.registry.incidents.forms import Report
from qualsvc.registry.incidents.freezing import Frozen
from qualsvc.registry.life.codes import compact, readable, unused
from qualsvc.registry.life.drafts import Draft
from qualsvc.registry.life.forms import AT_ONCE
from qualsvc.registry.life.standing import codes_taken
from qualsvc.store.errors import Conflict
from qualsvc.store.operations import Answered, Operation, Written
from qualsvc.store.pacing import paced


class ReportIncident:
    """The incident and its evidence, in one revision. What is `frozen` must be there before it is decided."""

    def __init__(self, report: Report, now: Callable[[], int]) -> None:
        """Raises InvalidRecord for an instant that has not come yet."""
        self._occurred = instant_of(report.occurred_at)
        self.now = now()
        if self._occurred > self.now + AT_ONCE:
            message = f"{format_instant(self._occurred)} has not come yet; look at the year and the clock"
            raise InvalidRecord([Fault("/occurred_at", "implausible_instant", message)])
        self.report = report
        self.frozen: Frozen | None = None
        self._incident: Document = {}
        self.draft = Draft()

    async def decide(self, connection: AsyncConnection) -> Sequence[Operation]:
        """Raises Conflict."""
        assert self.frozen is not None, "frozen before the write"
        draft = self.draft = Draft()
        code, until = await self._code(connection), self.frozen.complete_until
        given = {name: plain(value) for name, value in self.report.__dict__.items()}
        told = {name: getattr(self.frozen, name) for name in ("revision", "answers", "persons", "complete")}
        told |= {"code": code, "frozen_at": format_instant(self.now)}
        told |= {"complete_until": None if until is None else format_instant(until)}
        self._incident = draft.put(INCIDENT, given | told, _as_sent)
        name = uuid4().hex
        async for i, (sort, part, lines) in paced(enumerate(self.frozen.parts)):
            one = {"code": f"{name}-{i}", "incident": code, "sort": sort, "part": part, "lines": lines}
            draft.put(INCIDENT_EVIDENCE, one, _as_sent)
        return draft.operations

    async def _code(self, connection: AsyncConnection) -> str:
        given = self.report.code
        base = readable(self.report.equipment[:40], compact(self._occurred))
        taken = await codes_taken(connection, INCIDENT, [given] if given else [], [] if given else [base])
        if given in taken:
            raise Conflict(
                [Fault("/code", "code_taken", f"there is an incident {quote(given)} already; take another code, or none")]
            )
        return given or unused([base], taken)[0]

    def answered(self, written: Written) -> Answered:
        """The incident, without the evidence."""
        del written
        return Answered(201, self._incident)


def _as_sent(pointer: str) -> str:
    return pointer
