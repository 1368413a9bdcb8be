"""Asking as fast as a plain socket can, and what came back."""

import json
import socket
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.serving import ADMIN_KEY, QUESTION


@dataclass
class Asking(threading.Thread):
    """Asks until nobody answers any more; `received` are whole answers, in order."""

    base: str
    question: dict[str, str] = field(default_factory=lambda: dict(QUESTION))
    received: list[bytes] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.enough = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        parts = urlsplit(self.base)
        lines = (
            f"GET /can-operate?{urlencode(self.question)} HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Authorization: Bearer {ADMIN_KEY}",
        )
        request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        try:
            with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60) as connection:
                answers = connection.makefile("rb")
                while not self.enough.is_set():
                    connection.sendall(request)
                    status = int(answers.readline().split()[1])
                    length = 0
                    while (line := answers.readline()) not in (b"\r\n", b""):
                        name, _, value = line.partition(b":")
                        if name.lower() == b"content-length":
                            length = int(value)
                    body = answers.read(length)
                    if len(body) < length:
                        return
                    if status == 200:
                        self.received.append(body)
                    else:
                        self.refused.append(status)
        except (OSError, IndexError):
            return


def ids(received: list[bytes]) -> list[str]:
    """The decision ids of answers."""
    return [str(answered(each)["decision_id"]) for each in received]


def answered(body: bytes) -> dict[str, Any]:
    """An answer, read."""
    document: dict[str, Any] = json.loads(body)
    return document
