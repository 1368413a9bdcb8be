"""Engines that answer in a process of their own, beside this one, in the environment that has them.

They are given the facts in a file, then questions a line at a time, and time themselves: what it costs to talk to them is in
`decide`, and not in what is measured.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any as Json
from typing import NamedTuple

from benchmarks.contestant import Deciding, InProcess, Said
from benchmarks.peers.facts import Facts, Put
from benchmarks.peers.formula import Formula, Leaf, fold
from benchmarks.peers.install import PYTHON, ROOT, python_missing
from benchmarks.plant import Asked, Plant

Translate = Callable[[Facts], dict[str, Json]]
"""Facts as the engine's program reads them, JSON."""


class Timed(NamedTuple):
    """Answers, and the nanoseconds each took the engine."""

    answers: list[Json]
    ns: list[int]


class Aside:
    """A running program."""

    def __init__(self, process: "subprocess.Popen[str]", put: Callable[[Asked], Put]) -> None:
        self._process = process
        self._put = put
        self.version = str(self._line()["version"])

    def _line(self) -> dict[str, Json]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the engine ended with {self._process.wait()}; its last words are above")
        said: dict[str, Json] = json.loads(line)
        return said

    def timed(self, asked: Sequence[Asked]) -> Timed:
        """Ask one after the other."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([self._put(one) for one in asked]) + "\n")
        self._process.stdin.flush()
        said = self._line()
        return Timed(said["answers"], said["ns"])


@contextmanager
def running(plant: Plant, now: int, translate: Translate, command: Sequence[str | Path]) -> Iterator[Aside]:
    """The program with the plant in it; the file with the facts is its last argument."""
    facts = Facts(plant, now)
    with tempfile.TemporaryDirectory(prefix="qualsvc-peer-") as directory:
        file = Path(directory) / "facts.json"
        file.write_text(json.dumps(translate(facts)))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        with subprocess.Popen(
            [*command, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
        ) as process:
            try:
                yield Aside(process, facts.put)
            finally:
                assert process.stdin is not None
                process.stdin.close()
                process.terminate()


@contextmanager
def _deciding(plant: Plant, now: int, translate: Translate, program: Sequence[str | Path]) -> Iterator[Deciding]:
    with running(plant, now, translate, program) as aside:

        def mean(asked: Sequence[Asked]) -> float:
            ns = aside.timed(asked).ns
            return sum(ns) / len(ns) / 1000

        yield Deciding(lambda asked: said(aside.timed([asked]).answers[0]), mean)


def said(answer: Json) -> Said:
    """What an engine's answer says: yes or no, or the decision in an answer with reasons."""
    found: Said = answer["decision"] if isinstance(answer, dict) else bool(answer)
    return found


@dataclass(frozen=True, slots=True)
class Peer(InProcess):
    """A contestant whose program can be had for more than what contestants are asked."""

    translate: Translate = field(kw_only=True)
    program: Sequence[str | Path] = field(kw_only=True)

    def running(self, plant: Plant, now: int) -> AbstractContextManager[Aside]:
        """Its program, which tells the time of each decision."""
        return running(plant, now, self.translate, self.program)


def contestant(
    name: str,
    version: str,
    translate: Translate,
    program: Sequence[str | Path],
    missing: Callable[[], str | None],
    *,
    many: int = 1000,
    with_reasons: bool = False,
) -> Peer:
    """An engine with a program of its own."""

    def make(plant: Plant, now: int) -> AbstractContextManager[Deciding]:
        return _deciding(plant, now, translate, program)

    return Peer(name, version, make, missing, with_reasons=with_reasons, many=many, translate=translate, program=program)


def in_python(name: str, distribution: str, version: str, translate: Translate, *, many: int = 1000) -> Peer:
    """A Python library; its program is the module of the same name in `engines`."""
    return contestant(name, version, translate, python_command(name), lambda: python_missing(distribution), many=many)


def python_command(name: str) -> list[str | Path]:
    """How to start it: by its full name, for it is named like the engine it imports."""
    return [PYTHON, "-m", f"benchmarks.peers.engines.{name}"]


def leaf_document(leaf: Leaf) -> dict[str, Json]:
    """A leaf as JSON; `kind` names it."""
    return {"kind": type(leaf).__name__.lower(), **asdict(leaf)}


def document(formula: Formula) -> dict[str, Json]:
    """A formula as JSON."""
    return fold(
        formula,
        leaf_document,
        lambda parts: {"kind": "all", "parts": list(parts)},
        lambda parts: {"kind": "any", "parts": list(parts)},
        lambda number, parts: {"kind": "at_least", "number": number, "parts": list(parts)},
    )


def plain(facts: Facts) -> dict[str, Json]:
    """What every program is given: persons, machines, and the place of each pair."""
    return {"persons": facts.persons(), "equipment": facts.equipment(), "place_of": facts.place_of}
