"""An end that nobody notices: told to stop, a process says so first, and goes on answering until nobody asks it any more."""

import os
import signal
import threading
import time
from types import FrameType

import structlog

from qualsvc.app import Service

logger = structlog.get_logger("qualsvc.serve")

_AT_ONCE_S = 1.0


def drain_first(service: Service, seconds: float) -> None:
    """Let SIGTERM stop the server only so many seconds later; to be called once the server has taken the signal.

    Meanwhile `/readyz` is 503 and each answer closes its connection, so that whoever asks goes elsewhere. A second signal stops
    it at once, and so does Ctrl-C; but two in one breath are one, for who stops all of a service signals its workers himself,
    and their parent does so again.
    """
    stop = signal.getsignal(signal.SIGTERM)
    assert callable(stop)

    began, over = float("-inf"), False

    def begin(number: int, frame: FrameType | None) -> None:
        nonlocal began
        if not over and time.monotonic() - began < _AT_ONCE_S:
            return
        drains = seconds > 0 and not service.draining and service.replica.held is not None
        service.draining, began = True, time.monotonic()
        if not drains:
            stop(number, frame)
            return
        logger.info("draining", seconds=seconds)
        ending = threading.Timer(seconds, end)
        ending.daemon = True
        ending.start()

    def end() -> None:
        nonlocal over
        over = True
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, begin)
