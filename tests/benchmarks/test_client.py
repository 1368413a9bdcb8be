"""The client counts from when a question was due, and takes no answer but 200."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from benchmarks.client import ClientError, compiled, drive

from benchmarks import client

ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"


@contextlib.contextmanager
def serving(answer: Callable[[int], bytes | None]) -> Iterator[int]:
    """A server of one connection that sends what it is told for its first, second … question; None ends the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as connection, contextlib.suppress(ConnectionError):
                number = 0
                while connection.recv(65_536) and (told := answer(number)) is not None:
                    connection.sendall(told)
                    number += 1

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def test_answers_are_counted() -> None:
    """As fast as they come: how many, how large, and a rate that fits."""
    with serving(lambda _: OK) as port:
        driven = drive(port, [ASK], connections=1, seconds=0.2, warmup=0.05)
    assert driven.answers > 0
    assert driven.warming > 0
    assert driven.answer_bytes == len(OK)
    assert driven.p50_us <= driven.p99_us <= driven.longest_us


def test_answers_in_chunks_are_counted() -> None:
    """Some peers do not say how long an answer is."""
    with serving(lambda _: CHUNKED) as port:
        assert drive(port, [ASK], connections=1, seconds=0.1, warmup=0).answer_bytes == len(CHUNKED)


def test_a_pause_counts_for_every_question_due_in_it() -> None:
    """A server that stands still for 0.3 s keeps 30 questions of 100 a second waiting, not one."""

    def answer(number: int) -> bytes:
        if number == 10:
            time.sleep(0.3)
        return OK

    with serving(answer) as port:
        driven = drive(port, [ASK], connections=1, seconds=0.5, rate=100, warmup=0)
    assert driven.answers == 50
    assert driven.longest_us >= 290_000
    assert driven.p50_us >= 10_000


def test_questions_never_answered_count_with_the_time_they_waited() -> None:
    """Who answers nothing any more looks no better for it."""

    def answer(number: int) -> bytes:
        return OK if number < 10 else b""

    with serving(answer) as port:
        driven = drive(port, [ASK], connections=1, seconds=0.2, rate=100, warmup=0)
    assert (driven.answers, driven.unanswered) == (10, 10)
    assert driven.p99_us >= 2_000_000


def test_any_answer_but_200_ends_the_run() -> None:
    """An error answered quickly is not a fast answer."""
    with (
        serving(lambda _: b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n") as port,
        pytest.raises(ClientError, match="answered other than 200"),
    ):
        drive(port, [ASK], connections=1, seconds=0.1, warmup=0)


def test_a_connection_that_ends_ends_the_run() -> None:
    """Keep-alive is what is measured."""
    with serving(lambda number: OK if number < 3 else None) as port, pytest.raises(ClientError, match="the connection ended"):
        drive(port, [ASK], connections=1, seconds=5, warmup=0)


def test_without_a_compiler_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is started."""
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setenv("PATH", "/nowhere")
    client.compiled.cache_clear()
    with pytest.raises(ClientError, match="install gcc, or name one with CC"):
        compiled()
