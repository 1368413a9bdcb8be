"""A person enters a site."""

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc import zones
from qualsvc.http.problems import FieldError, Problem
from qualsvc.kernel.entry import refusals
from qualsvc.kernel.instants import format_instant, parse_instant
from qualsvc.kernel.messages import Language, wording
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.records.documents import Document
from qualsvc.records.faults import Fault, quote
from qualsvc.records.kinds import KINDS
from qualsvc.registry.life.codes import compact, readable, unused
from qualsvc.registry.life.drafts import Draft, at_instant
from qualsvc.registry.life.forms import Entry
from qualsvc.registry.life.standing import COMPANY, PERSON, RESTRICTION, SITE_STAY, codes_taken, of_person, standing
from qualsvc.store.errors import Conflict
from qualsvc.store.operations import Answered, Condition, Operation, Written
from qualsvc.store.reading import documents

_SITE = KINDS["site"]


class Enter:
    """Onto one site at a time, if the person gates let the person in there now."""

    def __init__(
        self, code: str, entry: Entry, condition: Condition | None, now: Callable[[], int], language: Language
    ) -> None:
        self._code = code
        self._entry = entry
        self._condition = condition
        self._now = now
        self._language = language
        self._stay: Document = {}
        self.draft = Draft()

    async def decide(self, connection: AsyncConnection) -> Sequence[Operation]:
        """Raises RecordNotFound, PreconditionFailed, Conflict, Problem 409 naming each gate that fails."""
        draft = self.draft = Draft()
        now = self._now()
        at = self._entry.instant(now)
        person = await standing(connection, PERSON, self._code, self._condition)
        for stay in await of_person(connection, SITE_STAY, self._code):
            if stay["valid_until"] is None or parse_instant(stay["valid_until"]) > at:
                raise Conflict([_already_there(stay)])
        await self._pass_gates(connection, person, max(at, now))
        self._stay = draft.put(
            SITE_STAY,
            {
                "code": await self._stay_code(connection, at),
                "person": self._code,
                "site": self._entry.site,
                "valid_from": format_instant(at),
            },
            lambda pointer: pointer if pointer in {"/site", "/code"} else at_instant(pointer),
        )
        return draft.operations

    async def _pass_gates(self, connection: AsyncConnection, person: Document, instant: int) -> None:
        """Judged by what is in the ledger now, not by what is held here: nobody else writes meanwhile.

        So of an entry and a suspension or a ban at the same time, whichever comes second knows of the other.
        """
        facts = Snapshot(zones.load)
        # A site that is not there has no dates; the write refuses it by itself.
        if (site := await documents(connection, _SITE, [self._entry.site])).get(self._entry.site) is None:
            return
        companies = {} if person["company"] is None else await documents(connection, COMPANY, [person["company"]])
        bans = {ban["code"]: ban for ban in await of_person(connection, RESTRICTION, self._code)}
        for kind, records in (("site", site), ("company", companies), ("person", {self._code: person}), ("restriction", bans)):
            for code, document in records.items():
                facts.apply(kind, code, document)
        reasons = refusals(facts, facts.persons[self._code], self._entry.site, instant)
        if reasons:
            errors = []
            for reason in reasons:
                said = wording(reason, self._language)
                errors.append(FieldError("", reason.code, f"{said.message}; {said.remedy}"))
            detail = f"person {quote(self._code)} may not enter {quote(self._entry.site)} now; nothing was changed"
            raise Problem(409, "entry_refused", detail, errors)

    async def _stay_code(self, connection: AsyncConnection, at: int) -> str:
        given = self._entry.code
        base = readable(self._code[:40], compact(at))
        taken = await codes_taken(connection, SITE_STAY, [given] if given else [], [] if given else [base])
        if given is None:
            return unused([base], taken)[0]
        if given in taken:
            raise Conflict([Fault("/code", "code_taken", f"there is a stay {quote(given)} already; leave `code` out")])
        return given

    def answered(self, written: Written) -> Answered:
        """The stay."""
        del written
        return Answered(201, self._stay)


def _already_there(stay: Document) -> Fault:
    until = "" if stay["valid_until"] is None else f" until {stay['valid_until']}"
    where = f"on site {quote(stay['site'])} from {stay['valid_from']}{until}"
    return Fault(
        "", "already_on_site", f"person {quote(stay['person'])} is {where} (stay {quote(stay['code'])}); record the exit first"
    )
