"""What was to be reached, and whether it was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from benchmarks.figures import Figure
from benchmarks.parts import ask, deciding


@dataclass(frozen=True, slots=True)
class Goal:
    """The middle of a figure is to be at least, or at most, so much."""

    key: str
    text: str
    bound: Literal["≥", "≤"]
    value: float
    unit: str = "×"
    is_moonshot: bool = False

    def is_met(self, figure: Figure) -> bool:
        return figure.value.middle >= self.value if self.bound == "≥" else figure.value.middle <= self.value


GOALS = (
    Goal("ask.throughput/bare", "throughput of `/can-operate` ÷ the bare app", "≥", 1.2),
    Goal("ask.throughput/bare", "the same, moonshot", "≥", 1.8, is_moonshot=True),
    Goal("ask.p99", "p99 at a constant 2,000/s", "≤", 0.5, "ms"),
    Goal("ask.p99/bare", "p99 at a constant 2,000/s ÷ the bare app", "≤", 1.3),
    Goal("ask.p50/bare", "p50 at one connection ÷ the bare app", "≤", 1.0),
    Goal("kernel.known", "kernel with reasons, timeline known", "≤", 2, "µs"),
    Goal("kernel.first", "kernel with reasons, first time", "≤", 60, "µs"),
    Goal("batch", "a batch of 10,000 mixed questions, warm", "≤", 100, "ms"),
    Goal("batch.longest", "longest single ask beside batches", "≤", 5, "ms"),
    Goal("sets.states of a pair, anew", "states of 10,000 persons for one pair", "≤", 20, "ms"),
    Goal("sets.matrix of a process, anew", "matrix 10,000 × 500 for a process, from certificates", "≤", 100, "ms"),
    Goal("growth.http.1000000/1000", "1,000,000 persons ÷ 1,000, over HTTP", "≤", 1.2),
    Goal("growth.known.1000000/1000", "1,000,000 persons ÷ 1,000, in process", "≤", 2.5),
    Goal("growth.first.1000000/1000", "1,000,000 persons ÷ 1,000, in process, first time", "≤", 2.5),
    Goal("size.memory", "a process with 100,000 persons and 500,000 certificates", "≤", 300, "MB"),
    Goal("size.load", "load of that from PostgreSQL to first answer", "≤", 8, "s"),
    Goal("size.pause", "longest ask while 100,000 of its records change", "≤", 50, "ms"),
    Goal("size.bulk", "bulk of 100,000 records", "≤", 15, "s"),
    Goal("evidence.put on record, us a decision", "put on record, a decision", "≤", 5, "µs"),
    Goal("start.first", "start to first answer, embedded, first ever", "≤", 5, "s"),
    Goal("start.warm", "start to first answer, embedded, warm", "≤", 2.5, "s"),
)
_OVER_HTTP = {"opa": 5.0, "cerbos": 20.0}
"""By how a peer's name begins: as many times its throughput. Ahead of everybody else, and at p50 and p99 of all."""
_IN_PROCESS = 40.0
_IN_PROCESS_OPA = 5.0
"""As OPA in WebAssembly with reasons; without them it does less, and everybody else is further behind."""


def goals(figures: Mapping[str, Figure]) -> Iterator[Goal]:
    """Those of the list that were measured, and those against each peer that took part."""
    yield from (goal for goal in GOALS if goal.key in figures)
    for key in figures:
        if key.startswith(ask.PEER):
            yield _ahead(key)
        elif key.startswith(deciding.PEER):
            yield _ahead_in_process(key)


def _ahead(key: str) -> Goal:
    peer, measured = key.removeprefix(ask.PEER).rsplit(".", 1)
    if measured != "throughput":
        return Goal(key, f"{measured} ÷ {peer}'s", "≤", 1)
    least = next((least for name, least in _OVER_HTTP.items() if peer.lower().startswith(name)), 1.0)
    return Goal(key, f"throughput ÷ {peer}'s", "≥", least)


def _ahead_in_process(key: str) -> Goal:
    peer, _, reasons = key.removeprefix(deciding.PEER).partition("+")
    is_opa = peer.lower().startswith("opa")
    least = (_IN_PROCESS_OPA if reasons else 1.0) if is_opa else _IN_PROCESS
    return Goal(key, f"times as fast as {peer}", "≥", least)
