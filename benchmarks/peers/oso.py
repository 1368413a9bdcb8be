"""oso: a Polar rule for each way into a place, by the number of the place, which Polar looks rules up by.

Whether a leaf holds of the person it asks a method of the person's class: each attribute that Polar reads of an object is a
call out of its virtual machine, and a dictionary is taken over whole at every question, so this is the least it can do.
"""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.peers.aside import in_python, leaf_document, plain
from benchmarks.peers.facts import Facts
from benchmarks.peers.formula import Formula, Leaf, fold, written_out


def translate(facts: Facts) -> dict[str, Any]:
    """The text of all rules, and the leaves that it names by number."""
    leaves: dict[Leaf, int] = {}

    def call(leaf: Leaf) -> str:
        return f"person.meets({leaves.setdefault(leaf, len(leaves))}, machine, day)"

    rules = []
    for number, place in enumerate(facts.places):
        passes = f"person.passes(machine, day, {str(place.maintenance).lower()})"
        for path in place.paths:
            asked = [passes, *(polar(each, call) for each in facts.narrowing(place.guards)), polar(facts.way_in(path), call)]
            rules.append(f"opens({number}, person: Person, machine, day) if {' and '.join(asked)};")
    return {**plain(facts), "polar": "\n".join(rules), "leaves": [leaf_document(leaf) for leaf in leaves]}


def polar(formula: Formula, call: Callable[[Leaf], str]) -> str:
    """A formula in Polar. It stops at the first part that decides."""

    def all_of(parts: Sequence[str]) -> str:
        return f"({' and '.join(parts)})" if parts else "true"

    def any_of(parts: Sequence[str]) -> str:
        return f"({' or '.join(parts)})" if parts else "false"

    return fold(formula, call, all_of, any_of, lambda number, parts: written_out(number, parts, all_of, any_of))


CONTESTANTS = (in_python("oso", "oso", "0.27.3", translate),)
