"""`/can-operate/batch`."""

from benchmarks.batch import QUESTIONS, RATE, measure
from benchmarks.figures import Figure, Measured, Spread
from benchmarks.parts.part import Part, plant_of


def _measure(quick: bool) -> Measured:
    found = measure(plant_of(quick=quick), 3 if quick else 7)
    longest = Spread.of([found.beside.longest_us / 1e3])
    return Measured(
        (
            Figure("batch", f"a batch of {QUESTIONS:,}, warm", "ms", found.milliseconds),
            Figure("batch/single", "a question of a batch ÷ a single ask, as fast as they come", "×", found.to_single),
            Figure("batch.first", f"a batch of {QUESTIONS:,}, first time", "ms", Spread.of([found.first_ms])),
            Figure("batch.longest", f"longest single ask beside batches, at {RATE}/s", "ms", longest),
            Figure("batch.quiet", f"longest single ask without, at {RATE}/s", "ms", Spread.of([found.quiet.longest_us / 1e3])),
            Figure(
                "batch.p99", f"p99 of single asks beside batches, at {RATE}/s", "ms", Spread.of([found.beside.p99_us / 1e3])
            ),
        )
    )


BATCH = Part("batch", "batches of 10,000, and single asks beside them", lambda quick: 25 if quick else 80, _measure)
