"""`qualsvc ask`: an exit code for each decision, and 5 for every way of having none."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.cli.commands import free_port, run


class Impostor(BaseHTTPRequestHandler):
    """Some other service, which says 200 to anything."""

    said = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.said)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- the base class' name
        """Say nothing."""


@pytest.fixture
def impostor() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Impostor) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_nobody_there(tmp_path: Path) -> None:
    """No service is no answer, and that is no."""
    done = run(tmp_path, "ask", "E1", "F", "L", "--url", f"http://127.0.0.1:{free_port()}", QUALSVC_API_KEY="x")
    assert (5, "qualsvc: no answer, so: no") == (done.returncode, done.stderr.splitlines()[0])


def test_no_key(tmp_path: Path) -> None:
    """Without a key nothing is asked."""
    done = run(tmp_path, "ask", "E1", "F", "L")
    assert (5, "qualsvc: nothing was asked") == (done.returncode, done.stderr.splitlines()[0])


@pytest.mark.parametrize("said", [b"", b"[]", b'{"decision":"allow","allowed":true}'])
def test_impostor(tmp_path: Path, impostor: str, said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not an answer of the contract is none, though it come with 200."""
    monkeypatch.setattr(Impostor, "said", said)
    done = run(tmp_path, "ask", "E1", "F", "L", "--url", impostor, QUALSVC_API_KEY="x")
    assert (5, "qualsvc: no answer, so: no", 3) == (
        *(done.returncode, done.stderr.splitlines()[0]),
        len(done.stderr.splitlines()),
    )


def test_unknown_decision(tmp_path: Path, impostor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision nobody knows is no answer."""
    codes: dict[str, object] = {
        "person": "E1",
        "equipment": "F",
        "process": "L",
        "obligations": [],
        "reasons": [],
        "valid_until": None,
    }
    answer = codes | {"decision": "maybe", "recheck_by": None, "decision_id": "x-1", "revision": 1}
    monkeypatch.setattr(Impostor, "said", json.dumps(answer).encode())
    assert 5 == run(tmp_path, "ask", "E1", "F", "L", "--url", impostor, QUALSVC_API_KEY="x").returncode


def test_key_that_no_header_can_carry(tmp_path: Path) -> None:
    """A key that cannot be sent is told in three lines."""
    done = run(tmp_path, "ask", "E1", "F", "L", QUALSVC_API_KEY="ключ")
    assert (5, 3) == (done.returncode, len(done.stderr.splitlines()))
