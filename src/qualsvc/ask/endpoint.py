"""`/can-operate` and `/can-operate/batch` as plain ASGI: authorise, read, decide, answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from qualsvc.access.authority import Presented, authorised, authorization_of
from qualsvc.access.keys import ApiKey, Keyring
from qualsvc.ask.asked import Asked, MalformedError, read_object, read_plain, read_query
from qualsvc.ask.counters import AskCounters
from qualsvc.ask.decision_point import DecisionPoint, Settled
from qualsvc.ask.refusals import (
    as_problem,
    in_future,
    known_by,
    may_choose_instant,
    may_choose_past,
    method_not_allowed,
    no_query,
    of_question,
)
from qualsvc.http.bodies import JSON, read_body
from qualsvc.http.lanes import Lane
from qualsvc.http.problems import MANY_ERRORS, FieldError, Problem, internal, rendered
from qualsvc.http.strict_json import MalformedJson, loads
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.replica.lease import NotFreshError
from qualsvc.spool.spool import SpoolUnavailableError

logger = logging.getLogger("qualsvc.ask")

PATH = "/can-operate"
BATCH_PATH = "/can-operate/batch"
MIN_REVISION_WAIT_S = 0.2
MAX_QUESTIONS = 10_000
MAX_BODY = 64 * 1024
MAX_BATCH_BODY = 16 * 1024 * 1024
SLICE_S = 0.0005
"""How long a batch decides between two turns of the event loop, so that single asks are never held up for long."""
_PIECES = 500
_ALONE = FieldError("/known_at", "not_in_batch", "not in a batch; ask the question by itself, at `/can-operate`")
HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]

Reached = Callable[[int, float], Awaitable[bool]]
Recalled = Callable[[int], Awaitable[Snapshot]]


class Durable(Protocol):
    """Where answers were put on record, as safe as was asked for."""

    @property
    def syncs(self) -> bool: ...
    def mark(self) -> int: ...
    async def durable(self, mark: int) -> None: ...


class AskLanes(NamedTuple):
    """What bounds single asks, those of them that wait for a revision or are about what was known then, and batches."""

    ask: Lane
    revision: Lane
    known: Lane
    batch: Lane


class AskEndpoint:
    """The ASGI application of the ask path. Any answer but 200 means "not allowed" to a controller."""

    def __init__(
        self,
        decide: DecisionPoint,
        keyring: Callable[[], Keyring],
        reached: Reached,
        recalled: Recalled,
        log: Durable,
        counters: AskCounters,
        lanes: AskLanes,
    ) -> None:
        """`keyring` gives the keys held now (raising NotFreshError if they are not fresh), `reached` waits for a revision.

        `recalled` gives the facts recorded by an instant, or raises NotFreshError or Problem; it alone may ask the database.
        """
        self._point = decide
        self._keyring = keyring
        self._reached = reached
        self._recalled = recalled
        self._log = log
        self._counters = counters
        self._lanes = lanes
        self._batch_turn = asyncio.Lock()  # one batch decides at a time, or several would add up their slices

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_single = scope["path"] == PATH
        lane = self._lanes.ask if is_single else self._lanes.batch
        has_slot = lane.enters()
        try:
            try:
                if not has_slot:
                    self._authorised(scope)  # who may not ask at all is told so, and takes nobody's place
                    await lane.enter()
                    has_slot = True
                chunks = await (self._single(scope, receive) if is_single else self._batch(scope, receive))
            except (Problem, MalformedError, MalformedJson, NotFreshError, SpoolUnavailableError, ClientDisconnect) as error:
                # Where it was raised leads back to here, and so to itself: it would outlive the connection.
                problem = as_problem(error).with_traceback(None)
            except Exception:
                request_id = uuid4().hex
                logger.exception("ask %s failed", request_id)
                problem = internal(request_id)
            else:
                await _answer(send, chunks)
                return
            self._counters.refused(problem.code)
            response = await rendered(problem)
            await response(scope, receive, send)
        finally:
            if has_slot:
                lane.leave()

    async def _single(self, scope: Scope, receive: Receive) -> list[bytes]:
        self._authorised(scope)
        if scope["method"] == "GET":
            asked = read_query(scope["query_string"])
        elif scope["method"] == "POST":
            no_query(scope)
            asked = read_object(loads(await read_body(Request(scope, receive), [JSON], MAX_BODY)))
        else:
            raise method_not_allowed("GET, POST")
        await self._wait_for([asked])
        if asked.known_at is not None:
            return await self._known(scope, asked, asked.known_at)
        on_record: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def settled(failure: Exception | None) -> None:
            if on_record.done():
                return
            if failure is None:
                on_record.set_result(None)
            else:
                on_record.set_exception(failure)

        mark = self._log.mark()
        answered = self._answered(Presented(authorization_of(scope)), asked, settled)
        await on_record
        await self._log.durable(mark)
        return [answered]

    def _answered(self, presented: Presented, asked: Asked, settled: Settled) -> bytes:
        """The answer to a question that waits for nothing, for who has a good key still; to be given once `settled` says so."""
        key = presented.authorised(self._keyring(), "ask")
        if asked.at is not None:
            may_choose_instant(key, [asked], lambda _: "/at")
        return self._point.stage(asked, key, settled)

    def at_once(self, query: bytes, presented: Presented, settled: Settled) -> bytes | None:
        """The answer to a GET, to be given once `settled` says so.

        None where something stands against it or there is something to wait for: then it is to be asked in full.
        """
        if self._log.syncs or self._lanes.ask.is_full:
            return None
        try:
            asked = read_query(query)
            if asked.min_revision or asked.known_at is not None:
                return None
            answered = self._answered(presented, asked, settled)
        except Exception:  # noqa: BLE001 -- whatever it is: asked in full it is refused once more, and told and logged
            return None
        self._counters.at_once += 1
        return answered

    def settle(self) -> None:
        """Put on record what waits for that."""
        self._point.settle()

    def settle_if_alone(self) -> None:
        """The same, where nobody else is likely to ask in this turn of the event loop."""
        self._point.settle_if_alone()

    async def _known(self, scope: Scope, asked: Asked, known_at: int) -> list[bytes]:
        """Answer with the facts recorded by then: a reconstruction, which may take its time."""
        may_choose_past(self._authorised(scope), asked)
        known_by(known_at, self._point.now())
        async with self._lanes.known:
            now = self._point.now()  # an answer bears an instant from which on it was worked at
            snapshot = await self._recalled(known_at)
            key = self._authorised(scope)  # nor is what takes long to outlive it
            may_choose_past(key, asked)
            mark = self._log.mark()
            answered = self._point.recall(snapshot, asked, key, now)
            await self._log.durable(mark)
        return [answered]

    async def _batch(self, scope: Scope, receive: Receive) -> list[bytes]:
        self._authorised(scope)
        if scope["method"] != "POST":
            raise method_not_allowed("POST")
        no_query(scope)
        body = await read_body(Request(scope, receive), [JSON], MAX_BATCH_BODY)
        questions = read_plain(body)
        if questions is None or len(questions) > MAX_QUESTIONS:
            questions = await _read_batch(await asyncio.to_thread(loads, body))
        await self._wait_for(questions)
        async with self._batch_turn:
            key = self._authorised(scope)
            may_choose_instant(key, questions, lambda index: f"/questions/{index}/at")
            now = self._point.now()
            in_future(questions, now, lambda index: f"/questions/{index}/until")
            mark = self._log.mark()
            lowest, answers = self._point.decide([], key, now)
            while len(answers) < len(questions):
                revision, decided = self._point.decide(islice(questions, len(answers), None), key, now, SLICE_S)
                lowest = min(lowest, revision)
                answers += decided
                await asyncio.sleep(0)
                key = self._authorised(scope)
        await self._log.durable(mark)
        return [b'{"revision":%d,"decisions":[' % lowest, *_listed(answers), b"]}"]

    def _authorised(self, scope: Scope) -> ApiKey:
        return authorised(self._keyring(), authorization_of(scope), "ask")

    async def _wait_for(self, questions: Iterable[Asked]) -> None:
        least = max((asked.min_revision for asked in questions), default=0)
        if not least or await self._reached(least, 0):
            return
        async with self._lanes.revision:
            if not await self._reached(least, MIN_REVISION_WAIT_S):
                raise NotFreshError("stale", f"revision {least} is not here yet; try again")


async def _read_batch(body: Any) -> list[Asked]:
    if not isinstance(body, dict) or set(body) != {"questions"} or not isinstance(body["questions"], list):
        raise MalformedError([FieldError("/questions", "malformed", 'the body must be `{"questions": […]}`')])
    documents = body["questions"]
    if len(documents) > MAX_QUESTIONS:
        message = f"{len(documents)} questions; at most {MAX_QUESTIONS} in one batch"
        raise MalformedError([FieldError("/questions", "too_many_questions", message)])
    questions: list[Asked] = []
    errors: list[FieldError] = []
    for index, document in enumerate(documents):
        if index % 100 == 99:
            await asyncio.sleep(0)
        try:
            questions.append(_of_batch(document))
        except MalformedError as error:
            named = error.errors if len(errors) < MANY_ERRORS else error.errors[:1]  # each index, if not each fault
            errors += [of_question(index, fault) for fault in named]
    if errors:
        raise MalformedError(errors)
    return questions


def _of_batch(document: Any) -> Asked:
    asked = read_object(document)
    if asked.known_at is not None:
        raise MalformedError([_ALONE])
    return asked


def _listed(answers: list[bytes]) -> Iterator[bytes]:
    """The answers with commas between."""
    for index, answered in enumerate(answers):
        if index:
            yield b","
        yield answered


async def _answer(send: Send, pieces: list[bytes]) -> None:
    """Send the pieces as one body, in chunks small enough to hold nobody up."""
    length = str(sum(map(len, pieces))).encode("ascii")
    headers = [*HEADERS, (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for start in range(0, len(pieces), _PIECES):
        more = start + _PIECES < len(pieces)
        chunk = b"".join(pieces[start : start + _PIECES])
        await send({"type": "http.response.body", "body": chunk, "more_body": more})
        if more:
            await asyncio.sleep(0)
