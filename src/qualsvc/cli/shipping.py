"""The shipper beside a service: started with it, started again when it dies, and given time for the rest at the end."""

import contextlib
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from qualsvc.audit.keeping import Keeping

logger = structlog.get_logger("qualsvc.shipping")

_AGAIN_S = 1.0
_LAST_WORDS_S = 15.0
"""For the rest of the answers, and a last checkpoint after them."""


class Shipping:
    """A context in which what is spooled in a directory is shipped, by a process apart: answers do not wait for it."""

    def __init__(self, directory: Path, database_url: str, keeping: Keeping, log_level: str, log_format: str = "json") -> None:
        self._command = [sys.executable, "-m", "qualsvc.shipping", str(directory), log_level, log_format]
        self._told = database_url.encode() + b"\n" + keeping.line()
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = threading.Thread(target=self._watched, daemon=True)

    def __enter__(self) -> Self:
        self._process = self._started()
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ending.set()
        process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()
            try:
                process.wait(_LAST_WORDS_S)
            except subprocess.TimeoutExpired:
                process.kill()  # what is on file stays there, for the next start
                process.wait()
        self._watch.join(_AGAIN_S)

    def _started(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self._command, stdin=subprocess.PIPE, bufsize=0)  # noqa: S603 -- our own program
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died already; whoever watches starts it again
            process.stdin.write(self._told)
        return process

    def _watched(self) -> None:
        while not self._ending.is_set():
            assert self._process is not None
            status = self._process.wait()
            if self._ending.wait(_AGAIN_S):
                return
            logger.error("shipper_died", status=status)
            self._process = self._started()
