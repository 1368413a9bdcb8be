"""What was to be reached, and whether it was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from benchmarks.figures import Figure
from benchmarks.parts import ask, deciding


@dataclass(frozen=True, slots=True)
class Goal:
    """The middle of a figure is to be at least, or at most, so much, in the unit of the figure."""

    key: str
    bound: Literal["≥", "≤"]
    value: float
    is_moonshot: bool = False
    """Hoped for: not to reach it is no failure."""

    def is_met(self, figure: Figure) -> bool:
        return figure.value.middle >= self.value if self.bound == "≥" else figure.value.middle <= self.value


GOALS = (
    Goal("ask.throughput/bare", "≥", 1.2),
    Goal("ask.throughput/bare", "≥", 1.8, is_moonshot=True),
    Goal("ask.p99", "≤", 0.5),
    Goal("ask.p99/bare", "≤", 1.3),
    Goal("ask.p50/bare", "≤", 1.0),
    Goal("kernel.known", "≤", 2),
    Goal("kernel.first", "≤", 60),
    Goal("batch.warm", "≤", 100),
    Goal("batch.longest_beside", "≤", 5),
    Goal("sets.pair", "≤", 20),
    Goal("sets.matrix", "≤", 100),
    Goal("growth.http.1000000/1000", "≤", 1.2),
    Goal("growth.known.1000000/1000", "≤", 2.5),
    Goal("growth.first.1000000/1000", "≤", 2.5),
    Goal("size.memory", "≤", 300),
    Goal("size.load", "≤", 8),
    Goal("size.pause", "≤", 50),
    Goal("size.creates", "≤", 15),
    Goal("size.changes", "≤", 15),
    Goal("evidence.recorded", "≤", 5),
    Goal("start.first", "≤", 5),
    Goal("start.warm", "≤", 2.5),
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
        return Goal(key, "≤", 1)
    return Goal(key, "≥", next((least for name, least in _OVER_HTTP.items() if peer.lower().startswith(name)), 1.0))


def _ahead_in_process(key: str) -> Goal:
    peer, _, reasons = key.removeprefix(deciding.PEER).partition("+")
    is_opa = peer.lower().startswith("opa")
    return Goal(key, "≥", (_IN_PROCESS_OPA if reasons else 1.0) if is_opa else _IN_PROCESS)
