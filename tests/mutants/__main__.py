"""`python -m tests.mutants`: plant each mutant in a copy of the product and see that it is told from the right kernel.

Prints a table. Exit 1 if a mutant survives, or if one can no longer be planted because the kernel has changed.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.listed import MUTANTS
from tests.mutants.mutant import Mutant
from tests.mutants.runner import verdicts, write_corpus

_UNCHANGED = Mutant("the right kernel", "__init__", '"""The decision kernel', '"""The decision kernel')


def main(arguments: Sequence[str]) -> int:
    """Try all mutants, or those whose names contain a word."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants", description="see that every mutant of the kernel is caught"
    )
    parser.add_argument("--only", default="", help="only mutants whose name or module contains this")
    parser.add_argument("--plants", type=int, default=300, help="drawn plants, 25 questions each")
    parser.add_argument("--budget", type=float, default=40.0, help="seconds for one mutant")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(arguments)
    chosen = [mutant for mutant in MUTANTS if asked.only in f"{mutant.name} {mutant.module}"]
    stale = [mutant for mutant in chosen if mutant.occurrences() != 1]
    for mutant in stale:
        sys.stdout.write(f"{mutant.module}: `{mutant.name}` cannot be planted: its text occurs {mutant.occurrences()} times\n")
    chosen = [mutant for mutant in chosen if mutant not in stale]
    started = time.monotonic()
    survivors = 0
    by: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="qualsvc-corpus-") as directory:
        corpus = Path(directory) / "pairs"
        write_corpus(corpus, asked.plants)
        sys.stderr.write(f"{asked.plants} plants drawn in {time.monotonic() - started:.0f} s\n")
        for verdict in verdicts([*([] if asked.only else [_UNCHANGED]), *chosen], corpus, asked.budget, asked.workers):
            if verdict.mutant is _UNCHANGED:
                if verdict.caught_by is not None:
                    sys.stdout.write(f"the right kernel fails: {verdict.caught_by}\n")
                    return 1
                continue
            found = verdict.caught_by
            survivors += found is None
            by[(found or "SURVIVED").split(":")[0].split()[0]] += 1
            line = f"{verdict.mutant.module:<13} {verdict.mutant.name:<58} {verdict.seconds:6.2f} s  {found or 'SURVIVED'}"
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    spent = time.monotonic() - started
    told = ", ".join(f"{number} by {name}" for name, number in by.most_common())
    sys.stdout.write(f"{len(chosen)} mutants, {survivors} survived, {len(stale)} stale; {told}; {spent:.0f} s\n")
    return 1 if survivors or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
