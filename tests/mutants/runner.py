"""Trying mutants, each in a process of its own, on pairs whose right answers were reckoned once."""

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.differential.compare import drawn_plant
from tests.mutants.mutant import ROOT, Mutant
from tests.mutants.trial import SURVIVED
from tests.reference import evaluator

_SEED = 7
_GRACE_S = 60


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant; `caught_by` is None if it survived."""

    mutant: Mutant
    caught_by: str | None
    seconds: float


def write_corpus(path: Path, plants: int) -> None:
    """Plants, their questions and the reference's answers; every mutant is asked the same."""
    corpus = []
    for number in range(plants):
        documents, questions = drawn_plant(_SEED, number)
        plant = evaluator.Plant(documents)
        corpus.append((documents, questions, [evaluator.answer(plant, question) for question in questions]))
    path.write_bytes(pickle.dumps(corpus))


def tried(mutant: Mutant, corpus: Path, budget: float) -> Verdict:
    """Try one mutant for so many seconds at most; one that hangs is caught as well."""
    with tempfile.TemporaryDirectory(prefix="qualsvc-mutant-") as directory:
        planted = mutant.planted(Path(directory))
        environment = {**os.environ, "PYTHONPATH": str(planted), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "tests.mutants.trial", str(corpus), str(budget)]
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=budget + _GRACE_S, check=False
            )
        except subprocess.TimeoutExpired:
            return Verdict(mutant, "it hangs", budget + _GRACE_S)
    if done.returncode not in {0, SURVIVED} or not done.stdout:
        return (
            Verdict(mutant, "it does not even load", 0.0) if "qualsvc/kernel" in done.stderr else _failed(mutant, done.stderr)
        )
    seconds, found = done.stdout.strip().split(" ", 1)
    return Verdict(mutant, None if done.returncode == SURVIVED else found, float(seconds))


def _failed(mutant: Mutant, stderr: str) -> Verdict:
    raise RuntimeError(f"trying the mutant `{mutant.name}` failed: {stderr.strip()[-2000:]}")


def verdicts(mutants: Sequence[Mutant], corpus: Path, budget: float, workers: int) -> Iterator[Verdict]:
    """One verdict for each mutant, in order."""
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda mutant: tried(mutant, corpus, budget), mutants)
