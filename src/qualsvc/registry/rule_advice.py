"""What the author of a rule should know of it: warnings, told with the answer to the write and never in its way."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import Request

from qualsvc.http.problems import Problem
from qualsvc.kernel.facts import Rule
from qualsvc.kernel.instants import format_instant
from qualsvc.kernel.requirements import certificate_types
from qualsvc.kernel.scope import meet
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.records.documents import Document
from qualsvc.records.faults import quote
from qualsvc.registry.rule_advice_persons import Unmet, machines_in_scope, nobody_holds, unmet_requirement
from qualsvc.registry.rules_questions import Result, kept_questions, results_of
from qualsvc.registry.wiring import Wiring, wired
from qualsvc.replica.held import Held
from qualsvc.store.pacing import paced

LISTED = 20
"""So many codes are listed in one warning; `count` says how many there are."""
MOST_FAILED = 100
"""So many failed questions are told one by one after a bulk."""

Advice = dict[str, Any]
"""A stable `code`, a `message` for a person, and what it is about, by codes of records."""


async def rule_warnings(request: Request, document: Document) -> dict[str, Any]:
    """The warnings about the rule just written; left out where the facts are not fresh here, for it is written all the same."""
    wiring, code = wired(request), str(document["code"])
    kept = await kept_questions(wiring.engine, [code])
    try:
        held = wiring.held()
    except Problem:
        return {}
    return {"warnings": await warnings_of(held, code, kept.get(code, ()), wiring.now())}


async def bulk_warnings(wiring: Wiring, rules: Sequence[str]) -> dict[str, Any]:
    """`warnings` on the kept questions of rules just written that are not answered as expected; empty when there are none."""
    kept = await kept_questions(wiring.engine, rules) if rules else {}
    if not kept:
        return {}
    try:
        failed = await failed_questions(wiring.held(), kept, wiring.now())
    except Problem:
        return {}
    return {"warnings": failed} if failed else {}


async def warnings_of(held: Held, code: str, questions: Sequence[Document], now: int) -> list[Advice]:
    """Everything to warn of about a rule as it is held, its kept questions included; none when it is not there."""
    rule = held.snapshot.rules.get(code)
    if rule is None:
        return []
    found = [warning async for warning in _about_its_reach(held.snapshot, rule, now)]
    found += _about_statutory_types(held.snapshot, rule)
    return found + await failed_questions(held, {code: questions}, now)


async def failed_questions(held: Held, kept: Mapping[str, Sequence[Document]], now: int) -> list[Advice]:
    """A warning on each kept question that is not answered as expected; beyond `MOST_FAILED`, one that counts the others."""
    failed: list[Advice] = []
    for rule, questions in kept.items():
        _, results = await results_of(held, questions, now)
        failed += [_failed(rule, result) for result in results if not result.passed]
    beyond = len(failed) - MOST_FAILED
    if beyond <= 0:
        return failed
    message = f"{beyond} more kept questions are not answered as expected; run them with `POST /v1/rules/{{code}}/test`"
    return [*failed[:MOST_FAILED], {"code": "question_failed", "message": message, "count": beyond}]


def _failed(rule: str, result: Result) -> Advice:
    asked, expected = result.question, result.question["expect"]
    about = f"{quote(asked['person'])} on {quote(asked['equipment'])} for {quote(asked['process'])}"
    because = f" ({', '.join(result.reasons)})" if result.reasons else ""
    wanted = f" for {', '.join(result.missing)}" if result.missing else ""
    message = f"{about} at {format_instant(result.at)}: expected {expected}{wanted}, got {result.decision}{because}"
    got = {"expected": expected, "got": result.decision, "reasons": list(result.reasons)}
    return {"code": "question_failed", "message": message, "rule": rule, "question": asked} | got


async def _about_its_reach(snapshot: Snapshot, rule: Rule, now: int) -> AsyncIterator[Advice]:
    begins = max(now, rule.effective_from)
    if begins >= rule.effective_until:
        yield _warning("applies_nowhere", f"it is in force at no instant from {format_instant(now)} on")
        return
    machines = await machines_in_scope(snapshot, rule)
    if not machines or not snapshot.processes:
        yield _warning("applies_nowhere", "nothing is in its scope: no machine that is not retired, or no process")
    grants = [
        other
        async for other in paced(list(snapshot.rules.values()))
        if other.effect == "grant" and other.code != rule.code and meet(rule, other, snapshot, now)
    ]
    if rule.effect == "grant":
        for warning in _about_overlaps(rule, grants):
            yield warning
    elif not any(rule.position in (None, grant.position) for grant in grants):
        whom = "" if rule.position is None else f" for position {quote(rule.position)}"
        yield _warning("guard_narrows_nobody", f"no grant{whom} applies to anything this guard does, so it narrows nobody")
    if rule.position is not None and await nobody_holds(snapshot, rule.position, begins):
        message = f"no active person holds position {quote(rule.position)} at {format_instant(begins)}"
        yield _warning("position_nobody_holds", message, position=rule.position)
    unmet = await unmet_requirement(snapshot, rule, machines, begins)
    if unmet is not None:
        yield _about_unmet(unmet, begins)


def _about_overlaps(rule: Rule, grants: Sequence[Rule]) -> Iterator[Advice]:
    same = [grant.code for grant in grants if grant.position == rule.position]
    others = [grant.code for grant in grants if grant.position != rule.position]
    if same:
        whom = "anyone" if rule.position is None else f"position {quote(rule.position)}"
        yield _overlap(same, whom, "both_must_be_met", "there, all of them must be met, and this one too")
    if others:
        yield _overlap(others, "another position", "either_suffices", "there, to meet what one position asks is enough")


def _overlap(grants: Sequence[str], whom: str, relation: str, outcome: str) -> Advice:
    applying = f"1 grant for {whom} applies" if len(grants) == 1 else f"{len(grants)} grants for {whom} apply"
    message = f"{applying} to some of the same machines and processes: {outcome}"
    return _warning("overlapping_grants", message, relation=relation, **_listed("rules", grants))


def _about_unmet(unmet: Unmet, begins: int) -> Advice:
    at = format_instant(begins)
    if unmet.everywhere:
        return _warning("requirement_nobody_meets", f"nobody who may work there meets its requirement at {at}")
    message = f"nobody who may work there meets its requirement at {at} on {len(unmet.equipment)} of the machines in its scope"
    return _warning("requirement_nobody_meets", message, **_listed("equipment", unmet.equipment))


def _about_statutory_types(snapshot: Snapshot, rule: Rule) -> list[Advice]:
    known = snapshot.certificate_types
    types = sorted(name for name in certificate_types(rule.requirement) if name in known and known[name].statutory)
    if not types:
        return []
    message = (
        f"statutory: {', '.join(quote(name) for name in types[:LISTED])}; who lacks it is blocked, and no waiver, confirmation "
        "or supervision lifts that"
    )
    return [_warning("statutory_types", message, **_listed("types", types))]


def _warning(code: str, message: str, **about: Any) -> Advice:
    return {"code": code, "message": message} | about


def _listed(name: str, codes: Iterable[str]) -> dict[str, Any]:
    whole = sorted(codes)
    return {name: whole[:LISTED], "count": len(whole)}
