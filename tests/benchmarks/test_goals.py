"""Goals are set on what is measured, and on each peer that took part."""

from benchmarks.batch import Batch
from benchmarks.client import Driven
from benchmarks.figures import Figure, Spread
from benchmarks.goals import GOALS, goals
from benchmarks.growth import SIZES, Size
from benchmarks.in_process import Decided
from benchmarks.kernel import OURS
from benchmarks.over_http import Rounds
from benchmarks.parts import PARTS, ask, batches, deciding, growing, recording, sets, size, starting

DRIVEN = Driven(100, 10, 0, 30_000, 40, 50, 90, 100, 200, 512)
ROUNDS = Rounds("some", "1", 2000, [DRIVEN], [DRIVEN], [DRIVEN], [25.0])
ONCE = Spread.of([1.0])


def figure(key: str) -> Figure:
    return Figure(key, key, "×", ONCE)


def test_every_goal_is_set_on_a_figure_that_is_measured() -> None:
    """Or it would be in no report; and each figure is known by the name of its part."""
    printed = [(start, "1.0") for start, *_ in size.READ]
    made = [
        *ask.against_bare(ROUNDS, ROUNDS),
        *deciding.figures({one.name: Decided(one.name, "1", True, [1.0]) for one in OURS}),
        *batches.figures(Batch(ONCE, ONCE, 1.0, DRIVEN, DRIVEN)),
        *growing.figures([Size(persons, 50, [1.0], [1.0], [1.0]) for persons in SIZES]),
        *starting.figures([1.0], [1.0]),
        *size.figures(printed),
    ]
    keys = (
        {one.key for one in made} | {f"sets.{name}" for name in sets.TEXTS} | {f"evidence.{name}" for name in recording.TEXTS}
    )
    assert {goal.key for goal in GOALS} <= keys
    assert {key.partition(".")[0] for key in keys} == set(PARTS)


def test_each_peer_has_its_own_goal() -> None:
    """Throughput of OPA five times, of Cerbos twenty times, of anybody else at all; times at least as short."""
    keys = [
        f"ask.qualsvc/{peer}.{measured}" for peer in ("OPA 1.9", "Cerbos", "naive") for measured in ("throughput", "p50", "p99")
    ]
    found = [(goal.bound, goal.value) for goal in goals({key: figure(key) for key in keys})]
    assert found == [("≥", 5), ("≤", 1), ("≤", 1), ("≥", 20), ("≤", 1), ("≤", 1), ("≥", 1), ("≤", 1), ("≤", 1)]


def test_libraries_have_theirs() -> None:
    """OPA in WebAssembly five times where it gives reasons, all others forty times."""
    keys = ["kernel.qualsvc/OPA WebAssembly+reasons", "kernel.qualsvc/OPA WebAssembly", "kernel.qualsvc/cedarpy"]
    assert [goal.value for goal in goals({key: figure(key) for key in keys})] == [5, 1, 40]
