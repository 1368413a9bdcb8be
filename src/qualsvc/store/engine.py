"""Connections to PostgreSQL from a plain `postgresql://…` URL."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from qualsvc.store.errors import DatabaseAway, said
from qualsvc.store.hosts import Host, hosts

CONNECT_TIMEOUT_S = 10
STATEMENT_TIMEOUT_S = 120
"""Longer than any statement of the largest bulk takes; a peer silent for so long is taken for dead."""
IDLE_TIMEOUT_S = 30
"""Longer than the largest bulk works between two statements, and shorter than others wait for the writer lock."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Connections of an engine: so many are kept, so many more are made as needed."""

    kept: int
    more: int

    @property
    def most(self) -> int:
        """As many as there ever are."""
        return self.kept + self.more


READING = Pool(kept=5, more=10)
WRITING = Pool(kept=2, more=7)
"""Writers wait for one another, so they have connections of their own; `http/traffic.py` shares both out."""

LOST = (DatabaseAway, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Whatever befalls who talks to a database that goes away."""

_KEEP_ALIVE = {"TCP_KEEPIDLE": 3, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 4, "TCP_USER_TIMEOUT": 8000}
"""Seconds of silence, between two probes, how many; and milliseconds that what was sent may stay without an answer."""

_AWAY = (
    OSError,  # TimeoutError too
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ObjectNotInPrerequisiteStateError,  # the database takes no connections for now
    asyncpg.TargetServerAttributeNotMatched,  # in the midst of a failover there is no primary
)


async def connect(
    url: str, *, timeout_s: float = CONNECT_TIMEOUT_S, statement_timeout_s: float = STATEMENT_TIMEOUT_S
) -> asyncpg.Connection:
    """One connection that is not pooled. Raises `DatabaseAway` when nobody answers, each host given so many seconds.

    Every parameter of the URL (`sslmode`, `target_session_attrs`, several hosts …) means what it means to libpq.
    """
    unnamed: list[Host] = [(None, None)]
    *others, last = hosts(url) or unnamed
    for host in others:
        with contextlib.suppress(DatabaseAway):
            return await _connect(url, host, timeout_s, statement_timeout_s)
    return await _connect(url, last, timeout_s, statement_timeout_s)


async def _connect(url: str, host: Host, timeout_s: float, statement_timeout_s: float) -> asyncpg.Connection:
    try:
        connection = await asyncpg.connect(
            url,
            host=host[0],
            port=host[1],
            timeout=timeout_s,
            command_timeout=statement_timeout_s,
            # The server frees locks of a peer that vanished without a word; the writer lock is one of them.
            server_settings={
                "application_name": "qualsvc",
                "timezone": "UTC",
                # What is committed is told others as done, and taken away here: whatever the database is set to.
                "synchronous_commit": "on",
                # And of a peer that stands still in the midst of a write: else nobody could write any more.
                "idle_in_transaction_session_timeout": f"{IDLE_TIMEOUT_S}s",
                "tcp_keepalives_idle": "15",
                "tcp_keepalives_interval": "5",
                "tcp_keepalives_count": "3",
            },
        )
    except _AWAY as error:
        raise DatabaseAway(f"the database does not answer: {said(error)}") from error
    _keep_alive(connection)
    return connection


def _keep_alive(connection: asyncpg.Connection) -> None:
    """Have the system notice a server that vanished without a word, within seconds, whoever waits for what."""
    # The driver has no name for its socket; tests/store/test_hosts.py sees that it is still found here.
    ours = connection._transport.get_extra_info("socket")  # noqa: SLF001
    if ours.family in {socket.AF_INET, socket.AF_INET6}:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEP_ALIVE.items():
            if hasattr(socket, name):
                ours.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def make_engine(url: str, pool: Pool = READING) -> AsyncEngine:
    """An engine over asyncpg; its connections are tested before each use."""

    async def creator(**_: Any) -> asyncpg.Connection:
        return await connect(url)

    engine = create_async_engine(
        "postgresql+asyncpg://",
        # What is written may be names and telephone numbers: no error repeats it, for errors go into the log.
        hide_parameters=True,
        pool_size=pool.kept,
        max_overflow=pool.more,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=True,
        # No cache of prepared statements: their generic plans, made while a table was empty, read a filled one through for
        # every batch of a bulk until it is next analyzed (135 s where 2 s do).
        connect_args={"async_creator_fn": creator, "prepared_statement_cache_size": 0},
    )
    event.listen(engine.sync_engine, "handle_error", _without_detail)
    return engine


def _without_detail(context: ExceptionContext) -> None:
    """Take out of an error what the database tells of the row it is about: `Failing row contains (…)`, with all its values."""
    raised = context.original_exception
    refused = raised.__cause__
    if not isinstance(refused, asyncpg.PostgresError) or not refused.detail:
        return
    told, refused.detail = f"\nDETAIL:  {refused.detail}", None
    for error in (raised, context.sqlalchemy_exception):
        if error is not None:
            error.args = tuple(each.replace(told, "") if isinstance(each, str) else each for each in error.args)


async def close(connection: asyncpg.Connection) -> None:
    """Close politely, or at once when the peer does not answer within a second."""
    try:
        await asyncio.wait_for(connection.close(), 1)
    except LOST:
        connection.terminate()
