"""The report of a run, and results written and read again."""

from typing import Literal

from benchmarks.figures import Figure, Measured, Spread, Table, Unit
from benchmarks.report import report, summary
from benchmarks.results import Results, read, written


def figure(key: str, *rounds: float, unit: Unit = "×", better: Literal["more", "less"] = "less") -> Figure:
    return Figure(key, f"text of {key}", unit, Spread.of(rounds), better)


def results(part: str, *figures: Figure, is_quick: bool = False) -> Results:
    machine = {"processor": "some"}
    made = Results("2026-11-21T03:30:00Z", is_quick, [part], "0 and 1", machine, {"uvicorn": "0.54"}, [0.1, 0.2, 0.3])
    table = Table("Over HTTP, side by side", ("server", "÷ bare"), (("qualsvc", "1.3"),))
    made.add(part, Measured(figures, (table,), ("OPA was left out: no `opa` is on the PATH",)))
    return made


def cells(told: str, start: str) -> list[str]:
    """Of the one row that begins so."""
    (row,) = (line for line in told.splitlines() if line.startswith(f"| {start}"))
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_a_figure_is_told_with_its_unit_its_spread_and_its_goal() -> None:
    """Plainly, whether the goal was met or missed."""
    told = report(results("kernel", figure("kernel.known", 2.5, 1.9, 3.0, unit="µs"), figure("kernel.first", 55, unit="µs")))
    assert cells(told, "text of kernel.known") == ["text of kernel.known", "2.5 µs", "1.9–3", "≤ 2: missed"]
    assert cells(told, "text of kernel.first") == ["text of kernel.first", "55 µs", "once", "≤ 60: met"]


def test_what_was_only_hoped_for_is_not_missed() -> None:
    """A second goal has a line of its own."""
    told = report(results("ask", figure("ask.throughput/bare", 1.3, 1.1, 1.4)))
    assert cells(told, "text of ask.throughput/bare")[-1] == "≥ 1.2: met"
    assert "≥ 1.8: hoped for" in told
    assert "missed" not in told


def test_a_quick_run_is_not_judged_where_it_measured_something_else() -> None:
    """A smaller plant that is fast has met no goal, and one part that is quick anyway has."""
    small = report(results("kernel", figure("kernel.known", 2.5, unit="µs"), is_quick=True))
    assert cells(small, "text of kernel.known") == ["text of kernel.known", "2.5 µs", "once", ""]
    assert "so nothing is judged: kernel." in small
    assert "nothing is judged" not in report(results("size", is_quick=True))
    alike = report(results("evidence", figure("evidence.recorded", 4, unit="µs"), is_quick=True))
    assert cells(alike, "text of evidence.recorded")[-1] == "≤ 5: met"
    assert "so nothing is judged" not in alike


def test_figures_stand_under_the_name_of_their_part() -> None:
    """Which is what `--only` knows it by; figures of everybody are drawn, and in no row."""
    made = results("kernel", figure("kernel.known", 2.5, unit="µs"), figure("everybody.p50/qualsvc", 50, unit="µs"))
    told = report(made)
    assert told.index("**kernel**: one decision in process") < told.index("text of kernel.known")
    assert "everybody" not in told


def test_everything_around_it_is_told() -> None:
    """Who stood beside whom, who was left out, the machine, its cores and how busy it was."""
    told = report(results("ask"), ["growth.svg"])
    for part in ("| qualsvc | 1.3    |", "- OPA was left out", "Cores: 0 and 1.", "![growth](growth.svg)", "uvicorn"):
        assert part in told
    assert cells(told, "load before") == ["load before", "0.1, 0.2, 0.3"]


def test_what_a_terminal_shows_is_no_wider_than_one() -> None:
    """A hundred columns, with a peer whose name is long; the rest is in the file."""
    peer = "opa as a library with reasons"
    long = Figure(f"kernel.qualsvc/{peer}+reasons", f"{peer} ÷ asked before", "×", Spread.of([10_000, 20_000]), "more")
    told = summary(results("kernel", long))
    assert "≥ 5: met" in told
    assert max(len(line) for line in told.splitlines() if line.startswith("|")) <= 100
    assert "side by side" not in told


def test_what_was_not_come_to_and_what_failed_is_named() -> None:
    """A report of a run that was stopped does not look like that of a whole one."""
    made = results("kernel")
    assert "Unfinished" not in report(made)
    made.asked += ["ask", "sets"]
    made.failed["ask"] = "cedar answers otherwise:\nP1"
    told = report(made)
    assert "**Unfinished**: sets not measured." in told
    assert "- ask: cedar answers otherwise:; P1" in told


def test_results_are_read_as_they_were_written() -> None:
    """So that the check compares what was measured."""
    made = results("batch", figure("batch.warm", 80, 90, unit="ms"))
    made.failed["ask"] = "why"
    assert read(written(made)) == made
