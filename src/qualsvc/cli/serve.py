"""`qualsvc serve`: the service."""

import asyncio
import os
import sys
import time
from typing import Annotated

import structlog
import typer

from qualsvc.access.issuing import Issued, ensure_bootstrap
from qualsvc.app import SPOOL, Service
from qualsvc.audit.keeping import Keeping
from qualsvc.cli.bringing_up import bring_up
from qualsvc.cli.refusals import told
from qualsvc.cli.room import has_room, wait_for_room
from qualsvc.cli.serving import Ending, listening, server, stop_cleanly, take_files
from qualsvc.cli.shipping import Shipping
from qualsvc.cli.waiting_room import WaitingRoom
from qualsvc.cli.workers import serve_with_workers
from qualsvc.database import Database
from qualsvc.logs import configure_logs
from qualsvc.settings import Settings, load_settings
from qualsvc.store.engine import make_engine
from qualsvc.store.errors import DatabaseAway

logger = structlog.get_logger("qualsvc.serve")

_DATABASE_POLL_S = 0.5
_TELL_S = 15.0


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes; each answers from its own memory.")] = 1,
) -> None:
    """Run the service until it is told to stop."""
    with told():
        settings = load_settings(os.environ)
        configure_logs(settings.log_level)
        stop_cleanly()
        take_files()
        bound = listening(host, port)  # first of all: nothing is to be made or started for a port that is taken
        has_room(settings)
        keeping = Keeping.configured(settings)
        database = Database(settings)
        with WaitingRoom(bound) as room, database as url:
            logger.info("listening", host=bound.getsockname()[0], port=bound.getsockname()[1], workers=workers)
            issued = _prepared(url, settings, room)
            if issued is not None:
                print(f"admin API key, shown this once: {issued.token}", file=sys.stderr, flush=True)
            with Shipping(settings.data_dir / SPOOL, url, keeping, settings.log_level):
                wait_for_room(settings)  # where answers of before fill the disk: now they are shipped
                if workers > 1:
                    serve_with_workers(workers, bound, room)
                    return
                service = Service(settings, url, revive=database.revive)
                serving = server(service, drain_s=settings.drain_s, before_listening=room.leave)
                serving.run([bound])


def _prepared(url: str, settings: Settings, room: WaitingRoom) -> Issued | None:
    """Do as `prepare` does, once there is a database to do it with."""
    told_at = float("-inf")
    while True:
        try:
            return asyncio.run(prepare(url, settings))
        except DatabaseAway as error:
            room.why = str(error)
            if time.monotonic() - told_at >= _TELL_S:
                told_at = time.monotonic()
                logger.warning("waiting_for_database", why=str(error))
        Ending.look()
        time.sleep(_DATABASE_POLL_S)


async def prepare(url: str, settings: Settings) -> Issued | None:
    """Bring the database to this version and see that there is an admin key; a key made here is returned to be shown."""
    await bring_up(url)
    engine = make_engine(url)
    try:
        return await ensure_bootstrap(engine, settings.bootstrap_api_key)
    finally:
        await engine.dispose()
