"""Rounds over HTTP: each contestant in turn, throughput, one connection alone, and a constant rate."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from benchmarks.answers import compare, expected, said_over_http
from benchmarks.client import Driven, drive
from benchmarks.contestant import OverHttp, Serving
from benchmarks.cores import put_first, spent_us
from benchmarks.figures import Spread, in_turns
from benchmarks.plant import Plant, questions
from benchmarks.progress import told

CONNECTIONS = 32
COMPARED = 500
ASKED = 5_000
"""Distinct questions, asked in turn, each of another person."""
_WARM_S = 1.5


@dataclass(frozen=True, slots=True)
class Timing:
    """How many rounds, and seconds of each measurement in them."""

    rounds: int = 7
    throughput_s: float = 2.0
    alone_s: float = 1.0
    rate_s: float = 2.0

    def seconds(self, contestants: int) -> float:
        """About how long it takes, start and loading left aside."""
        return self.rounds * contestants * (self.throughput_s + self.alone_s + self.rate_s + 1.0)


@dataclass(frozen=True, slots=True)
class Rounds:
    """What one contestant measured, a figure for each round."""

    name: str
    version: str
    rate: float
    throughput: list[Driven] = field(default_factory=list)
    alone: list[Driven] = field(default_factory=list)
    at_rate: list[Driven] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    """Of its processes on the ask path, an answer, as fast as they come; other work on the machine shows less in it."""

    def a_second(self) -> list[float]:
        return [one.a_second for one in self.throughput]

    def p50(self) -> list[float]:
        """Microseconds, at one connection."""
        return [one.p50_us for one in self.alone]

    def p99(self) -> list[float]:
        """Microseconds, at the constant rate."""
        return [one.p99_us for one in self.at_rate]

    def kept_up(self) -> bool:
        """Whether it answered all that was asked at the constant rate, nearly as soon as it was asked."""
        return all(one.unanswered == 0 and one.p50_us < 100_000 for one in self.at_rate)


def measure(plant: Plant, contestants: Sequence[OverHttp], timing: Timing) -> dict[str, Rounds]:
    """Start all, see that all answer alike, then measure them in turn. By name. Raises DisagreementError, ClientError."""
    asked = questions(plant, min(ASKED, plant.persons))
    found = {one.name: Rounds(one.name, one.version, one.rate) for one in contestants}
    with contextlib.ExitStack() as running:
        servers: dict[str, Serving] = {}
        right = expected(plant, asked[:COMPARED])
        for one in contestants:
            told(f"starting {one.name}")
            servers[one.name] = serving = running.enter_context(one.start(plant))
            put_first(serving.pids)
            if one.decides:
                compare(one.name, asked[:COMPARED], right, said_over_http(serving, asked[:COMPARED]))
        requests = {name: [serving.request(each) for each in asked] for name, serving in servers.items()}
        for name, serving in servers.items():
            drive(serving.port, requests[name], connections=CONNECTIONS, seconds=_WARM_S)
        for turn in range(timing.rounds):
            told(f"round {turn + 1} of {timing.rounds}")
            for name in in_turns(list(servers), turn):
                once = partial(drive, servers[name].port, requests[name])
                spent = spent_us(servers[name].pids)
                fast = once(connections=CONNECTIONS, seconds=timing.throughput_s)
                found[name].throughput.append(fast)
                found[name].cpu_us.append((spent_us(servers[name].pids) - spent) / (fast.answers + fast.warming))
                found[name].alone.append(once(connections=1, seconds=timing.alone_s))
                found[name].at_rate.append(once(connections=CONNECTIONS, seconds=timing.rate_s, rate=found[name].rate))
    return found


def throughput(one: Rounds, other: Rounds) -> Spread:
    """Answers a second, one to the other."""
    return Spread.of_ratios(one.a_second(), other.a_second())


def cpu(one: Rounds, other: Rounds) -> Spread:
    """CPU an answer, one to the other."""
    return Spread.of_ratios(one.cpu_us, other.cpu_us)


def alone(one: Rounds, other: Rounds) -> Spread:
    """The medians at one connection, one to the other."""
    return Spread.of_ratios(one.p50(), other.p50())


def at_rate(one: Rounds, other: Rounds) -> Spread:
    """The 99th percentiles at the constant rate, one to the other."""
    return Spread.of_ratios(one.p99(), other.p99())
