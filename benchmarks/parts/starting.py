"""From nothing to the first answer, on an embedded PostgreSQL: the first time ever, and again."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.answers import said_over_http
from benchmarks.contestant import Serving
from benchmarks.figures import Figure, Measured, Spread
from benchmarks.parts.part import Part
from benchmarks.plant import Asked
from benchmarks.service import read, request, served

_NOBODY = Asked("nobody", "nothing", "nowhere")


def _measure(quick: bool) -> Measured:
    first, warm = [], []
    for _ in range(1 if quick else 3):
        with tempfile.TemporaryDirectory(prefix="qualsvc-bench-") as name:
            directory = Path(name)
            directory.chmod(0o711)
            first.append(_until_answered(directory))
            warm.append(_until_answered(directory))
    return Measured(tuple(figures(first, warm)))


def figures(first: Sequence[float], warm: Sequence[float]) -> Iterator[Figure]:
    """Of the seconds of each start."""
    yield Figure("start.first", "with embedded PostgreSQL, first start ever", "s", Spread.of(first))
    yield Figure("start.warm", "with embedded PostgreSQL, started again", "s", Spread.of(warm))


def _until_answered(directory: Path) -> float:
    """On all cores: nobody starts it while it is asked."""
    began = time.perf_counter()
    with served(directory, one_core=False) as service:
        list(said_over_http(Serving(service.port, [service.pid], request, read), [_NOBODY]))
        return time.perf_counter() - began


START = Part("start", "from starting it to its first answer", lambda quick: 12 if quick else 36, _measure)
