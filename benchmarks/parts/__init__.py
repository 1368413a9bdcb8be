"""The parts of the benchmarks, by the name they are asked for with `--only`."""

from benchmarks.parts.ask import ASK
from benchmarks.parts.batches import BATCH
from benchmarks.parts.deciding import KERNEL
from benchmarks.parts.growing import GROWTH
from benchmarks.parts.part import Part
from benchmarks.parts.recording import EVIDENCE
from benchmarks.parts.sets import SETS
from benchmarks.parts.size import SIZE
from benchmarks.parts.starting import START

PARTS: dict[str, Part] = {part.name: part for part in (ASK, KERNEL, BATCH, GROWTH, SETS, EVIDENCE, START, SIZE)}

__all__ = ["PARTS", "Part"]
