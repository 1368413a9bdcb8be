"""The report of a run: one table of all figures with their goals, who stood beside whom, and what measured."""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.figures import Figure, shown
from benchmarks.goals import Goal, goals
from benchmarks.parts import PARTS
from benchmarks.results import Results

_HEADER = ("what", "median", "least–greatest", "goal")


def report(results: Results, pictures: Iterable[str] = ()) -> str:
    """In Markdown; `pictures` are files beside it."""
    return "\n".join([*_summary(results), *_details(results, pictures)]) + "\n"


def summary(results: Results) -> str:
    """Its beginning, which a terminal has room for: all but pictures, contestants side by side, and the machine."""
    return "\n".join(_summary(results)) + "\n"


def _summary(results: Results) -> Iterator[str]:
    yield f"# {'Quick benchmarks' if results.is_quick else 'Benchmarks'} of {results.at}"
    if results.open():
        yield f"\n**Unfinished**: {', '.join(results.open())} not measured."
    if results.failed:
        yield "\n**Failed**, and not measured:\n"
        yield from (f"- {name}: {'; '.join(why.splitlines())}" for name, why in results.failed.items())
    yield "\nRatios (×) were formed round by round and mean about the same on any machine; times belong to this one."
    yield f"Cores: {results.cores}."
    unlike = [name for name in results.measured if _of(name, results) and not _is_judged(name, results)]
    if unlike:
        yield f"A smaller plant or fewer rounds than the goals speak of, so nothing is judged: {', '.join(unlike)}."
    if results.figures:
        yield from _table("Figures", _HEADER, list(_rows(results)))
    if results.left_out:
        yield "\n## Left out\n"
        yield from (f"- {sentence}" for sentence in results.left_out)


def _details(results: Results, pictures: Iterable[str]) -> Iterator[str]:
    for name in pictures:
        yield f"\n![{name.removesuffix('.svg')}]({name})"
    for table in results.tables:
        yield from _table(table.title, table.header, table.rows)
    yield from _table("Measured with", ("", ""), [*results.machine.items(), *_loads(results), *results.versions.items()])


def _rows(results: Results) -> Iterator[tuple[str, ...]]:
    """Those of a part under its name; figures of everybody are in plots and tables beside."""
    aims: dict[str, list[Goal]] = {}
    for goal in goals(results.figures):
        aims.setdefault(goal.key, []).append(goal)
    for name in results.measured:
        figures = _of(name, results)
        if figures:
            yield (f"**{name}**: {PARTS[name].text}", "", "", "")
        for key, figure in figures.items():
            yield from _row(figure, aims.get(key, []) if _is_judged(name, results) else [])


def _of(part: str, results: Results) -> dict[str, Figure]:
    return {key: figure for key, figure in results.figures.items() if key.startswith(f"{part}.")}


def _row(figure: Figure, aims: Sequence[Goal]) -> Iterator[tuple[str, ...]]:
    spread = figure.value
    ends = "once" if spread.rounds == 1 else f"{shown(spread.least)}–{shown(spread.most)}"
    first, *others = [f"{aim.bound} {shown(aim.value)}: {_verdict(aim, figure)}" for aim in aims] or [""]
    yield (figure.text, f"{shown(spread.middle)} {figure.unit}", ends, first)
    yield from (("", "", "", other) for other in others)


def _verdict(aim: Goal, figure: Figure) -> str:
    if aim.is_met(figure):
        return "met"
    return "hoped for" if aim.is_moonshot else "missed"


def _is_judged(part: str, results: Results) -> bool:
    """Whether it was measured as the goals speak of it."""
    return not (results.is_quick and PARTS[part].is_short_when_quick)


def _loads(results: Results) -> list[tuple[str, str]]:
    return [
        ("load before", ", ".join(map(str, results.load_before))),
        ("load after", ", ".join(map(str, results.load_after))),
    ]


def _table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"

    yield f"\n## {title}\n"
    yield line(header)
    yield f"|{'|'.join('-' * (width + 2) for width in widths)}|"
    yield from map(line, rows)
