"""Where rules apply: what is told from trees and groups agrees with going through every pair."""

from itertools import product
from typing import Any

from qualsvc.kernel.coverage import EVERYWHERE, Coverage, Finding, Narrowing
from qualsvc.kernel.facts import Equipment, Process, Rule
from qualsvc.kernel.instants import BEGINNING
from qualsvc.kernel.scope import in_force, meet
from qualsvc.kernel.snapshot import Snapshot
from tests.differential.compare import snapshot_of
from tests.kernel.drawn import Drawn, a_law, answers, internals

Pair = tuple[Equipment, Process]
Line = tuple[str, str, Finding, tuple[str | None, ...], tuple[str, ...]]


def applying(snapshot: Snapshot, pair: Pair) -> list[Rule]:
    """Every rule that matches the pair, as decisions find them."""
    found = snapshot.applicable_rules(*pair)
    return [rule for side in (found.grants, found.guards) for rules in side.values() for rule in rules]


def pairs(snapshot: Snapshot) -> list[Pair]:
    """Every pair, in the order of their codes."""
    machines, processes = snapshot.equipment, snapshot.processes
    return [(machines[e], processes[p]) for e in sorted(machines) for p in sorted(processes)]


def filled(snapshot: Snapshot) -> Snapshot:
    """The plant with one more machine of each class at each site."""
    twin = snapshot.copy()
    for equipment_class, site in product(snapshot.equipment_classes, snapshot.sites):
        code = f"more {equipment_class} {site}"
        more = {"equipment_class": equipment_class, "site": site, "status": "in_service", "ratings": {}}
        twin.apply("equipment", code, {"code": code, "inspection_valid_until": None, **more})
    return twin


def meet_somewhere(drawn: Drawn) -> None:
    """Two rules meet just if some machine, there or still to come, has a process to which both apply at once."""
    snapshot, plant = drawn.snapshot, filled(drawn.snapshot)
    together = [{rule.code for rule in applying(plant, pair)} for pair in pairs(plant)]
    rules = list(snapshot.rules.values())
    moments = sorted({instant for rule in rules for instant in (rule.effective_from, rule.effective_until)})
    since = drawn.rng.choice([BEGINNING, *moments])
    for one, other in product(rules, rules):
        at_once = any(in_force(one, at) and in_force(other, at) for at in {since, *moments} if at >= since)
        expected = at_once and any({one.code, other.code} <= codes for codes in together)
        assert (one.code, other.code, expected) == (one.code, other.code, meet(one, other, snapshot, since))


def looked_at(snapshot: Snapshot, pair: Pair, within: Narrowing) -> bool:
    """Whether a pair counts in the part of the plant that is looked at."""
    equipment, process = pair
    return (
        equipment.status != "retired"
        and within.equipment in (None, equipment.code)
        and within.site in (None, equipment.site)
        and within.equipment_class in (None, *snapshot.class_line(equipment.equipment_class))
        and within.process in (None, *snapshot.process_line(process.code))
    )


def gone_through(snapshot: Snapshot, at: int, within: Narrowing) -> tuple[int, list[Line]]:
    """How many pairs there are, and what there is to say of which, each pair looked at by itself."""
    there = [pair for pair in pairs(snapshot) if looked_at(snapshot, pair, within)]
    lines: list[Line] = []
    for pair in there:
        opening = [rule for rule in applying(snapshot, pair) if rule.effect == "grant" and in_force(rule, at)]
        named = {rule.position for rule in opening}
        positions = (*(None for name in named if name is None), *sorted(name for name in named if name is not None))
        codes = tuple(sorted(rule.code for rule in opening))
        if not opening:
            lines.append((pair[0].code, pair[1].code, "uncovered", (), ()))
        elif len(named) > 1:
            lines.append((pair[0].code, pair[1].code, "several_positions", positions, codes))
    return len(there), lines


def reckoned(snapshot: Snapshot, at: int, within: Narrowing = EVERYWHERE) -> Coverage:
    coverage = Coverage(snapshot, at, within)
    for _ in coverage.reckon():
        pass
    return coverage


def lines_of(coverage: Coverage, finding: Finding | None = None, after: tuple[str, str] | None = None) -> list[Line]:
    found = coverage.found(finding, after)
    return [(one.equipment, one.process, one.finding, one.opening.positions, one.opening.rules) for one in found]


def coverage_is_that_of_every_pair(drawn: Drawn) -> None:
    """Totals and findings, of the whole plant and of any part of it, are those of going through every pair."""
    snapshot, rng = drawn.snapshot, drawn.rng
    some: dict[str, Any] = {
        "equipment": snapshot.equipment,
        "equipment_class": snapshot.equipment_classes,
        "process": snapshot.processes,
        "site": snapshot.sites,
    }
    for question in drawn.questions:
        narrowed = Narrowing(**{name: rng.choice([None, None, *codes]) for name, codes in some.items()})
        for within in (EVERYWHERE, narrowed):
            count, lines = gone_through(snapshot, question.at, within)
            coverage = reckoned(snapshot, question.at, within)
            uncovered = [line for line in lines if line[2] == "uncovered"]
            several = [line for line in lines if line[2] == "several_positions"]
            totals = (coverage.pairs, coverage.uncovered, coverage.several_positions)
            assert (count, len(uncovered), len(several)) == totals
            assert lines == lines_of(coverage)
            assert (uncovered, several) == (lines_of(coverage, "uncovered"), lines_of(coverage, "several_positions"))
            for place, line in enumerate(lines):
                assert lines[place + 1 :] == lines_of(coverage, after=line[:2])


def tried_rules_answer_as_written_ones(drawn: Drawn) -> None:
    """With a rule put in its place to try it, answers are those of the plant with it written; the plant keeps its own."""
    before = internals(drawn.snapshot)
    rules = drawn.documents["rule"]
    tried = rules[drawn.rng.choice(sorted(rules))] | {"code": drawn.rng.choice([*sorted(rules), "NEW"])}
    written = drawn.documents | {"rule": rules | {tried["code"]: tried}}
    twin = drawn.snapshot.with_rule(tried["code"], tried)
    assert answers(snapshot_of(written), drawn.questions) == answers(twin, drawn.questions)
    assert before == internals(drawn.snapshot)


test_rules_meet_somewhere = a_law(150)(meet_somewhere)
test_coverage_is_that_of_every_pair = a_law(150)(coverage_is_that_of_every_pair)
test_tried_rules_answer_as_written_ones = a_law(60)(tried_rules_answer_as_written_ones)
