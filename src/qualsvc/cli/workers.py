"""Several processes that answer on one port, each from its own memory; one that dies or hangs is replaced."""

import multiprocessing
import os
import signal
import socket
import threading
import time
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from qualsvc.app import Service
from qualsvc.cli.failure import EXIT_FAILED
from qualsvc.cli.refusals import told
from qualsvc.cli.room import wait_for_room
from qualsvc.cli.serving import Beginning, leave, let_asks_go_first, options, take_files
from qualsvc.cli.waiting_room import WaitingRoom
from qualsvc.database import Database
from qualsvc.logs import configure_logs
from qualsvc.settings import load_settings

logger = structlog.get_logger("qualsvc.serve")

_PARENT_POLL_S = 0.5
_HANGS_S = 20
"""After so long without a sign a worker is taken to hang; so long may one take to load that is to replace another."""
_ABOUT_TO_LISTEN = signal.SIGUSR1
_LEFT_WITHIN_S = 0.05


def serve_with_workers(number: int, bound: socket.socket, room: WaitingRoom) -> None:
    """Run so many processes until told to stop. `room` answers until the first of them does."""
    config = uvicorn.Config(
        "qualsvc.cli.workers:worker",
        factory=True,
        workers=number,
        timeout_worker_healthcheck=_HANGS_S,
        **options(),
    )
    supervisor = _Supervisor(config, bound, room)
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise SystemExit(EXIT_FAILED)


class _Supervisor(Multiprocess):
    def __init__(self, config: uvicorn.Config, bound: socket.socket, room: WaitingRoom) -> None:
        super().__init__(config, [bound])
        signal.signal(_ABOUT_TO_LISTEN, lambda *_: room.leave())
        signal.signal(signal.SIGTERM, self._end)

    def _end(self, number: int, _: FrameType | None) -> None:
        """Tell the workers at once; the loop comes to it half a second later, which is too late for who asks `/readyz`."""
        self.signal_queue.append(number)
        for process in self.processes:
            if process.pid is not None and process.exitcode is None:
                os.kill(process.pid, number)

    def keep_subprocess_alive(self) -> None:
        for process in self.processes:
            if process.exitcode is not None and not self.should_exit.is_set():
                logger.error("worker_died", pid=process.pid, status=process.exitcode)
        super().keep_subprocess_alive()


def worker() -> ASGIApp:
    """The application of one of several processes; the embedded server's own locks notice when the process ends."""
    settings = load_settings(os.environ)
    configure_logs(settings.log_level)
    let_asks_go_first()
    take_files()
    parent = _parent()
    threading.Thread(target=_end_with_parent, args=[parent], daemon=True).start()
    database = Database(settings)
    with told():
        stop = signal.signal(signal.SIGTERM, leave)  # the server looks at its own only once it runs
        wait_for_room(settings)  # or the end of this one would be taken for a failed start of all
        signal.signal(signal.SIGTERM, stop)
        service = Service(settings, database.__enter__(), revive=database.revive)
        return Beginning(service, settings.drain_s, lambda: _take_over_from(parent))
    raise AssertionError


def _parent() -> int:
    """The process that made this one, which may be gone by now: then process 1 stands in its place."""
    made_by = multiprocessing.parent_process()
    assert made_by is not None
    assert made_by.pid is not None
    return made_by.pid


def _take_over_from(parent: int) -> None:
    """Have the waiting room left, before connections are taken here: nobody is to hear of us both in turn."""
    if os.getppid() == parent:
        os.kill(parent, _ABOUT_TO_LISTEN)
        time.sleep(_LEFT_WITHIN_S)


def _end_with_parent(parent: int) -> None:
    """Stop when the process that watches over the workers is gone: orphans would hold the port for ever."""
    while os.getppid() == parent:
        time.sleep(_PARENT_POLL_S)
    os.kill(os.getpid(), signal.SIGTERM)
