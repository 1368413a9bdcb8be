"""The report and its pictures, and results written and read again."""

import xml.etree.ElementTree as ET
from typing import Literal

from benchmarks.figures import Figure, Measured, Spread, Table, Unit
from benchmarks.goals import goals
from benchmarks.plots import plots
from benchmarks.report import missed, report
from benchmarks.results import Results, read, written


def figure(key: str, *rounds: float, unit: Unit = "×", better: Literal["more", "less"] = "less") -> Figure:
    return Figure(key, f"text of {key}", unit, Spread.of(rounds), better)


def results(*figures: Figure) -> Results:
    made = Results("2026-11-21T03:30Z", {"processor": "some"}, {"uvicorn": "0.54"}, [0.1, 0.2, 0.3])
    table = Table("Over HTTP", ("server", "÷ bare"), (("qualsvc", "1.3"),))
    made.add(Measured(figures, (table,), ("OPA was left out: no `opa` is on the PATH",)))
    return made


HTTP = [
    figure(f"everybody.{measured}/{name}", low, 2 * low)
    for name, low in (("qualsvc", 1.1), ("bare ASGI", 1.0), ("FastAPI & co", 0.02))
    for measured in ("throughput", "p50", "p99")
]
GROWTH = [
    figure(f"growth.us.{name}.{size}", 10 + size / 1e6, unit="µs")
    for name in ("http", "known", "first")
    for size in (1_000, 1_000_000)
]


def test_a_goal_is_told_with_what_was_measured_and_whether_it_was_met() -> None:
    """Plainly, whichever it is; a moonshot that was not reached is not missed."""
    told = report(results(figure("ask.throughput/bare", 1.3, 1.1, 1.4), figure("kernel.known", 2.5, unit="µs")))
    assert "| throughput of `/can-operate` ÷ the bare app | ≥ 1.2 × | 1.3 (1.1–1.4) × | met |" in told
    assert "| the same, moonshot | ≥ 1.8 × | 1.3 (1.1–1.4) × | not reached |" in told
    assert "| kernel with reasons, timeline known | ≤ 2 µs | 2.5 µs | missed |" in told


def test_missed_goals_can_be_asked_for() -> None:
    """Those not measured are not missed."""
    assert [goal.key for goal in missed({"kernel.known": figure("kernel.known", 3), "batch": figure("batch", 50)})] == [
        "kernel.known"
    ]


def test_everything_measured_is_told() -> None:
    """Tables, figures without a goal, who was left out, the machine and how busy it was."""
    told = report(results(figure("batch.first", 123, unit="ms")), ["growth.svg"])
    for part in (
        "| qualsvc | 1.3 |",
        "| text of batch.first | 123 ms |",
        "- OPA was left out",
        "| load before | 0.1, 0.2, 0.3 |",
    ):
        assert part in told
    assert "![growth](growth.svg)" in told


def test_each_peer_has_its_own_goal() -> None:
    """Throughput of OPA five times, of Cerbos twenty times, of anybody else at all; times at least as short."""
    keys = [
        f"ask.qualsvc/{peer}.{measured}" for peer in ("OPA 1.9", "Cerbos", "naive") for measured in ("throughput", "p50", "p99")
    ]
    found = [(goal.bound, goal.value) for goal in goals({key: figure(key, 1) for key in keys})]
    assert found == [("≥", 5), ("≤", 1), ("≤", 1), ("≥", 20), ("≤", 1), ("≤", 1), ("≥", 1), ("≤", 1), ("≤", 1)]


def test_libraries_have_theirs() -> None:
    """OPA in WebAssembly five times where it gives reasons, all others forty times."""
    keys = ["kernel.qualsvc/OPA WebAssembly+reasons", "kernel.qualsvc/OPA WebAssembly", "kernel.qualsvc/cedarpy"]
    assert [goal.value for goal in goals({key: figure(key, 1) for key in keys})] == [5, 1, 40]


def test_results_are_read_as_they_were_written() -> None:
    """So that the check compares what was measured."""
    made = results(*HTTP, figure("batch", 80, 90, unit="ms"))
    assert read(written(made)) == made


def test_pictures_are_well_formed_and_name_everybody() -> None:
    """Each is a whole SVG file that says in words what it shows."""
    drawn = plots(results(*HTTP, *GROWTH).figures)
    assert set(drawn) == {"throughput.svg", "latency.svg", "growth.svg"}
    for name in ("throughput.svg", "latency.svg"):
        words = [element.text for element in ET.fromstring(drawn[name]).iter() if element.text]
        assert {"qualsvc", "bare ASGI", "FastAPI & co"} <= set(words)
    assert "1,000,000" in drawn["growth.svg"]
    ET.fromstring(drawn["growth.svg"])


def test_what_was_not_measured_is_not_drawn() -> None:
    """A run of one part has no empty pictures."""
    assert plots({"kernel.known": figure("kernel.known", 3)}) == {}
