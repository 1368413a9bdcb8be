"""A batch of 10,000 mixed questions over HTTP: how long it takes, and how long it holds up single asks meanwhile."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from benchmarks import service
from benchmarks.client import Driven, drive, driven, driving
from benchmarks.cores import put_first
from benchmarks.figures import Spread
from benchmarks.plant import Plant, questions
from benchmarks.progress import told

QUESTIONS = 10_000
RATE = 500
"""Single asks a second meanwhile."""
_CONNECTIONS = 8
_HEADERS = {"Authorization": f"Bearer {service.KEY}", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Batch:
    """Milliseconds of a batch when its persons' timelines are known; and single asks without and beside batches."""

    milliseconds: Spread
    to_single: Spread
    """A question of a batch to a single ask, as fast as each come."""
    first_ms: float
    quiet: Driven
    beside: Driven


def measure(plant: Plant, rounds: int) -> Batch:
    """On a service of its own."""
    asked = questions(plant, QUESTIONS)
    body = json.dumps({"questions": [one._asdict() for one in asked]}).encode()
    with service.serving(plant) as served:
        put_first([served.pid])
        told(f"batches of {QUESTIONS:,}")
        with httpx.Client(base_url=f"http://127.0.0.1:{served.port}", headers=_HEADERS, timeout=120, trust_env=False) as client:
            first = _took(client, body)
            requests = [service.request(one) for one in asked[:1000]]
            warm, single = [], []
            for _ in range(rounds):
                warm.append(_took(client, body))
                single.append(1e3 / drive(served.port, requests, seconds=1).a_second)
            told(f"batches beside {RATE} asks a second")
            seconds = max(3.0, rounds * first / 1000)
            quiet = drive(served.port, requests, connections=_CONNECTIONS, seconds=seconds, rate=RATE)
            beside = _beside(client, body, served.port, requests, seconds)
    to_single = Spread.of_ratios([each / QUESTIONS for each in warm], single)
    return Batch(Spread.of(warm), to_single, first, quiet, beside)


def _beside(client: httpx.Client, body: bytes, port: int, requests: Sequence[bytes], seconds: float) -> Driven:
    """One batch after the other for as long as single asks are counted."""
    with driving(port, requests, connections=_CONNECTIONS, seconds=seconds, rate=RATE, warmup=0.5) as asking:
        while asking.poll() is None:
            _took(client, body)
        return driven(asking)


def _took(client: httpx.Client, body: bytes) -> float:
    began = time.perf_counter()
    client.post("/can-operate/batch", content=body).raise_for_status()
    return (time.perf_counter() - began) * 1e3
