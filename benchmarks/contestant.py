"""What takes part: an engine that answers over HTTP, or one that answers in this process.

A peer is one module in `benchmarks/peers/` with `CONTESTANTS`, a tuple of these. One that is not installed says so in a
sentence (`missing`), is left out, and the sentence is in the report.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, NamedTuple

from benchmarks.plant import Asked, Plant

Verdict = Literal["allow", "conditional", "deny"]
Said = Verdict | bool
"""An engine that knows only yes and no says True for allow, and False for all else."""


def _here() -> str | None:
    return None


class Serving(NamedTuple):
    """A contestant that answers on 127.0.0.1, with the facts in it."""

    port: int
    pids: Sequence[int]
    """Its processes on the ask path: they go before the others on the server's core, where all that is started stays."""
    request: Callable[[Asked], bytes]
    """The whole HTTP/1.1 request, keep-alive; it is answered 200 whatever the decision."""
    read: Callable[[bytes], Said]
    """What the body of an answer says. Raises where it says nothing."""


@dataclass(frozen=True, slots=True)
class OverHttp:
    """An engine behind a port of its own."""

    name: str
    version: str
    start: Callable[[Plant], AbstractContextManager[Serving]]
    """Starts it for the plant, waits until it answers, and ends it."""
    missing: Callable[[], str | None] = _here
    """Why it cannot take part here, a sentence; None where it can."""
    decides: bool = True
    """False for yardsticks: their answers are not compared."""
    rate: int = 2000
    """Questions a second it is asked at the constant rate, where it cannot keep up with the others."""


class Deciding(NamedTuple):
    """An engine in this process, or in one it talks to, with the facts in it."""

    decide: Callable[[Asked], Said]
    time: Callable[[Sequence[Asked]], float] | None = None
    """Microseconds a question, the questions answered one after the other; for engines that are not in Python."""


@dataclass(frozen=True, slots=True)
class InProcess:
    """An engine as a library."""

    name: str
    version: str
    make: Callable[[Plant, int], AbstractContextManager[Deciding]]
    """From the plant, to decide as of an instant (microseconds since 1970)."""
    missing: Callable[[], str | None] = _here
    with_reasons: bool = False
    decides: bool = True
    """False for yardsticks."""
    many: int = 1000
    """Questions it is timed with: fewer for slow ones."""


Contestant = OverHttp | InProcess
