"""What must hold between rules, the certificate types they name, and waivers of them."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.records.documents import Document
from qualsvc.records.faults import Fault, quote
from qualsvc.records.kinds import KINDS, requirement_leaves
from qualsvc.store import tables
from qualsvc.store.operations import Outcome, Step, Steps
from qualsvc.store.pacing import paced
from qualsvc.store.reading import documents
from qualsvc.store.tables import any_of

_LAST_STATES = frozenset({"rejected", "revoked"})


async def rules_against_types(connection: AsyncConnection, steps: Steps) -> list[Fault]:
    """Statutory types are never softened, and a minimum level is one of its type's; from whichever side it changes."""
    rules, types = dict[str, Step](), dict[str, Step]()
    async for step in paced(steps.values()):
        if step.kind.name == "rule" and step.after is not None:
            rules[step.code] = step
        elif step.kind.name == "certificate_type" and _narrows(step):
            types[step.code] = step
    if not rules and not types:
        return []
    standing = await _rules_naming(connection, types)
    judged = {code: document for code, document in standing.items() if ("rule", code) not in steps}
    judged |= {code: step.after for code, step in rules.items() if step.after is not None}
    known = await _types(connection, {name for rule in judged.values() for _, name, _ in _named(rule)}, steps)
    faults = []
    for code, rule in judged.items():
        for pointer, name, wrong, message in _faults_of(rule, known):
            if code in rules:
                faults.append(Fault(pointer, wrong, message, rules[code].line))
            elif name in types:
                field = "/levels" if wrong == "unknown_level" else "/category"
                faults.append(Fault(field, wrong, f"rule {quote(code)} stands against it: {message}", types[name].line))
    return list(dict.fromkeys(faults))


def _narrows(step: Step) -> bool:
    """Whether a type that is there already changes in what rules lean on."""
    if step.after is None or step.before is None:
        return False
    return any(step.before[field] != step.after[field] for field in ("category", "levels"))


async def _rules_naming(connection: AsyncConnection, types: Collection[str]) -> Mapping[str, Document]:
    if not types:
        return {}
    named = tables.rule_certificate_type
    query = select(named.c.rule).where(named.c.certificate_type == any_of(types)).distinct()
    return await documents(connection, KINDS["rule"], list((await connection.execute(query)).scalars()))


async def _types(connection: AsyncConnection, names: set[str], steps: Steps) -> dict[str, tuple[bool, list[str]]]:
    """Per type that there is: whether it is statutory, and its levels."""
    table = tables.certificate_type
    elsewhere = [name for name in names if ("certificate_type", name) not in steps]
    known: dict[str, tuple[bool, list[str]]] = {}
    if elsewhere:
        query = select(table.c.code, table.c.category, cast(table.c.levels, Text)).where(table.c.code == any_of(elsewhere))
        for code, category, levels in await connection.execute(query):
            known[code] = category == "statutory", json.loads(levels)
    for name in names - set(elsewhere):
        after = steps["certificate_type", name].after
        if after is not None:
            known[name] = after["category"] == "statutory", after["levels"]
    return known


def _named(rule: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Each certificate a rule asks for: pointer, type, minimum level."""
    for field in KINDS["rule"].requirements:
        if rule.get(field) is not None:
            for pointer, leaf in requirement_leaves(rule[field], f"/{field}"):
                if "type" in leaf:
                    yield pointer, leaf["type"], leaf.get("min_level")


def _faults_of(rule: Document, known: Mapping[str, tuple[bool, list[str]]]) -> Iterator[tuple[str, str, str, str]]:
    """What is wrong with a rule: pointer, the type it is about, code, message. Unknown types are said elsewhere."""
    for pointer, name, level in _named(rule):
        statutory, levels = known.get(name, (False, None))
        if levels is not None and level is not None and level not in levels:
            listed = ", ".join(quote(each) for each in levels) or "none"
            yield f"{pointer}/min_level", name, "unknown_level", f"{quote(level)} is no level of {quote(name)}; it has {listed}"
        if statutory and not pointer.startswith("/recommended"):  # what is only recommended may be softened
            softened = (
                ("enforcement", rule["enforcement"] != "block", "must be `block`"),
                ("waivable", rule["waivable"], "must be false"),
                ("supervised_requirement", rule["supervised_requirement"] is not None, "must be left out"),
            )
            for field, soft, remedy in softened:
                if soft:
                    message = f"`{field}` {remedy}, because certificate type {quote(name)} is statutory"
                    yield f"/{field}", name, "statutory_rule", message


async def waivers_of_rules(connection: AsyncConnection, steps: Steps) -> list[Fault]:
    """Waivers are of rules that can be waived; ending one that stands is always possible."""
    written = [step async for step in paced(steps.values()) if step.kind.name == "waiver" and _asks_for_waiving(step)]
    if not written:
        return []
    table = tables.rule
    codes = {step.after["rule"] for step in written if step.after is not None}
    query = select(table.c.code, table.c.waivable).where(table.c.code == any_of(codes))
    waivable: dict[str, bool] = dict((await connection.execute(query)).all())
    rules = [step async for step in paced(steps.values()) if step.kind.name == "rule"]
    waivable |= {step.code: step.after["waivable"] for step in rules if step.after is not None}
    return [
        Fault("/rule", "rule_not_waivable", f"rule {quote(code)} is not waivable", step.line)
        for step in written
        if step.after is not None and not waivable.get(code := step.after["rule"], True)
    ]


def _asks_for_waiving(step: Step) -> bool:
    if step.after is None or step.outcome is Outcome.UNCHANGED:
        return False
    ending = step.before is not None and step.before["rule"] == step.after["rule"] and step.after["status"] in _LAST_STATES
    return not ending
