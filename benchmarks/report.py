"""The report of a run: what was to be reached and what was, the tables, and what measured."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.figures import Figure, shown, shown_spread
from benchmarks.goals import Goal, goals
from benchmarks.parts.ask import EVERYBODY
from benchmarks.parts.growing import SHOWN
from benchmarks.results import Results


def report(results: Results, pictures: Iterable[str] = ()) -> str:
    """In Markdown; `pictures` are files beside it."""
    return "\n".join(_lines(results, pictures)) + "\n"


def missed(figures: Mapping[str, Figure]) -> list[Goal]:
    """Goals that were measured and not reached."""
    return [goal for goal in goals(figures) if not goal.is_met(figures[goal.key])]


def _lines(results: Results, pictures: Iterable[str]) -> Iterator[str]:
    yield f"# Measured {results.at}"
    yield ""
    yield (
        "Medians of paired rounds, least and most in brackets. The server and all it brings along have one core, the client "
        "the other. Ratios mean the same on any machine, times belong to this one."
    )
    yield from _goals(results.figures)
    for name in pictures:
        yield f"\n![{name.removesuffix('.svg')}]({name})"
    for table in results.tables:
        yield from _table(table.title, table.header, table.rows)
    yield from _others(results.figures)
    if results.left_out:
        yield "\n## Left out\n"
        yield from (f"- {sentence}" for sentence in results.left_out)
    yield from _table("Measured with", ("", ""), [*results.machine.items(), *results.versions.items(), *_loads(results)])


def _goals(figures: Mapping[str, Figure]) -> Iterator[str]:
    found = [(goal, figures[goal.key]) for goal in goals(figures)]
    rows = [
        (
            goal.text,
            f"{goal.bound} {shown(goal.value)} {goal.unit}",
            f"{shown_spread(figure.value)} {figure.unit}",
            "met" if goal.is_met(figure) else "missed" if not goal.is_moonshot else "not reached",
        )
        for goal, figure in found
    ]
    if rows:
        yield from _table("Goals", ("", "goal", "measured", ""), rows)


def _others(figures: Mapping[str, Figure]) -> Iterator[str]:
    """Whatever no goal is set on and no table shows."""
    aimed = {goal.key for goal in goals(figures)}
    rows = [
        (figure.text, f"{shown_spread(figure.value)} {figure.unit}")
        for key, figure in figures.items()
        if key not in aimed and not key.startswith((EVERYBODY, SHOWN))
    ]
    if rows:
        yield from _table("Besides", ("", ""), rows)


def _loads(results: Results) -> list[tuple[str, str]]:
    return [
        ("load before", ", ".join(map(str, results.load_before))),
        ("load after", ", ".join(map(str, results.load_after))),
    ]


def _table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"\n## {title}\n"
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
