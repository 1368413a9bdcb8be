"""The controller shown in docs/howto-door.md, run as it stands against the service."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.cli.commands import free_port, serving
from tests.docs.pages import DOCS, section
from tests.serving import ADMIN_KEY, PLANT

SOURCE = section(DOCS / "howto-door.md", "A controller in thirty lines").blocks("python")[0]
MACHINE = ("FORK-07", "LOADING")
REUSED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"


class HandClock:
    """The controller's monotonic clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def start_enable(*arguments: Any, **options: Any) -> Any:
    """The class of the page, made from its text."""
    shown: dict[str, Any] = {}
    exec(compile(SOURCE, "howto-door.md", "exec"), shown)
    return shown["StartEnable"](*arguments, **options)


@contextmanager
def answering(reply: bytes | None) -> Iterator[int]:
    """A server that sends these bytes to everybody and hangs up; None: it accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                if reply is None:
                    held.append(peer)
                    continue
                with peer:
                    peer.recv(65536)
                    peer.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for peer in held:
                peer.close()


def test_it_is_about_thirty_lines() -> None:
    """The code under the heading is as short as the heading says."""
    lines = [line for line in SOURCE.splitlines() if line.strip() and not line.startswith(('"""', "import", "from"))]
    assert 25 <= len(lines) <= 35


def test_with_the_service(database_url: str, tmp_path: Path) -> None:
    """It enables the start on a yes, until `recheck_by` and no longer; shows why not; and a stopped server is a no."""
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY, "QUALSVC_MAX_ANSWER_AGE_S": "120"}
    clock = HandClock()
    with serving(tmp_path, **given) as (_, base):
        _load(base)
        address = urlsplit(base)
        door = start_enable(address.hostname, address.port, ADMIN_KEY, *MACHINE, timeout_s=30, clock=clock)

        assert not door.enabled()
        assert [] == door.swipe("B-1")
        assert door.enabled()
        clock.now += 119.9
        assert door.enabled()
        clock.now += 0.1
        assert not door.enabled()

        door.swipe("B-1")
        (why,) = door.swipe("B-nobody")
        assert why.startswith("person B-nobody is not known: ")
        assert not door.enabled()

        (why,) = door.swipe("B-2")
        assert why.startswith("may operate only under supervision: ")
        assert not door.enabled()
        assert [] == door.swipe("B-2", supervisor="E1")
        assert door.enabled()

        stranger = start_enable(address.hostname, address.port, "no-key-of-this-service", *MACHINE, timeout_s=30)
        assert ["no answer, so no start (status 401)"] == stranger.swipe("B-1")
        assert not stranger.enabled()
    assert door.swipe("B-1")[0].startswith("no answer, so no start")
    assert not door.enabled()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"yes",
        b"[]",
        b'{"allowed":"true"}',
        b'{"allowed":1,"reasons":[]}',
        b'{"allowed":true}',
        b'{"allowed":true,"recheck_by":null,"asked_at":"2026-11-21T08:30:00Z"}',
        b'{"allowed":true,"recheck_by":"soon","asked_at":"2026-11-21T08:30:00Z"}',
    ],
)
def test_broken_answers(body: bytes) -> None:
    """A body that is not the answer of the contract never enables a start."""
    with answering(REUSED % (len(body), body)) as port:
        door = start_enable("127.0.0.1", port, "key", *MACHINE, timeout_s=30)
        door.swipe("B-1")
        assert not door.enabled()


@pytest.mark.parametrize("status", ["204 No Content", "302 Found", "500 Internal Server Error", "503 Service Unavailable"])
def test_any_other_status(status: str) -> None:
    """Not 200 is no, even with a body that says yes."""
    body = b'{"allowed":true,"recheck_by":"2026-11-21T08:35:00Z","asked_at":"2026-11-21T08:30:00Z"}'
    reply = (REUSED % (len(body), body)).replace(b"200 OK", status.encode())
    with answering(reply) as port:
        door = start_enable("127.0.0.1", port, "key", *MACHINE, timeout_s=30)
        assert 1 == len(door.swipe("B-1"))
        assert not door.enabled()


@pytest.mark.parametrize("reply", [None, b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"])
def test_silence_and_half_answers(reply: bytes | None) -> None:
    """A server that accepts and says nothing, or stops in the middle, is a no within the time-out."""
    with answering(reply) as port:
        door = start_enable("127.0.0.1", port, "key", *MACHINE, timeout_s=0.2)
        assert 1 == len(door.swipe("B-1"))
        assert not door.enabled()


def test_no_network() -> None:
    """Nobody listens: no."""
    door = start_enable("127.0.0.1", free_port(), "key", *MACHINE)
    assert 1 == len(door.swipe("B-1"))
    assert not door.enabled()


def _load(base: str) -> None:
    """The plant of the serving tests, with a badge for the trainee too."""
    headers = {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/x-ndjson"}
    lines = [line | {"badges": ["B-2"]} if line["code"] == "E2" else line for line in PLANT]
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=60) as client:
        body = "\n".join(json.dumps(line) for line in lines)
        assert 200 == client.post("/v1/bulk", content=body.encode()).status_code
