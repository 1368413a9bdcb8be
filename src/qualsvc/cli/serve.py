"""`qualsvc serve`: the service."""

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
import time
from typing import Annotated

import structlog
import typer
import uvicorn

from qualsvc.access.issuing import Issued, ensure_bootstrap
from qualsvc.app import SPOOL, Service
from qualsvc.audit.keeping import Keeping
from qualsvc.cli.bringing_up import bring_up
from qualsvc.cli.refusals import told
from qualsvc.cli.serving import let_asks_go_first, listening, options, server, stop_cleanly
from qualsvc.cli.shipping import Shipping
from qualsvc.database import Database
from qualsvc.logs import configure_logs
from qualsvc.settings import Settings, load_settings
from qualsvc.spool.spool import SpoolUnavailableError, prepare_directory
from qualsvc.store.engine import make_engine

logger = structlog.get_logger("qualsvc.serve")

_PARENT_POLL_S = 0.5
_ROOM_POLL_S = 1.0


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
        bound = listening(host, port)  # first of all: nothing is to be made or started for a port that is taken
        _has_room(settings)
        keeping = Keeping.configured(settings)
        database = Database(settings)
        with database as url:
            issued = asyncio.run(prepare(url, settings))
            if issued is not None:
                print(f"admin API key, shown this once: {issued.token}", file=sys.stderr, flush=True)
            with Shipping(settings.data_dir / SPOOL, url, keeping, settings.log_level):
                while not _has_room(settings):  # answers of before fill the disk: now that they are shipped there will be
                    time.sleep(_ROOM_POLL_S)
                if workers == 1:
                    service = Service(settings, url, revive=database.revive)
                    asyncio.run(server(service, lambda: _listening(*bound.getsockname()[:2])).serve([bound]))
                else:
                    bound.close()
                    app = "qualsvc.cli.serve:worker"
                    uvicorn.run(app, factory=True, workers=workers, host=host, port=port, **options())


def _has_room(settings: Settings) -> bool:
    """Whether answers can be put on file. Raises SpoolUnavailableError where that is not for want of room."""
    try:
        prepare_directory(settings.data_dir / SPOOL, settings.spool_max_mb * 1_000_000)
    except SpoolUnavailableError as error:
        if not error.is_full:
            raise
        logger.warning("no_room_for_answers", why=str(error))
        return False
    return True


async def _listening(host: str, port: int) -> None:
    logger.info("listening", host=host, port=port)


def worker() -> Service:
    """The application of one of several processes; the embedded server's own locks notice when the process ends."""
    settings = load_settings(os.environ)
    configure_logs(settings.log_level)
    let_asks_go_first()
    parent = multiprocessing.parent_process()  # as it was when it made us: it may be gone by now
    assert parent is not None
    threading.Thread(target=_end_with_parent, args=[parent.pid], daemon=True).start()
    database = Database(settings)
    with told():
        return Service(settings, database.__enter__(), revive=database.revive)
    raise AssertionError


def _end_with_parent(parent: int | None) -> None:
    """Stop when the process that watches over the workers is gone: orphans would hold the port for ever."""
    while os.getppid() == parent:
        time.sleep(_PARENT_POLL_S)
    os.kill(os.getpid(), signal.SIGTERM)


async def prepare(url: str, settings: Settings) -> Issued | None:
    """Bring the database to this version and see that there is an admin key; a key made here is returned to be shown."""
    await bring_up(url)
    engine = make_engine(url)
    try:
        return await ensure_bootstrap(engine, settings.bootstrap_api_key)
    finally:
        await engine.dispose()
