"""Connections to PostgreSQL from a plain `postgresql://…` URL."""

import asyncio
import socket
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from qualsvc.store.errors import DatabaseAway

CONNECT_TIMEOUT_S = 10
STATEMENT_TIMEOUT_S = 120
"""Longer than any statement of the largest bulk takes; a peer silent for so long is taken for dead."""

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
)


async def connect(url: str, *, timeout_s: float = CONNECT_TIMEOUT_S, **settings: Any) -> asyncpg.Connection:
    """One connection that is not pooled. Raises `DatabaseAway` when nobody answers.

    Every parameter of the URL (`sslmode`, `target_session_attrs`, several hosts …) means what it means to libpq.
    """
    try:
        connection = await asyncpg.connect(
            url,
            timeout=timeout_s,
            command_timeout=STATEMENT_TIMEOUT_S,
            # The server frees locks of a peer that vanished without a word; the writer lock is one of them.
            server_settings={
                "application_name": "qualsvc",
                "timezone": "UTC",
                # What is committed is told others as done, and taken away here: whatever the database is set to.
                "synchronous_commit": "on",
                "tcp_keepalives_idle": "15",
                "tcp_keepalives_interval": "5",
                "tcp_keepalives_count": "3",
            },
            **settings,
        )
    except _AWAY as error:
        raise DatabaseAway(f"the database does not answer: {error or type(error).__name__}") from error
    _keep_alive(connection)
    return connection


def _keep_alive(connection: asyncpg.Connection) -> None:
    """Have the system notice a server that vanished without a word, within seconds, whoever waits for what."""
    # The driver has no name for its socket; tests/store/test_engine.py sees that it is still found here.
    ours = connection._transport.get_extra_info("socket")  # noqa: SLF001
    if ours.family in {socket.AF_INET, socket.AF_INET6}:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEP_ALIVE.items():
            if hasattr(socket, name):
                ours.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def make_engine(url: str, *, pool_size: int = 5, max_overflow: int = 10) -> AsyncEngine:
    """An engine over asyncpg; at most `pool_size + max_overflow` connections, tested before each use."""

    async def creator(**_: Any) -> asyncpg.Connection:
        return await connect(url)

    engine = create_async_engine(
        "postgresql+asyncpg://",
        # What is written may be names and telephone numbers: no error repeats it, for errors go into the log.
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=max_overflow,
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
