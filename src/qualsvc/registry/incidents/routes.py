"""`/v1/incidents`: list, report, read with its evidence, conclude."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.http.bodies import JSON, query_parameters, require_readable_path
from qualsvc.records.documents import Document
from qualsvc.records.kinds import INCIDENT
from qualsvc.records.model import read_record
from qualsvc.registry.answers import answer
from qualsvc.registry.incidents import described
from qualsvc.registry.incidents.concluding import Conclude
from qualsvc.registry.incidents.forms import Conclusion, Report
from qualsvc.registry.incidents.freezing import freeze
from qualsvc.registry.incidents.reporting import ReportIncident
from qualsvc.registry.life.acts import called, done
from qualsvc.registry.once import once_of
from qualsvc.registry.preconditions import condition_of, refuse_conditions
from qualsvc.registry.routes import add_list
from qualsvc.registry.wiring import wired
from qualsvc.store import reading
from qualsvc.store.changing import to_json
from qualsvc.store.incidents import Sort, lines_of
from qualsvc.store.once import done_before
from qualsvc.store.operations import Actor, Once
from qualsvc.store.versions import entity_tag


def incidents_router() -> APIRouter:
    """The four routes."""
    router = APIRouter(prefix=f"/v1/{INCIDENT.path}", tags=[INCIDENT.name])
    add_list(router, INCIDENT)

    @router.post("", **described.reporting())
    async def report_incident(request: Request) -> Response:
        wiring = wired(request)
        call = await called(request, INCIDENT.name, "", new=True)
        refuse_conditions(request, "a report is always a new incident")
        act = ReportIncident(read_record(Report, call.document()), wiring.now)  # of what is past, by whatever clock
        if not await _done(wiring.engine, call.actor, once_of(request, call.body, act.answered)):
            act.frozen = await freeze(wiring.engine, wiring.spool, act.report, act.now)
        return _answer(*await done(request, call, act))

    @router.get("/{code}", **described.reading())
    async def get_incident(request: Request, code: str) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        query_parameters(request)
        require_readable_path(request)
        incident = await reading.get(wiring.engine, INCIDENT, code)
        headers = {"ETag": entity_tag(incident)}
        return StreamingResponse(_whole(wiring.engine, incident), headers=headers, media_type=JSON)

    @router.post("/{code}/conclude", **described.concluding())
    async def conclude_incident(request: Request, code: str) -> Response:
        wiring = wired(request)
        call = await called(request, INCIDENT.name, code)
        form = read_record(Conclusion, call.document())
        return _answer(*await done(request, call, Conclude(code, form, condition_of(request), wiring.right_now)))

    return router


async def _done(engine: AsyncEngine, actor: Actor, once: Once | None) -> bool:
    """Whether this very request was done before: then what a second look would find does not matter. Raises KeyReused."""
    if once is None:
        return False
    async with engine.connect() as connection:
        return await done_before(connection, actor, once) is not None


def _answer(revision: int, status: int, incident: Document) -> Response:
    return answer(incident, status, revision, entity_tag(incident))


async def _whole(engine: AsyncEngine, incident: Document) -> AsyncIterator[bytes]:
    """The incident as JSON, what was frozen put in as it is: to the byte, and however much."""
    yield to_json(incident)[:-1].encode()
    sorts: tuple[Sort, ...] = ("decisions", "states")
    for sort in sorts:
        yield f',"{sort}":['.encode()
        first = True
        async for lines in lines_of(engine, incident["code"], sort):
            yield f"{'' if first else ','}{lines.replace(chr(10), ',')}".encode()
            first = False
        yield b"]"
    yield b"}"
