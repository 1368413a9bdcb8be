"""Hiring a person, or one who left again: the person and the positions at once."""

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.kernel.instants import parse_date
from qualsvc.records.documents import Document, without_personal
from qualsvc.records.faults import Fault, quote
from qualsvc.registry.life.drafts import Draft
from qualsvc.registry.life.forms import Hiring, of_person
from qualsvc.registry.life.lapsing import lapse_all, revoke_waivers
from qualsvc.registry.life.standing import PERSON, dates_at, day, has_left
from qualsvc.registry.life.turnover import Turnover, turn_over
from qualsvc.store.errors import Conflict
from qualsvc.store.operations import Answered, Condition, Operation, Patch, Written
from qualsvc.store.reading import documents
from qualsvc.store.versions import require


class Hire:
    """Somebody new, or somebody who left; no post of before comes back by itself."""

    def __init__(self, code: str, hiring: Hiring, condition: Condition | None, now: Callable[[], int]) -> None:
        self._code = code
        self._hiring = hiring
        self._condition = condition
        self._now = now
        self._again = False
        self._person: Document = {}
        self._turned = Turnover()
        self._lapsed: list[str] = []
        self._revoked: list[str] = []
        self.draft = Draft()

    async def decide(self, connection: AsyncConnection) -> Sequence[Operation]:
        """Raises PreconditionFailed, Conflict, InvalidRecord."""
        draft, self._lapsed, self._revoked = Draft(), [], []
        self.draft = draft
        now = self._now()
        at = self._hiring.instant(now)
        before = (await documents(connection, PERSON, [self._code])).get(self._code)
        gone = 0
        if before is not None:
            require(Patch(PERSON, self._code, {}, condition=self._condition), before)
            gone = await _require_gone(connection, before, min(at, now), at)
        self._again = before is not None
        given = self._hiring.person
        merged = {"code": self._code} | (before or {}) | given | {"status": "active", "employed_until": None}
        if given.get("employed_from") is None:
            [today] = await dates_at(connection, merged.get("site"), at)
            merged["employed_from"] = day(today)
        self._person = draft.put(PERSON, merged, of_person, self._condition)
        self._turned = await turn_over(connection, draft, self._code, at, now, self._hiring.positions, anew=True)
        if before is not None:
            # Nothing given for the work of before comes back, also where nobody ended it when they left.
            self._lapsed = await lapse_all(connection, draft, self._code, gone - 1)
            self._revoked = await revoke_waivers(connection, draft, self._code, min(at, now))
        return draft.operations

    def answered(self, written: Written) -> Answered:
        """201 for somebody new, 200 for somebody who is back."""
        return Answered(
            200 if self._again else 201, posted(written.revision, self._person, self._turned, self._lapsed, self._revoked)
        )


def posted(revision: int, person: Document, turned: Turnover, lapsed: list[str], revoked: Sequence[str] = ()) -> Document:
    """What is answered to a hiring or a transfer, but for what the posts still lack; no personal field is in it."""
    return {
        "revision": revision,
        "person": without_personal(PERSON, person),
        "assignments": turned.held,
        "ended": turned.ended,
        "withdrawn": turned.withdrawn,
        "lapsed": lapsed,
        "revoked": list(revoked),
    }


async def _require_gone(connection: AsyncConnection, person: Document, then: int, at: int) -> int:
    """See that they may be hired at `at`, having left by `then`; answers the date (ordinal) of `then`. Raises Conflict."""
    today, first = await dates_at(connection, person["site"], then, at)
    if person["status"] == "suspended":
        message = f"person {quote(person['code'])} is suspended; whoever suspended them must lift that before they are hired"
        raise Conflict([Fault("", "person_suspended", message)])
    if not has_left(person, today):
        message = f"person {quote(person['code'])} is employed; `transfer` changes what they do, `leave` ends it"
        raise Conflict([Fault("", "already_employed", message)])
    until = person["employed_until"]
    if until is not None and first < parse_date(until):
        message = f"person {quote(person['code'])} was employed until {until}; hire them from then on"
        raise Conflict([Fault("/at", "already_employed", message)])
    return today
