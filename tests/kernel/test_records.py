"""Answers under changes of records: laws on drawn plants, and the tree of classes."""

from typing import Any

import pytest

from qualsvc.kernel.snapshot import Snapshot
from qualsvc.zones import load
from tests.golden.cases import filled
from tests.kernel import laws_of_records as laws
from tests.kernel.drawn import a_law

test_narrowing_narrows = a_law(40)(laws.narrowing_narrows)
test_helping_never_harms = a_law(80)(laws.helping_never_harms)
test_order_does_not_matter = a_law(100)(laws.order_does_not_matter)
test_folding_equals_loading = a_law(60)(laws.folding_equals_loading)
test_copies_are_apart = a_law(60)(laws.copies_are_apart)
test_remembered_answers_are_fresh = a_law(60)(laws.remembered_answers_are_fresh)
test_single_changes_fold = a_law(30)(laws.single_changes_fold)

_MACHINE = {"site": "S", "status": "in_service"}
MOVED: list[tuple[dict[str, Any], str, str, dict[str, Any]]] = [
    ({"equipment_class": "ROOT"}, "equipment_class", "LEAF", {"parent": "ROOT"}),
    ({"process": "WORK"}, "process", "P", {"parent": "WORK"}),
    ({"equipment_class": "ROOT"}, "equipment", "E", _MACHINE | {"equipment_class": "ROOT"}),
]
"""What a rule is about, and the record whose change makes it one of the pair."""
_RULE = {"effect": "grant", "enforcement": "block", "requirement": {"training": {"course": "C"}}}


def _rules_there(snapshot: Snapshot) -> list[str]:
    applicable = snapshot.applicable_rules(snapshot.equipment["E"], snapshot.processes["P"])
    return [rule.code for rules in applicable.grants.values() for rule in rules]


@pytest.mark.parametrize(("rule", "kind", "code", "fields"), MOVED)
def test_rules_of_a_pair_follow_the_trees(rule: dict[str, Any], kind: str, code: str, fields: dict[str, Any]) -> None:
    """The rules found for a pair are found anew once a class, a process or the machine has moved in its tree."""
    snapshot = Snapshot(load)
    plant = [
        filled("site", "S", {"time_zone": "UTC"}),
        *(filled("equipment_class", name, {}) for name in ("ROOT", "LEAF")),
        *(filled("process", name, {}) for name in ("WORK", "P")),
        filled("equipment", "E", _MACHINE | {"equipment_class": "LEAF"}),
        filled("rule", "R", _RULE | rule),
    ]
    kinds = ["site", "equipment_class", "equipment_class", "process", "process", "equipment", "rule"]
    for name, document in zip(kinds, plant, strict=True):
        snapshot.apply(name, document["code"], document)
    assert _rules_there(snapshot) == []
    snapshot.apply(kind, code, filled(kind, code, fields))
    assert _rules_there(snapshot) == ["R"]
