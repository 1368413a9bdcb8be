"""`python -m benchmarks.peers [NAME…]`: see that the peers in process answer as the kernel does, and time them beside it.

Microseconds a decision, of the same questions in the same order: each engine in a process of its own, in turns; of each
question the least of its rounds, so that other work on the machine counts less.
"""

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from statistics import mean, median

from benchmarks.answers import compare
from benchmarks.contestants import peers
from benchmarks.figures import in_turns
from benchmarks.kernel import Answers, first, known
from benchmarks.peers.aside import Aside, Peer, said
from benchmarks.peers.server import noon
from benchmarks.plant import Asked, plant, questions
from qualsvc.kernel.answer import answer
from qualsvc.kernel.question import Question

QUESTIONS = 2000
ROUNDS = 5

Timed = Callable[[], list[int]]
"""Answers all questions once; the nanoseconds of each."""


def main(words: Sequence[str]) -> None:
    """Print a row for each. Raises DisagreementError where one answers otherwise."""
    there = {one.name: one for one in peers() if isinstance(one, Peer)}
    options = argparse.ArgumentParser(prog="python -m benchmarks.peers", description="Time the peers in process by themselves.")
    options.add_argument("names", nargs="*", metavar="NAME", help=f"`{'`, `'.join(there)}`; all where none is named")
    names = options.parse_args(words).names
    for unknown in (name for name in names if name not in there):
        options.error(f"`{unknown}` is none of {', '.join(there)}")
    made = plant()
    asked, now, snapshot = questions(made, QUESTIONS), noon(made), made.snapshot()
    put = [Question(person=one.person, equipment=one.equipment, process=one.process, at=now) for one in asked]
    right = [answer(snapshot, one).decision for one in put]
    engines: dict[str, Timed] = {
        "kernel with reasons, timeline known": _kernel(known(snapshot), put),
        "kernel with reasons, first time": _kernel(first(snapshot), put),
    }
    with ExitStack() as running:
        for name in names or there:
            why = there[name].missing()
            if why is not None:
                print(f"{name} was left out: {why}", file=sys.stderr)
                continue
            aside = running.enter_context(there[name].running(made, now))
            compare(name, asked, right, map(said, aside.timed(asked).answers))
            engines[name] = _peer(aside, asked)
        gc.collect()
        gc.freeze()
        _print(_measured(engines))


def _kernel(answers: Answers, put: Sequence[Question]) -> Timed:
    def timed() -> list[int]:
        took = []
        for one in put:
            began = time.perf_counter_ns()
            answers(one)
            took.append(time.perf_counter_ns() - began)
        return took

    timed()
    return timed


def _peer(aside: Aside, asked: Sequence[Asked]) -> Timed:
    return lambda: aside.timed(asked).ns


def _measured(engines: dict[str, Timed]) -> dict[str, list[float]]:
    """The least microseconds of each question, rising."""
    rounds: dict[str, list[list[int]]] = {name: [] for name in engines}
    for turn in range(ROUNDS):
        for name in in_turns(list(engines), turn):
            rounds[name].append(engines[name]())
    return {name: sorted(min(each) / 1000 for each in zip(*timed, strict=True)) for name, timed in rounds.items()}


def _print(measured: dict[str, list[float]]) -> None:
    print(f"{QUESTIONS} questions, least of {ROUNDS} rounds, load average {os.getloadavg()[0]:.1f}")
    print(f"{'µs a decision':<40}{'median':>10}{'mean':>10}{'p99':>10}")
    for name, took in measured.items():
        print(f"{name:<40}{median(took):>10.1f}{mean(took):>10.1f}{took[len(took) * 99 // 100]:>10.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
