"""The whole answer in Rego: policies that stay as they are, in `policies/`, over data made from the plant.

It says allow, conditional with its obligations, or deny, and why: each cause with its code, rule
and certificate (nothing of what is about to expire). What a rule or a way in asks is a list of clauses, each a list of leaves
by number, for Rego has no recursion. Everything is looked up by key, as OPA would have it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.peers.aside import leaf_document, plain
from benchmarks.peers.facts import Facts, Place
from benchmarks.peers.formula import Certificate, Formula, Leaf, Training, conjunction
from benchmarks.peers.records import LAST, NOTHING
from qualsvc.kernel.facts import Rule

_STATIC = tuple(Path(__file__).parent / "policies" / name for name in ("answer.rego", "evidence.rego"))
_NEVER: list[list[int]] = [[]]
_ENFORCED = {"block": 0, "confirm": 10, "monitor": 15}
_REMARKS = {"block": None, "confirm": "confirmation_required", "monitor": "monitored"}


class _Leaves:
    """Leaves by number, in the order they are met."""

    def __init__(self) -> None:
        self.numbers: dict[Leaf, int] = {}

    def clauses(self, formula: Formula) -> list[list[int]]:
        """Shortest first: the sooner one fails."""
        found = [sorted(self.numbers.setdefault(leaf, len(self.numbers)) for leaf in sorted(each, key=repr))
                 for each in sorted(conjunction(formula), key=_order)]  # fmt: skip
        return sorted(found, key=len)


def _order(clause: Iterable[Leaf]) -> str:
    return repr(sorted(map(repr, clause)))


def data(facts: Facts) -> dict[str, Any]:
    """The data document."""
    leaves = _Leaves()
    rules = {rule.code: _rule(facts, rule, leaves) for rule in facts.snapshot.rules.values()}
    places = [_place(place) for place in facts.places]
    return {**plain(facts), "rules": rules, "places": places, "leaves": [_leaf(each) for each in leaves.numbers]}


def policies() -> dict[str, str]:
    """Modules by file name."""
    return {path.name: path.read_text() for path in _STATIC}


def _rule(facts: Facts, rule: Rule, leaves: _Leaves) -> dict[str, Any]:
    supervised = rule.supervised_requirement
    return {
        "asks": leaves.clauses(facts.requirement(rule.requirement)),
        "supervised": _NEVER if supervised is None else leaves.clauses(facts.requirement(supervised)),
        "enforced": _ENFORCED[rule.enforcement],
        "remark": _REMARKS[rule.enforcement],
        "waivable": rule.waivable,
    }


def _place(place: Place) -> dict[str, Any]:
    everything = {rule.code for rule in place.guards} | {rule.code for path in place.paths for rule in path.rules}
    return {
        "maintenance": place.maintenance,
        "guards": [rule.code for rule in place.guards],
        "rules": sorted(everything),
        "paths": [{"position": path.position, "rules": [rule.code for rule in path.rules]} for path in place.paths],
    }


def _leaf(leaf: Leaf) -> dict[str, Any]:
    """Nothing null: what is not asked is asked of nobody, or not among `asks`."""
    document = leaf_document(leaf)
    if isinstance(leaf, Certificate):
        asked = {"verified": leaf.verified, "level": leaf.levels is not None, "scope": leaf.scope, "covers": leaf.covers}
        document["asks"] = [name for name, value in asked.items() if value]
    elif isinstance(leaf, Training):
        document["within_days"] = LAST if leaf.within_days is None else leaf.within_days
        for name in ("min_score", "min_hours", "min_attendance"):
            document[name] = NOTHING if document[name] is None else document[name]
    return document
