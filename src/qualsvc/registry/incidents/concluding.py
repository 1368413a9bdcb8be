"""Concluding an incident: the finding, the bans and the suspensions, all in one revision or none."""

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.kernel.instants import format_instant
from qualsvc.records.documents import Document
from qualsvc.records.faults import Fault, InvalidRecord, quote
from qualsvc.records.kinds import INCIDENT
from qualsvc.registry.incidents.forms import Conclusion
from qualsvc.registry.life.codes import readable, unused
from qualsvc.registry.life.drafts import Draft, Placing
from qualsvc.registry.life.standing import CERTIFICATE, RESTRICTION, codes_taken, standing
from qualsvc.store.errors import Conflict
from qualsvc.store.operations import Answered, Condition, Operation, Written
from qualsvc.store.reading import documents


class Conclude:
    """Once only: what is found out later is another incident's, or a ban by itself."""

    def __init__(self, code: str, form: Conclusion, condition: Condition | None, now: Callable[[], int]) -> None:
        self._code = code
        self._form = form
        self._condition = condition
        self._now = now
        self._incident: Document = {}
        self.draft = Draft()

    async def decide(self, connection: AsyncConnection) -> Sequence[Operation]:
        """Raises RecordNotFound, PreconditionFailed, Conflict, InvalidRecord."""
        draft = self.draft = Draft()
        before = await standing(connection, INCIDENT, self._code, self._condition)
        if before["concluded_at"] is not None:
            message = f"incident {quote(self._code)} was concluded at {before['concluded_at']}; write bans by themselves"
            raise Conflict([Fault("", "incident_concluded", message)])
        restrictions = await self._restrict(connection, draft)
        await self._suspend(connection, draft)
        concluded = {
            "concluded_at": format_instant(self._now()),
            "conclusion": self._form.conclusion,
            "restrictions": restrictions,
            "suspended": list(self._form.suspend),
        }
        self._incident = draft.put(INCIDENT, before | concluded)
        return draft.operations

    async def _restrict(self, connection: AsyncConnection, draft: Draft) -> list[str]:
        """Write the restrictions; answers their codes."""
        asked = self._form.restrictions
        given = [each["code"] for each in asked if isinstance(each.get("code"), str)]
        bases = [readable(self._code[:29], str(each.get("person"))[:28]) for each in asked if each.get("code") is None]
        taken = await codes_taken(connection, RESTRICTION, given, bases)
        made_up = iter(unused(bases, taken.union(given)))
        faults, conflicts, codes = [], [], []
        for i, each in enumerate(asked):
            code = next(made_up) if each.get("code") is None else each["code"]
            if code in codes:
                faults.append(Fault(f"/restrictions/{i}/code", "duplicate_code", f"{quote(code)} is in the list already"))
            elif code in given and code in taken:
                message = f"there is a restriction {quote(code)} already; leave `code` out"
                conflicts.append(Fault(f"/restrictions/{i}/code", "code_taken", message))
            codes.append(code)
            try:
                draft.put(RESTRICTION, each | {"code": code}, _at("restrictions", i))
            except InvalidRecord as invalid:
                faults += invalid.faults
        if faults:
            raise InvalidRecord(faults)
        if conflicts:
            raise Conflict(conflicts)
        return codes

    async def _suspend(self, connection: AsyncConnection, draft: Draft) -> None:
        found = await documents(connection, CERTIFICATE, list(self._form.suspend))
        faults, conflicts = [], []
        for i, code in enumerate(self._form.suspend):
            certificate = found.get(code)
            if certificate is None:
                faults.append(Fault(f"/suspend/{i}", "unknown_reference", f"there is no certificate {quote(code)}"))
            elif certificate["status"] == "revoked":
                message = f"certificate {quote(code)} is revoked, which is more; leave it out"
                conflicts.append(Fault(f"/suspend/{i}", "certificate_revoked", message))
            else:
                draft.put(CERTIFICATE, certificate | {"status": "suspended"}, _at("suspend", i))
        if faults:
            raise InvalidRecord(faults)
        if conflicts:
            raise Conflict(conflicts)

    def answered(self, written: Written) -> Answered:
        """The incident, without the evidence."""
        del written
        return Answered(200, self._incident)


def _at(field: str, index: int) -> Placing:
    """Of a certificate only the code was sent."""
    return lambda pointer: f"/{field}/{index}{pointer if field == 'restrictions' else ''}"
