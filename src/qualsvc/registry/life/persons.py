"""`POST /v1/persons/{code}/hire|transfer|leave|enter|exit|erase`."""

from fastapi import APIRouter, Request, Response

from qualsvc.records.documents import Document
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record
from qualsvc.registry.answers import answer
from qualsvc.registry.life import described
from qualsvc.registry.life.acts import called, done
from qualsvc.registry.life.entering import Enter
from qualsvc.registry.life.erasing import Erase
from qualsvc.registry.life.exiting import Exit
from qualsvc.registry.life.forms import Entry, Moment, Seen, Transfer, read_hiring
from qualsvc.registry.life.gaps import gaps
from qualsvc.registry.life.hiring import Hire
from qualsvc.registry.life.leaving import Leave
from qualsvc.registry.life.transferring import Move
from qualsvc.registry.preconditions import condition_of
from qualsvc.registry.wiring import wired
from qualsvc.store.versions import entity_tag

_PERSON = KINDS["person"]
_MOVED = ("site", "org_unit", "supervisor")


def persons_router() -> APIRouter:
    """The six calls about one person."""
    router = APIRouter(prefix=f"/v1/{_PERSON.path}/{{code}}", tags=[_PERSON.name])

    @router.post("/hire", **described.hiring())
    async def hire(request: Request, code: str) -> Response:
        wiring = wired(request)
        call = await called(request, _PERSON.name, code, new=True, reasoned=True)
        form = read_hiring(code, call.document())
        act = Hire(code, form, condition_of(request, creating=True), wiring.right_now)
        revision, status, body = await done(request, call, act)
        posts = await gaps(wiring, code, form, form.positions, call.language)
        return answer(body | {"posts": posts}, status, revision)

    @router.post("/transfer", **described.transferring())
    async def transfer(request: Request, code: str) -> Response:
        wiring = wired(request)
        call = await called(request, _PERSON.name, code, reasoned=True)
        document = call.document()
        form = read_record(Transfer, document)
        moved = {name: document[name] for name in _MOVED if name in document}
        act = Move(code, form, moved, condition_of(request), wiring.right_now)
        revision, status, body = await done(request, call, act)
        posts = await gaps(wiring, code, form, form.positions, call.language)
        return answer(body | {"posts": posts}, status, revision)

    @router.post("/leave", **described.leaving())
    async def leave(request: Request, code: str) -> Response:
        wiring = wired(request)
        call = await called(request, _PERSON.name, code)
        act = Leave(code, read_record(Moment, call.document()), condition_of(request), wiring.right_now)
        revision, status, body = await done(request, call, act)
        return answer(body, status, revision)

    @router.post("/enter", **described.entering())
    async def enter(request: Request, code: str) -> Response:
        wiring = wired(request)
        call = await called(request, _PERSON.name, code, reasoned=True)
        form = read_record(Entry, call.document())
        act = Enter(code, form, condition_of(request), wiring.right_now, call.language)
        return _record(*await done(request, call, act))

    @router.post("/exit", **described.exiting())
    async def exit_(request: Request, code: str) -> Response:
        wiring = wired(request)
        call = await called(request, _PERSON.name, code)
        act = Exit(code, read_record(Seen, call.document()), condition_of(request), wiring.right_now)
        return _record(*await done(request, call, act))

    @router.post("/erase", **described.erasing())
    async def erase(request: Request, code: str) -> Response:
        call = await called(request, _PERSON.name, code, scope="admin")
        call.require_no_body("`erase`")
        return _record(*await done(request, call, Erase(code, condition_of(request))))

    return router


def _record(revision: int, status: int, record: Document) -> Response:
    return answer(record, status, revision, entity_tag(record))
