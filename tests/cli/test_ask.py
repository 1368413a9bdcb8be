"""`qualsvc ask`: an exit code for each decision, and 5 for every way of having none."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from qualsvc.cli.ask import told
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


ANSWER: dict[str, Any] = {
    "decision": "allow",
    "person": "E1",
    "equipment": "F",
    "process": "L",
    "at": "2026-11-21T03:30:00Z",
    "obligations": [],
    "reasons": [],
    "valid_until": None,
    "recheck_by": "2026-11-21T03:35:00Z",
    "decision_id": "x-1",
    "revision": 1,
}
TONIGHT = {"valid_until": "2026-11-21T16:00:00Z"}
TOMORROW = {"worst_from": "2026-11-22T16:00:00Z"}
SUPERVISED = {"decision": "conditional", "obligations": [["supervisor_present"]]}


@pytest.mark.parametrize(
    ("changes", "lang", "lines"),
    [
        ({}, "en", ["YES  E1 on F for L", "  holds  until something changes"]),
        (TONIGHT, "en", ["YES  E1 on F for L", "  holds  until 2026-11-21T16:00:00Z"]),
        ({"decision": "deny"}, "en", ["NO  E1 on F for L", "  stays  no until something changes"]),
        ({"decision": "deny"} | TONIGHT, "en", ["NO  E1 on F for L", "  stays  no until 2026-11-21T16:00:00Z"]),
        (
            {"decision": "deny"} | TONIGHT | TOMORROW,
            "en",
            [
                "NO  E1 on F for L",
                "  first  at 2026-11-22T16:00:00Z, within the time asked about",
                "  before that, the answer for 2026-11-21T03:30:00Z holds until 2026-11-21T16:00:00Z",
            ],
        ),
        (
            SUPERVISED,
            "en",
            ["YES, IF  E1 on F for L", "  needs  a qualified supervisor present", "  holds  until something changes"],
        ),
        (
            SUPERVISED | TONIGHT,
            "zh-CN",
            ["有条件可以  E1 操作 F，工序 L", "  须有   具备资质的监护人在场", "  有效至 2026-11-21T16:00:00Z"],
        ),
        ({"decision": "deny"}, "zh-CN", ["不可以  E1 操作 F，工序 L", "  情况变化之前均不可以"]),
    ],
)
def test_told(changes: dict[str, Any], lang: str, lines: list[str]) -> None:
    """An answer reads in the language asked for, and never lets a no sound like something that may be held on to."""
    assert lines == told(ANSWER | changes, lang).splitlines()[: len(lines)]


def test_version(tmp_path: Path) -> None:
    """`--version` tells the version."""
    done = run(tmp_path, "--version")
    assert (0, f"qualsvc {version('qualsvc')}\n") == (done.returncode, done.stdout)
