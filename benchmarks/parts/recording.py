"""What putting an answer on record costs."""

from benchmarks import evidence
from benchmarks.figures import Figure, Measured
from benchmarks.parts.part import Part

TEXTS = {"recorded": "record made and appended to the file", "appended": "of that, appended to the file"}


def _measure(quick: bool) -> Measured:  # noqa: ARG001  it is quick
    return Measured(tuple(Figure(f"evidence.{name}", TEXTS[name], "µs", value) for name, value in evidence.measure().items()))


EVIDENCE = Part("evidence", "an answer put on record", lambda _: 3, _measure, is_short_when_quick=False)
