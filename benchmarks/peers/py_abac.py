"""py-abac: a policy for each place, its ways in written out as alternatives of leaves.

A condition compares an attribute with a constant, and none goes through certificates. So an attribute provider tells, of each
leaf that a condition names, whether it holds of the person on the day. Its memory storage would try every policy; a storage may
choose, and this one gives those of the place.
"""

from typing import Any

from benchmarks.peers.aside import in_python, leaf_document, plain
from benchmarks.peers.facts import Facts
from benchmarks.peers.formula import Leaf, disjunction

_HOLDS = {"condition": "Eq", "value": 1}


def translate(facts: Facts) -> dict[str, Any]:
    """The policies as JSON, None where nothing opens a place; and the leaves that they name by number."""
    leaves: dict[Leaf, int] = {}

    def policy(number: int) -> dict[str, Any] | None:
        place = facts.places[number]
        ways = disjunction(facts.formula(place))
        if not ways:
            return None
        gate = "$.passes_maintenance" if place.maintenance else "$.passes"
        subject = [
            {gate: _HOLDS} | {f"$.leaf_{leaves.setdefault(leaf, len(leaves))}": _HOLDS for leaf in sorted(way, key=repr)}
            for way in sorted(ways, key=repr)
        ]
        return {"uid": str(number), "effect": "allow", "targets": {}, "rules": {"subject": subject}}

    policies = [policy(number) for number in range(len(facts.places))]
    return {**plain(facts), "policies": policies, "leaves": [leaf_document(leaf) for leaf in leaves]}


CONTESTANTS = (in_python("py_abac", "py-abac", "0.4.1", translate, many=300),)
