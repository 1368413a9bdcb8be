"""`/can-operate/batch`."""

from collections.abc import Iterator

from benchmarks.batch import QUESTIONS, RATE, Batch, measure
from benchmarks.figures import Figure, Measured, Spread
from benchmarks.parts.part import Part, plant_of


def _measure(quick: bool) -> Measured:
    return Measured(tuple(figures(measure(plant_of(quick=quick), 3 if quick else 7))))


def figures(found: Batch) -> Iterator[Figure]:
    """Of the whole batch, and of single asks."""
    yield Figure("batch.warm", "the whole batch, asked before", "ms", found.milliseconds)
    yield Figure("batch.first", "the whole batch, first time", "ms", Spread.of([found.first_ms]))
    yield Figure("batch.warm/single", "one of its questions ÷ a single ask", "×", found.to_single)
    for name, where, driven in (("beside", "beside batches", found.beside), ("quiet", "without batches", found.quiet)):
        longest, p99 = (Spread.of([us / 1e3]) for us in (driven.longest_us, driven.p99_us))
        yield Figure(f"batch.longest_{name}", f"longest single ask {where}, {RATE}/s", "ms", longest)
        yield Figure(f"batch.p99_{name}", f"p99 of single asks {where}, {RATE}/s", "ms", p99)


BATCH = Part("batch", f"{QUESTIONS:,} mixed questions in one request", lambda quick: 25 if quick else 80, _measure)
