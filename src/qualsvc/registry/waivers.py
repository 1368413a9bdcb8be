"""`POST /v1/waivers/{code}/approve|reject|revoke`: the verdict on an exception, with four eyes."""

from typing import get_args

from fastapi import APIRouter, Request, Response

from qualsvc.http.bodies import require_no_body, require_readable_path
from qualsvc.records.fields import is_code
from qualsvc.records.kinds import KINDS
from qualsvc.registry import waivers_described
from qualsvc.registry.answers import answer
from qualsvc.registry.once import once_of
from qualsvc.registry.preconditions import condition_of
from qualsvc.registry.waiting import write_parameters
from qualsvc.registry.wiring import wired
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.operations import Answered, Settle, Verdict, Written
from qualsvc.store.versions import entity_tag

_WAIVER = KINDS["waiver"]


def waivers_router() -> APIRouter:
    """The three verdicts."""
    router = APIRouter(prefix=f"/v1/{_WAIVER.path}", tags=[_WAIVER.name])
    for verdict in get_args(Verdict):
        router.post(f"/{{code}}/{verdict}", **waivers_described.verdict(verdict))(_settling(verdict))
    return router


def _settling(verdict: Verdict):  # type: ignore[no-untyped-def]  # noqa: ANN202  a route, as FastAPI wants it
    async def settle(request: Request, code: str) -> Response:
        wiring = wired(request)
        actor = wiring.authorise(request, "approve")
        write_parameters(request)
        require_readable_path(request)
        body = await require_no_body(request, "who settles a waiver is told by the key")
        if not is_code(code):
            raise RecordNotFound(_WAIVER.name, code)
        settling = Settle(_WAIVER, code, verdict, condition=condition_of(request))
        written = await wiring.write(request, actor, [settling], once_of(request, body, _answered))
        waiver = (written.again or _answered(written)).body or {}
        return answer(waiver, 200, written.revision, entity_tag(waiver))

    return settle


def _answered(written: Written) -> Answered:
    return Answered(200, written.steps[0].after)
