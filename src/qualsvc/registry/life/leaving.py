"""Leaving: everything that was given for the work ends with it."""

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.kernel.instants import format_instant, parse_date, parse_instant
from qualsvc.records.documents import Document, without_personal
from qualsvc.records.faults import Fault, quote
from qualsvc.registry.life.drafts import Draft
from qualsvc.registry.life.forms import AT_ONCE, Moment
from qualsvc.registry.life.lapsing import lapse_all, revoke_waivers
from qualsvc.registry.life.standing import PERSON, SITE_STAY, dates_at, day, has_left, of_person, standing
from qualsvc.registry.life.turnover import Turnover, turn_over
from qualsvc.store.errors import Conflict
from qualsvc.store.operations import Answered, Condition, Operation, Written


class Leave:
    """Assignments, internal authorisations, waivers, the stay on a site and the employment, all at once."""

    def __init__(self, code: str, moment: Moment, condition: Condition | None, now: Callable[[], int]) -> None:
        self._code = code
        self._moment = moment
        self._condition = condition
        self._now = now
        self._body: Document = {}
        self.draft = Draft()

    async def decide(self, connection: AsyncConnection) -> Sequence[Operation]:
        """Raises RecordNotFound, PreconditionFailed, Conflict."""
        draft = self.draft = Draft()
        now = self._now()
        at = self._moment.instant(now)
        before = await standing(connection, PERSON, self._code, self._condition)
        today, last = await dates_at(connection, before["site"], at, at - 1)
        # Once the last day agreed on is over the rest may still be cleared away; what is over by then cannot be put off.
        if before["status"] == "left" or (at > now + AT_ONCE and has_left(before, last)):
            message = f"person {quote(self._code)} has left by then; there is nothing more to end"
            raise Conflict([Fault("", "not_employed", message)])
        person = draft.put(PERSON, before | _gone(before, last, at_once=at <= now + AT_ONCE))
        turned: Turnover = await turn_over(connection, draft, self._code, at, now)
        self._body = {
            "person": without_personal(PERSON, person),
            "ended": turned.ended,
            "withdrawn": turned.withdrawn,
            "lapsed": await lapse_all(connection, draft, self._code, today - 1),
            "revoked": await revoke_waivers(connection, draft, self._code, at),
            "stays": await _left_sites(connection, draft, self._code, at, now),
        }
        return draft.operations

    def answered(self, written: Written) -> Answered:
        """What has ended."""
        return Answered(200, {"revision": written.revision} | self._body)


def _gone(person: Document, last: int, *, at_once: bool) -> Document:
    """Employed to the last date at most; with the status `left` as soon as that is so, for the day is not over yet."""
    until = last if person["employed_until"] is None else min(last, parse_date(person["employed_until"]))
    start = person["employed_from"]
    if start is not None and until < parse_date(start):
        return {"status": "left", "employed_until": start}  # gone before the first day
    return {"status": "left" if at_once else person["status"], "employed_until": day(until)}


async def _left_sites(connection: AsyncConnection, draft: Draft, person: str, at: int, now: int) -> list[str]:
    """End the stays that last; one that began after `at` was a fact all the same, and ends now."""
    ended = []
    for stay in await of_person(connection, SITE_STAY, person):
        start, until = parse_instant(stay["valid_from"]), stay["valid_until"]
        if until is None or parse_instant(until) > max(at, now):
            draft.put(SITE_STAY, stay | {"valid_until": format_instant(at if start <= at else max(start, now))})
            ended.append(stay["code"])
    return ended
