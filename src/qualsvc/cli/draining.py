"""An end that nobody notices: told to stop, a process says so first, and goes on answering until nobody asks it any more."""

import os
import signal
import threading
from types import FrameType

import structlog

from qualsvc.app import Service

logger = structlog.get_logger("qualsvc.serve")


def drain_first(service: Service, seconds: float) -> None:
    """Let SIGTERM stop the server only so many seconds later; to be called once the server has taken the signal.

    Meanwhile `/readyz` is 503 and each answer closes its connection, so that whoever asks goes elsewhere. A second signal stops
    it at once, and so does Ctrl-C.
    """
    stop = signal.getsignal(signal.SIGTERM)
    assert callable(stop)

    def begin(number: int, frame: FrameType | None) -> None:
        drains = seconds > 0 and not service.draining and service.replica.held is not None
        service.draining = True
        if not drains:
            stop(number, frame)
            return
        logger.info("draining", seconds=seconds)
        again = threading.Timer(seconds, os.kill, [os.getpid(), signal.SIGTERM])
        again.daemon = True
        again.start()

    signal.signal(signal.SIGTERM, begin)
