"""`python -m benchmarks.size [PERSONS] [--data DIRECTORY]`: a large plant in a real service over a real PostgreSQL of its own.

Each person has five certificates and an assignment, one in three a badge. Told are: bulks of 100,000 records from an empty
ledger on, start to first answer, memory, one change, and the longest ask while 100,000 records change. A directory that is
named is kept, and what is in it used again. Times belong to the machine; CPU seconds are those of the service alone.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, islice
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import httpx

from benchmarks.load import constant_rate

PERSONS = 100_000
RECORDS = 100_000
"""Of one bulk."""
RATE = 200.0
"""Asks a second, all the while."""
CHANGES = 200
_KEY = "benchmark-" + "k" * 32
_HEADERS = {"Authorization": f"Bearer {_KEY}"}
_TYPES, _CLASSES, _EQUIPMENT, _PROCESSES, _POSITIONS, _RULES = 30, 30, 500, 50, 20, 200
_TODAY = date(2026, 11, 21)
T = TypeVar("T")


def frame() -> Iterator[dict[str, Any]]:
    """Everything but people."""
    yield {"kind": "site", "code": "NGB", "name": "Ningbo", "time_zone": "Asia/Shanghai"}
    for i in range(_TYPES):
        of_law = {"category": "statutory" if i % 3 == 0 else "internal", "levels": ["basic", "skilled", "expert"]}
        yield {"kind": "certificate_type", "code": f"T{i:02}", "name": f"Type {i}", "warning_days": [30, 60]} | of_law
    for i in range(_CLASSES):
        yield {"kind": "equipment_class", "code": f"CLASS-{i:02}", "name": f"Class {i}"}
    for i in range(_EQUIPMENT):
        machine = {"kind": "equipment", "code": f"EQ-{i:04}", "name": f"Machine {i}", "site": "NGB", "status": "in_service"}
        yield machine | {"equipment_class": f"CLASS-{i % _CLASSES:02}", "ratings": {"lifting_t": 5 + i % 20}}
    for i in range(_PROCESSES):
        yield {"kind": "process", "code": f"PROC-{i:02}", "name": f"Process {i}"}
    for i in range(_POSITIONS):
        yield {"kind": "position", "code": f"POS-{i:02}", "name": f"Position {i}", "may_confirm": i % 7 == 0}
    for i in range(_RULES):
        rule = {"kind": "rule", "code": f"RULE-{i:03}", "name": f"Rule {i}", "effect": "grant" if i % 4 else "guard"}
        asked = {"certificate": {"type": f"T{i % _TYPES:02}"}}
        where = {"equipment_class": f"CLASS-{i % _CLASSES:02}", "process": f"PROC-{i % _PROCESSES:02}"}
        yield rule | where | {"requirement": asked, "enforcement": "block", "risk": "high"}


def person(number: int) -> Iterator[dict[str, Any]]:
    """One person, what they hold and what they are."""
    code = f"E{100_000 + number}"
    works = {"employment": "employee", "status": "active", "employed_from": _day(-400 - number % 4000)}
    badges = [f"04:{number:08X}"] if number % 3 == 0 else []
    yield {"kind": "person", "code": code, "name": f"Person {number}", "site": "NGB", "badges": badges} | works
    held = {"position": f"POS-{number % _POSITIONS:02}", "basis": "regular"}
    held["valid_from"] = f"{_day(-300 - number % 900)}T00:00:00Z"
    yield {"kind": "assignment", "code": f"A-{code}-1", "person": code} | held
    for i in range(5):
        yield certificate(number, i, _day(30 + (number * 7 + i * 131) % 1500))


def certificate(number: int, i: int, until: str) -> dict[str, Any]:
    """One of the five certificates of a person."""
    code, kind = f"E{100_000 + number}", (number + i * 7) % _TYPES
    one: dict[str, Any] = {"kind": "certificate", "code": f"N{kind:02}-{(number * 5 + i):08}"}
    one |= {"person": code, "type": f"T{kind:02}"}
    one |= {"number": f"T{number:010}{i}", "issuer": "市场监督管理局", "level": ("basic", "skilled", "expert")[number % 3]}
    one |= {"status": "valid", "valid_from": _day(-100 - (number * 3 + i) % 1200), "valid_until": until, "verified": i % 2 == 0}
    if i == 0:
        one |= {"limits": {"lifting_t": 5 + number % 20}, "next_review_on": _day(10 + number % 700)}
    if i == 1:
        one |= {"scopes": ["bridge", "gantry"]}
    return one


def _day(days: int) -> str:
    return (_TODAY + timedelta(days)).isoformat()


def bulks(persons: int) -> Iterator[bytes]:
    """All of it, `RECORDS` lines each."""
    lines = chain(frame(), chain.from_iterable(map(person, range(persons))))
    while listed := list(islice(lines, RECORDS)):
        yield _ndjson(listed)


def changed_certificates(persons: int, turn: int) -> bytes:
    """`RECORDS` certificates, all of them with another end."""
    listed = [certificate(i // 5, i % 5, _day(2000 + turn)) for i in range(min(RECORDS, persons * 5))]
    return _ndjson(listed)


def _ndjson(records: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode()


@dataclass(frozen=True, slots=True)
class Service:
    """`qualsvc serve` as a process of its own."""

    port: int
    pid: int
    began: float

    def post(self, path: str, body: bytes, media_type: str = "application/x-ndjson") -> dict[str, Any]:
        answer = httpx.post(self._url(path), content=body, headers=_HEADERS | {"Content-Type": media_type}, timeout=300)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, number: int = 0) -> httpx.Response:
        return httpx.get(self._url("/can-operate"), params=_question(number), headers=_HEADERS, timeout=5)

    def cpu(self) -> float:
        """CPU seconds so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, name: str = "Pss") -> float:
        """Megabytes of the process."""
        return _memory(self.pid, name)


def _memory(pid: int, name: str) -> float:
    place, shown = ("smaps_rollup", name) if name != "VmHWM" else ("status", name)
    lines = Path(f"/proc/{pid}/{place}").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{shown}:")).split()[1]) / 1024


def _question(number: int) -> dict[str, str]:
    return {
        "person": f"E{100_000 + number}",
        "equipment": f"EQ-{number % _EQUIPMENT:04}",
        "process": f"PROC-{number % _PROCESSES:02}",
    }


def _environment(directory: Path) -> dict[str, str]:
    ours = {"QUALSVC_DATA_DIR": str(directory), "QUALSVC_BOOTSTRAP_API_KEY": _KEY, "QUALSVC_LOG_LEVEL": "warning"}
    return {name: value for name, value in os.environ.items() if not name.startswith("QUALSVC_")} | ours


@contextlib.contextmanager
def serving(directory: Path) -> Iterator[Service]:
    """The service, from the moment on that it answers an ask."""
    port = _free_port()
    began = time.perf_counter()
    command = [sys.executable, "-m", "qualsvc", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=_environment(directory)) as process:
        try:
            service = Service(port, process.pid, began)
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if service.ask().status_code == 200:
                        break
                if process.poll() is not None:
                    raise RuntimeError("the service has ended")
                time.sleep(0.02)
            yield service
        finally:
            process.terminate()


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _asking(port: int, persons: int, ending: Any, told: Any) -> None:
    """In a process of its own: ask at a constant rate until told to end."""

    async def run() -> list[float]:
        over = asyncio.Event()
        asks = [_request(_question(i * 7919 % persons)) for i in range(2000)]
        driven = asyncio.create_task(constant_rate(port, asks, 16, RATE, over))
        await asyncio.to_thread(ending.wait)
        over.set()
        return await driven

    told.put(asyncio.run(run()))


def _request(question: dict[str, str]) -> bytes:
    query = "&".join(f"{name}={value}" for name, value in question.items())
    return f"GET /can-operate?{query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {_KEY}\r\n\r\n".encode()


def while_asked(service: Service, persons: int, work: Callable[[], T]) -> tuple[T, list[float]]:
    """What the work gives, and the milliseconds of all asks meanwhile, the longest first."""
    spawning = multiprocessing.get_context("spawn")
    ending, told = spawning.Event(), spawning.Queue()
    asking = spawning.Process(target=_asking, args=(service.port, persons, ending, told))
    asking.start()
    time.sleep(1.5)  # until it asks
    done = work()
    ending.set()
    latencies = told.get()
    asking.join()
    return done, sorted((1000 * each for each in latencies), reverse=True)


def _report(name: str, *values: object) -> None:
    print(f"{name:<44}", *(f"{value:.3f}" if isinstance(value, float) else value for value in values), flush=True)


def _timed(service: Service, work: Callable[[], Any]) -> tuple[float, float]:
    began, spent = time.perf_counter(), service.cpu()
    work()
    return time.perf_counter() - began, service.cpu() - spent


def _fill(directory: Path, persons: int) -> None:
    with serving(directory) as service:
        _report("first start to first answer, s", time.perf_counter() - service.began)
        _report("memory without facts, MB (Pss, Rss)", service.memory(), service.memory("Rss"))
        for body in bulks(persons):
            took, spent = _timed(service, lambda body=body: service.post("/v1/bulk", body))  # type: ignore[misc]
            _report(f"bulk of {body.count(10) + 1} creates, s (CPU s)", took, spent)
        _report("memory when all came in, MB (Pss, most)", service.memory(), service.memory("VmHWM"))


def _serve(directory: Path, persons: int) -> None:
    with serving(directory) as service:
        _report("start to first answer, s (CPU s)", time.perf_counter() - service.began, service.cpu())
        for number in range(2000):
            service.ask(number * 31 % persons)
        _report("memory, MB (Pss, Rss, most)", service.memory(), service.memory("Rss"), service.memory("VmHWM"))
        _, quiet = while_asked(service, persons, lambda: time.sleep(5))
        _report("longest asks of 5 s of nothing else, ms", *(round(each, 1) for each in quiet[:3]))
        _, alone = while_asked(service, persons, lambda: _change_one_by_one(service))
        _report("longest asks while changed one by one, ms", *(round(each, 1) for each in alone[:3]))
        for turn in (time.time_ns() // 10**9 % 5000, 6000):
            _change_all(service, persons, turn)
        _report("memory after it, MB (Pss, Rss, most)", service.memory(), service.memory("Rss"), service.memory("VmHWM"))


def _change_all(service: Service, persons: int, turn: int) -> None:
    body = changed_certificates(persons, turn)

    def change() -> tuple[float, float]:
        return _timed(service, lambda: service.post("/v1/bulk", body))

    (took, spent), asked = while_asked(service, persons, change)
    _report(f"bulk of {body.count(10) + 1} changes, s (CPU s)", took, spent)
    over = [sum(each > bound for each in asked) for bound in (10, 20, 50)]
    _report("longest asks, ms; of all; over 10, 20, 50 ms", *(round(each, 1) for each in asked[:5]), len(asked), *over)


def _change_one_by_one(service: Service) -> None:
    took = []
    with httpx.Client(base_url=f"http://127.0.0.1:{service.port}", headers=_HEADERS) as client:
        for number in range(CHANGES):
            one = certificate(number, 2, _day(1000 + time.time_ns() // 10**9 % 900))
            began = time.perf_counter()
            client.put(f"/v1/certificates/{one['code']}", json={k: v for k, v in one.items() if k != "kind"}).raise_for_status()
            took.append(time.perf_counter() - began)
    _report("one change over HTTP, ms (median, least)", 1000 * median(took), 1000 * min(took))


def main() -> None:
    """Fill an empty directory, then measure."""
    options = argparse.ArgumentParser()
    options.add_argument("persons", nargs="?", type=int, default=PERSONS)
    options.add_argument("--data", type=Path)
    given = options.parse_args()
    _report("load on the machine", *os.getloadavg())
    with contextlib.ExitStack() as stack:
        directory = given.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="qualsvc-size-")))
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o711)
        if not (directory / "postgres").exists():
            _fill(directory, given.persons)
        _serve(directory, given.persons)
    _report("load on the machine", *os.getloadavg())


if __name__ == "__main__":
    main()
