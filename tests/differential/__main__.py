"""`python -m tests.differential`: compare the kernel with the independent evaluator on drawn plants.

With `--sets`: compare everyone's states, judged at once as sets of persons, with the timeline of each.

Prints progress to stderr, its tally and each mismatch (with the command that shows it again) to stdout. Exit 1 on any mismatch.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import count

from tests.differential.compare import Tally, compared
from tests.differential.crowds import sets_compared

_PLANTS_AT_ONCE = 40
_MISMATCHES_SHOWN = 20


Compare = Callable[[int, int], Tally]


def _some(compare: Compare, seed: int, first: int) -> Tally:
    """The plants from `first` on, in a worker."""
    tally = Tally()
    for number in range(first, first + _PLANTS_AT_ONCE):
        tally.add(compare(seed, number))
    return tally


def _tallies(compare: Compare, seed: int, workers: int) -> Iterator[Tally]:
    """Tallies for ever, a few asked for ahead; plants come in order of their numbers, so a run can be repeated."""
    with ProcessPoolExecutor(workers) as pool:
        numbers = count(0, _PLANTS_AT_ONCE)
        ahead = [pool.submit(_some, compare, seed, next(numbers)) for _ in range(workers * 2)]
        try:
            while True:
                ahead.append(pool.submit(_some, compare, seed, next(numbers)))
                yield ahead.pop(0).result()
        finally:
            for future in ahead:
                future.cancel()


def _shares(tally: Tally) -> str:
    decisions = ", ".join(f"{name} {number / tally.pairs:.1%}" for name, number in sorted(tally.decisions.items()))
    residuals = ", ".join(f"{state}: {number}" for state, number in sorted(tally.residuals.items()))
    return f"{decisions}; time-bound {tally.time_bound / tally.pairs:.1%}; residuals at `at` {{{residuals}}}"


def _run(compare: Compare, seed: int, pairs: int, workers: int) -> Tally:
    total = Tally()
    started = told = time.monotonic()
    for tally in _tallies(compare, seed, workers):
        total.add(tally)
        now = time.monotonic()
        if now - told >= 10 or total.pairs >= pairs:
            told = now
            rate = total.pairs / (now - started)
            left = max(pairs - total.pairs, 0) / rate
            sofar = f"{total.plants:>7,} plants, {total.pairs:>9,} pairs, {rate:,.0f}/s, {left / 60:.1f} min to go"
            sys.stderr.write(f"{sofar}, {len(total.mismatches)} mismatches; {_shares(total)}\n")
        if total.pairs >= pairs or len(total.mismatches) >= _MISMATCHES_SHOWN:
            return total
    raise AssertionError("plants never end")


def main(arguments: Sequence[str]) -> int:
    """Run and say how many pairs differ."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.differential", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--pairs", type=int, default=100_000, help="stop after at least so many (plant, question) pairs")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other plants")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--plant", type=int, help="only this plant")
    parser.add_argument("--question", type=int, help="only this question of the plant")
    parser.add_argument("--sets", action="store_true", help="compare sets of persons with timelines; a pair is (case, instant)")
    asked = parser.parse_args(arguments)
    if asked.sets:
        compare = sets_compared
        total = (
            _run(compare, asked.seed, asked.pairs, asked.workers) if asked.plant is None else compare(asked.seed, asked.plant)
        )
    elif asked.plant is not None:
        total = compared(asked.seed, asked.plant, None if asked.question is None else [asked.question])
    else:
        total = _run(compared, asked.seed, asked.pairs, asked.workers)
    for mismatch in total.mismatches[:_MISMATCHES_SHOWN]:
        sys.stdout.write(mismatch + "\n")
    sys.stdout.write(
        f"seed {asked.seed}: {total.pairs:,} pairs of {total.plants:,} plants, {len(total.mismatches)} mismatches\n"
    )
    if total.pairs:
        sys.stdout.write(_shares(total) + "\n")
    return 1 if total.mismatches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
