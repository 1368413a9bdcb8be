"""The composition root: one process of the service, put together."""

import asyncio
import contextlib
import importlib.metadata
import os
import platform
import socket
from collections.abc import AsyncIterator, Callable
from time import monotonic

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import CollectorRegistry
from starlette.types import Message, Receive, Scope, Send

from qualsvc import zones
from qualsvc.access.authority import Presented, authorised, authorization_of, key_of
from qualsvc.access.keys import Keyring
from qualsvc.ask.counters import AskCounters
from qualsvc.ask.decision_point import DecisionPoint, Settled
from qualsvc.ask.endpoint import BATCH_PATH, PATH, AskEndpoint, AskLanes
from qualsvc.ask.refusals import as_problem
from qualsvc.audit.memory import MEMORY_FILE
from qualsvc.clocks import Clock, SystemClock
from qualsvc.http.handlers import install_problem_handlers, problem_of
from qualsvc.http.lanes import through
from qualsvc.http.traffic import Traffic
from qualsvc.kernel.instants import format_instant
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.openapi.committed import committed_document
from qualsvc.operate.gauges import LaneGauges, ProcessGauges
from qualsvc.operate.routes import operate_router
from qualsvc.registry import registry_routes
from qualsvc.registry.waiting import Everywhere
from qualsvc.registry.wiring import Wiring
from qualsvc.replaying.routes import replay_router
from qualsvc.replica.follower import Follower
from qualsvc.replica.held import Held
from qualsvc.replica.lease import NotFreshError
from qualsvc.replica.past import Past
from qualsvc.replica.replica import Replica
from qualsvc.settings import Settings
from qualsvc.spool.space import WARN_AT
from qualsvc.spool.spool import Spool, SpoolUnavailableError
from qualsvc.store.engine import READING, WRITING, make_engine
from qualsvc.store.operations import Actor
from qualsvc.store.reporting import Identity
from qualsvc.store.waivers import Terms

logger = structlog.get_logger("qualsvc.app")

FIRST_LOAD_S = 60
"""After so long without facts it is said once that there are none."""
_TICK_S = 0.2
WATCH_S = 2.0
SPOOL = "spool"
"""The decision log's folder in the data directory."""
VERSION = importlib.metadata.version("qualsvc")
_ASK_PATHS = frozenset({PATH, BATCH_PATH})


class Service:
    """The ASGI application: the ask path by itself, everything else through FastAPI."""

    def __init__(
        self,
        settings: Settings,
        database_url: str,
        clock: Clock | None = None,
        revive: Callable[[], object] | None = None,
    ) -> None:
        self._settings = settings
        self._database_url = database_url
        self._revive = revive
        self._clock = clock or SystemClock()
        self._metrics = CollectorRegistry()
        self._counters = AskCounters(self._metrics)
        self.traffic = Traffic()
        LaneGauges(self._metrics, tuple(self.traffic))
        self._ask: AskEndpoint | None = None
        self._spool: Spool | None = None
        self.draining = False
        """Set when it is about to end: it answers, and has everybody ask elsewhere from now on."""
        self.engine = make_engine(database_url, READING)
        self.writer = make_engine(database_url, WRITING)
        self.replica = Replica(self._clock, settings.max_staleness_s)
        self.past = Past(self.engine, self.replica.fresh, self.replica.reached)
        self.web = self._web()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.draining:
            send = _closing(send)
        if scope["type"] == "http" and scope["path"] in _ASK_PATHS:
            assert self._ask is not None, "asked before the lifespan began"
            await self._ask(scope, receive, send)
        elif scope["type"] == "http" and (lane := self.traffic.of(scope["method"], scope["path"])) is not None:
            await through(lane, self.web, scope, receive, send, self._require_key)
        else:
            await self.web(scope, receive, send)

    def at_once(self, query: bytes, presented: Presented, settled: Settled) -> bytes | None:
        """The answer to `GET /can-operate`, to be given once `settled` says so; None where it is to be asked in full."""
        if self._ask is None or self.draining:
            return None
        return self._ask.at_once(query, presented, settled)

    def settle(self) -> None:
        """Put on record what was answered at once and waits for that."""
        if self._ask is not None:
            self._ask.settle()

    def settle_if_alone(self) -> None:
        """The same, where nobody else is likely to ask in this turn of the event loop."""
        if self._ask is not None:
            self._ask.settle_if_alone()

    def spool(self) -> Spool:
        """This process' decision log."""
        assert self._spool is not None, "asked before the lifespan began"
        return self._spool

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        spool = self._spool = Spool(
            self._settings.data_dir / SPOOL,
            self._boot_record(),
            self._settings.decision_log_sync,
            max_bytes=self._settings.spool_max_mb * 1_000_000,
        )
        memory = self._settings.data_dir / MEMORY_FILE
        ProcessGauges(self._metrics, self.replica, spool, memory, self._clock.wall)
        point = DecisionPoint(self.replica, spool, self._clock, self._counters, self._settings.max_answer_age_s)
        lanes = AskLanes(self.traffic.ask, self.traffic.revision, self.traffic.known, self.traffic.batch)
        self._ask = AskEndpoint(point, self.replica.keys, self.replica.reached, self._recalled, spool, self._counters, lanes)
        following = asyncio.create_task(self._follower(spool.boot_id).run())
        watching = asyncio.create_task(_watch(spool))
        try:
            await self._loaded()
            yield
        finally:
            for task in (following, watching):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await self.engine.dispose()
            await self.writer.dispose()
            point.settle()
            with contextlib.suppress(SpoolUnavailableError):
                spool.append([msgspec.json.encode({"close": {"at": format_instant(self._clock.wall())}})])
            spool.close()

    def _everywhere(self) -> Everywhere:
        def known() -> bool:
            return self._clock.monotonic() >= self.replica.others_known_from

        return Everywhere(self.writer, self._settings.max_staleness_s, known, lambda: self.draining)

    def _follower(self, boot_id: str) -> Follower:
        who = Identity(boot_id, socket.gethostname(), os.getpid(), VERSION, self._settings.max_staleness_s)
        return Follower(self.replica, self._database_url, zones.load, self._clock, who, self._revive)

    async def _loaded(self) -> None:
        """Wait for the facts, however long it takes: who cannot answer takes no connections from those who can."""
        began, told = monotonic(), False
        while not self.draining and not await self.replica.reached(0, _TICK_S):
            if not told and monotonic() - began > FIRST_LOAD_S:
                logger.warning("not_loaded_yet", waited_s=FIRST_LOAD_S)
                told = True

    def _web(self) -> FastAPI:
        web = FastAPIOffline(
            docs_url="/docs",
            redoc_url=None,
            static_url="/docs/assets",
            title="qualsvc",
            version=VERSION,
            swagger_ui_parameters={"validatorUrl": None},  # else the page would show the document to a server elsewhere
            lifespan=self._lifespan,
            redirect_slashes=False,
        )
        install_problem_handlers(web)
        web.state.wiring = self._wiring()
        operate = operate_router(self.replica, self.spool, self._metrics, self._may_look, lambda: self.draining)
        web.router.routes += [*operate.routes, *registry_routes(), *replay_router(self.past, self._metrics).routes]
        _serve_committed_document(web)
        return web

    def _wiring(self) -> Wiring:
        return Wiring(
            engine=self.engine,
            writer=self.writer,
            authorise=self.authorise,
            applied=self.replica.applied,
            held=self._held,
            now=self._clock.wall,
            right_now=self._right_now,
            terms=Terms(self._settings.max_waiver_days),
            spool=self._settings.data_dir / SPOOL,
            everywhere=self._everywhere().applied,
        )

    def _right_now(self) -> int:
        try:
            return self.replica.believe(self._clock.wall())
        except NotFreshError as error:
            raise as_problem(error) from None

    def _held(self) -> Held:
        try:
            return self.replica.fresh()
        except NotFreshError as error:
            raise as_problem(error) from None

    async def _recalled(self, known_at: int) -> Snapshot:
        try:
            return await self.past.known_at(known_at)
        except NotFreshError:
            raise
        except Exception as error:
            raise problem_of(error) from error

    def authorise(self, request: Request, scope: str) -> Actor:
        """Who makes this request, if their key has the scope. Raises Problem 401, 403 or 503."""
        key = authorised(self._keys(), authorization_of(request.scope), scope)
        return Actor(key.code, is_admin="admin" in key.scopes)

    def _may_look(self, request: Request, scope: str) -> None:
        """Metrics are told to keys as they were known last: what is wrong is to be seen while it is wrong. Raises Problem."""
        held = self.replica.held
        authorised(self._keys() if held is None else held.keyring, authorization_of(request.scope), scope)

    def _require_key(self, scope: Scope) -> None:
        key_of(self._keys(), authorization_of(scope))

    def _keys(self) -> Keyring:
        try:
            return self.replica.keys()
        except NotFreshError as error:
            raise as_problem(error) from None

    def _boot_record(self) -> bytes:
        """What a replay must know of this life of the process."""
        known = {
            "version": VERSION,
            "tzdata": zones.VERSION,
            "python": platform.python_version(),
            "host": socket.gethostname(),
            "started_at": format_instant(self._clock.wall()),
            "max_answer_age_s": self._settings.max_answer_age_s,
            "max_staleness_s": self._settings.max_staleness_s,
        }
        return msgspec.json.encode({"open": known})


def _closing(send: Send) -> Send:
    """Have the connection closed after the answer."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), (b"connection", b"close")]
        await send(message)

    return sent


async def _watch(spool: Spool) -> None:
    """Say in the log when answers pile up that nobody ships, and when that is over."""
    warned = False
    while True:
        await asyncio.sleep(WATCH_S)
        with contextlib.suppress(SpoolUnavailableError):
            used, limit = room = spool.room()
            if warned != (room.ratio >= WARN_AT):
                warned = not warned
                tell = logger.warning if warned else logger.info
                tell("spool_filling" if warned else "spool_has_room", used_bytes=used, limit_bytes=limit)


def _serve_committed_document(web: FastAPI) -> None:
    """In place of the framework's route, which would build the document on the event loop, with all asks waiting."""
    url = web.openapi_url
    assert url is not None

    async def document(_: Request) -> Response:
        return Response(committed_document(), media_type="application/json")

    web.router.routes[:] = [route for route in web.router.routes if getattr(route, "path", None) != url]
    web.add_route(url, document, include_in_schema=False)
