"""`POST /v1/companies/{code}/suspend|reinstate`: all contractors of a company at once."""

from collections.abc import Callable, Sequence
from typing import Literal, get_args

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.records.documents import Document
from qualsvc.records.kinds import KINDS
from qualsvc.registry.answers import answer
from qualsvc.registry.life import described
from qualsvc.registry.life.acts import called, done
from qualsvc.registry.life.drafts import Draft
from qualsvc.registry.life.presence import People, people_of
from qualsvc.registry.life.standing import standing
from qualsvc.registry.preconditions import condition_of
from qualsvc.registry.wiring import wired
from qualsvc.store.operations import Answered, Condition, Operation, Written

_COMPANY = KINDS["company"]
Standing = Literal["suspend", "reinstate"]
_STATUS: dict[Standing, str] = {"suspend": "suspended", "reinstate": "approved"}


def companies_router() -> APIRouter:
    """The two calls about one company."""
    router = APIRouter(prefix=f"/v1/{_COMPANY.path}", tags=[_COMPANY.name])
    for deed in get_args(Standing):
        router.post(f"/{{code}}/{deed}", **described.company(deed))(_settling(deed))
    return router


def _settling(deed: Standing):  # type: ignore[no-untyped-def]  # noqa: ANN202  a route, as FastAPI wants it
    async def settle(request: Request, code: str) -> Response:
        wiring = wired(request)
        call = await called(request, _COMPANY.name, code)
        call.require_no_body(f"`{deed}`")
        act = SettleCompany(code, _STATUS[deed], condition_of(request), wiring.right_now)
        revision, status, body = await done(request, call, act)
        return answer(body, status, revision)

    return settle


class SettleCompany:
    """Suspended or approved as a whole; what its people may do follows from the one record."""

    def __init__(self, code: str, status: str, condition: Condition | None, now: Callable[[], int]) -> None:
        self._code = code
        self._status = status
        self._condition = condition
        self._now = now
        self._company: Document = {}
        self._people = People(0, [])
        self.draft = Draft()

    async def decide(self, connection: AsyncConnection) -> Sequence[Operation]:
        """Raises RecordNotFound, PreconditionFailed."""
        draft = self.draft = Draft()
        before = await standing(connection, _COMPANY, self._code, self._condition)
        self._company = draft.put(_COMPANY, before | {"status": self._status})
        self._people = await people_of(connection, self._code, self._now())
        return draft.operations

    def answered(self, written: Written) -> Answered:
        """The company, and whom it concerns."""
        people = {"persons": self._people.active, "present": self._people.present}
        return Answered(200, {"revision": written.revision, "company": self._company} | people)
