"""`POST /v1/bulk`: many records in one transaction and one revision, all or nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from hashlib import sha256
from time import perf_counter
from typing import Protocol

from fastapi import APIRouter, Request, Response

from qualsvc.http.bodies import NDJSON, limited, require_media_type
from qualsvc.records.kinds import RULE_TEST
from qualsvc.registry import bulk_described
from qualsvc.registry.answers import answer
from qualsvc.registry.lines import Reader, numbered_lines
from qualsvc.registry.once import once_of_digest
from qualsvc.registry.preconditions import refuse_conditions
from qualsvc.registry.rule_advice import bulk_warnings
from qualsvc.registry.waiting import write_parameters
from qualsvc.registry.wiring import told_besides, wired
from qualsvc.store.operations import Answered, Outcome, Written
from qualsvc.store.pacing import SLICE_S, paced

BULK_LIMIT = 128 << 20
_WARNINGS_S = 60
"""For the questions kept beside all the rules of a bulk."""

_WRITTEN = (Outcome.CREATED, Outcome.CHANGED)


class Digest(Protocol):
    """What a hash of the standard library takes."""

    def update(self, chunk: bytes, /) -> None: ...


def bulk_router() -> APIRouter:
    """The one route of bulk requests."""
    router = APIRouter(prefix="/v1/bulk", tags=["bulk"])

    @router.post("", **bulk_described.bulk())
    async def bulk(request: Request) -> Response:
        wiring = wired(request)
        actor = wiring.authorise(request, "maintain")
        write_parameters(request)
        refuse_conditions(request, "a bulk request writes many records")
        require_media_type(request, (NDJSON,))
        reader, digest = Reader(), sha256()
        deadline = perf_counter() + SLICE_S
        async for number, line in numbered_lines(_digested(limited(request, BULK_LIMIT), digest)):
            reader.read(number, line)
            if perf_counter() > deadline:  # asks go on meanwhile
                await asyncio.sleep(0)
                deadline = perf_counter() + SLICE_S
        operations = reader.close()
        written = await wiring.write(request, actor, operations, once_of_digest(request, digest.hexdigest(), _counted))
        body, rules = (written.again or _counted(written)).body, list[str]()
        # Given back one by one: a hundred thousand records freed at once hold up the event loop for half a second.
        async for _ in paced(range(max(len(operations), len(written.steps)))):
            if operations:
                operations.pop()
            if written.steps and (step := written.steps.pop()).kind.name == "rule" and step.outcome in _WRITTEN:
                rules.append(step.code)
        body = (body or {}) | await told_besides(written.revision, bulk_warnings(wiring, rules), _WARNINGS_S)
        return answer(body, 200, written.revision)

    return router


def _counted(written: Written) -> Answered:
    done = Counter(step.outcome for step in written.steps if step.kind is not RULE_TEST)
    return Answered(200, {"revision": written.revision} | {outcome.value: done[outcome] for outcome in Outcome})


async def _digested(chunks: AsyncIterator[bytes], digest: Digest) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        digest.update(chunk)
        yield chunk
