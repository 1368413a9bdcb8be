"""A person leaves a site."""

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.kernel.instants import format_instant, parse_instant
from qualsvc.records.documents import Document
from qualsvc.records.faults import Fault, quote
from qualsvc.registry.life.drafts import Draft
from qualsvc.registry.life.forms import Seen
from qualsvc.registry.life.standing import PERSON, SITE_STAY, of_person, standing
from qualsvc.store.errors import Conflict
from qualsvc.store.operations import Answered, Condition, Operation, Written


class Exit:
    """Off the site, whoever asks: nobody is kept in by a gate."""

    def __init__(self, code: str, moment: Seen, condition: Condition | None, now: Callable[[], int]) -> None:
        self._code = code
        self._moment = moment
        self._condition = condition
        self._now = now
        self._stay: Document = {}
        self.draft = Draft()

    async def decide(self, connection: AsyncConnection) -> Sequence[Operation]:
        """Raises RecordNotFound, PreconditionFailed, Conflict."""
        draft = self.draft = Draft()
        at = self._moment.instant(self._now())
        await standing(connection, PERSON, self._code, self._condition)
        stays = await of_person(connection, SITE_STAY, self._code)
        lasting = [stay for stay in stays if stay["valid_until"] is None or parse_instant(stay["valid_until"]) > at]
        begun = sorted(
            (stay for stay in lasting if parse_instant(stay["valid_from"]) <= at),
            key=lambda stay: (parse_instant(stay["valid_from"]), stay["code"]),
        )
        if not begun:
            later = min((stay["valid_from"] for stay in lasting), key=parse_instant, default=None)
            since = "" if later is None else f" at that instant, only from {later} on"
            raise Conflict([Fault("", "not_on_site", f"person {quote(self._code)} is on no site{since}")])
        for stay in begun:
            self._stay = draft.put(SITE_STAY, stay | {"valid_until": format_instant(at)})
        return draft.operations

    def answered(self, written: Written) -> Answered:
        """The stay that has ended; of several, the one begun last."""
        del written
        return Answered(200, self._stay)
