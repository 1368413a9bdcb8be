"""What putting an answer on record costs."""

from benchmarks import evidence
from benchmarks.figures import Figure, Measured, Spread
from benchmarks.parts.part import Part


def _measure(quick: bool) -> Measured:  # noqa: ARG001  it is quick
    return Measured(tuple(Figure(f"evidence.{name}", name, "µs", Spread.of([us])) for name, us in evidence.measure().items()))


EVIDENCE = Part("evidence", "answers put on record", lambda _: 3, _measure)
