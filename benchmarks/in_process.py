"""Rounds in process: each engine answers the same questions in turn; microseconds a question."""

import contextlib
import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.answers import compare, expected, said_in_process
from benchmarks.contestant import Deciding, InProcess
from benchmarks.figures import Spread, in_turns
from benchmarks.plant import Asked, Plant, questions
from benchmarks.progress import told
from qualsvc.cli.serving import let_asks_go_first

COMPARED = 300
_ENOUGH_S = 0.1


@dataclass(frozen=True, slots=True)
class Decided:
    """What one engine measured: microseconds a question, a figure for each round."""

    name: str
    version: str
    with_reasons: bool
    microseconds: list[float] = field(default_factory=list)


def measure(plant: Plant, contestants: Sequence[InProcess], rounds: int) -> dict[str, Decided]:
    """Make all, see that all answer alike, then time them in turn. By name. Raises DisagreementError."""
    instant = time.time_ns() // 1000
    asked = questions(plant, min(plant.persons, max(one.many for one in contestants)))
    right = expected(plant, asked[:COMPARED], instant)
    found = {one.name: Decided(one.name, one.version, one.with_reasons) for one in contestants}
    many = {one.name: one.many for one in contestants}
    with contextlib.ExitStack() as making:
        engines: dict[str, Deciding] = {}
        for one in contestants:
            told(f"making {one.name}")
            engines[one.name] = engine = making.enter_context(one.make(plant, instant))
            if one.decides:
                compare(one.name, asked[:COMPARED], right, said_in_process(engine.decide, asked[:COMPARED]))
            _timed(engine, asked[: one.many])
        with _frozen():
            for turn in range(rounds):
                told(f"round {turn + 1} of {rounds}")
                for name in in_turns(list(engines), turn):
                    found[name].microseconds.append(_timed(engines[name], asked[: many[name]]))
    return found


def slower(one: Decided, other: Decided) -> Spread:
    """How many times as long `one` takes as `other`."""
    return Spread.of_ratios(one.microseconds, other.microseconds)


@contextlib.contextmanager
def _frozen() -> Iterator[None]:
    """As the service once it has loaded, for all engines alike: what is held is not walked over by each collection."""
    thresholds = gc.get_threshold()
    let_asks_go_first()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)


def _timed(engine: Deciding, asked: Sequence[Asked]) -> float:
    """The median of as many passes as a while has room for: one that other work interrupted is passed over."""
    passes, until = list[float](), time.perf_counter() + _ENOUGH_S
    while not passes or time.perf_counter() < until:
        passes.append(_pass(engine, asked))
    return median(passes)


def _pass(engine: Deciding, asked: Sequence[Asked]) -> float:
    if engine.time is not None:
        return engine.time(asked)
    decide = engine.decide
    began = time.perf_counter()
    for one in asked:
        decide(one)
    return (time.perf_counter() - began) / len(asked) * 1e6
