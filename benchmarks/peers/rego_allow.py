"""Yes or no in Rego, written out for each place and each leaf, so that nothing is interpreted and OPA looks up by key alone.

Measured against one static policy over the same requirements as data, this takes OPA's evaluator two thirds of the time.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.peers.aside import plain
from benchmarks.peers.facts import Facts, Place
from benchmarks.peers.formula import All, Certificate, Held, Leaf, Training, Waived, conjunction

_PERSON = "data.persons[input.person]"
_MACHINE = "data.equipment[input.equipment]"
_STATIC = tuple(Path(__file__).parent / "policies" / name for name in ("allow.rego", "gates.rego"))


def policies(facts: Facts) -> dict[str, str]:
    """Modules by file name: one for each leaf and each place, and the static ones."""
    numbers: dict[Leaf, int] = {}
    places = {
        f"place_{number}.rego": f"package place.p{number}\n\n" + "\n\n".join(_place(facts, place, numbers))
        for number, place in enumerate(facts.places)
    }
    leaves = {
        f"leaf_{number}.rego": f"package leaf.l{number}\n\n" + "\n\n".join(rule("holds", body) for body in bodies(leaf))
        for leaf, number in numbers.items()
    }
    return {**{path.name: path.read_text() for path in _STATIC}, **places, **leaves}


def data(facts: Facts) -> dict[str, Any]:
    """The data document."""
    place_of = {equipment: {code: f"p{number}" for code, number in of.items()} for equipment, of in facts.place_of.items()}
    return {**plain(facts), "place_of": place_of}


def _place(facts: Facts, place: Place, numbers: dict[Leaf, int]) -> list[str]:
    gate = "data.gates.maintenance" if place.maintenance else "data.gates.operation"
    rules: dict[str, None] = {}
    for path in place.paths:
        asked = [gate]
        clauses = conjunction(All((*facts.narrowing(place.guards), facts.way_in(path))))
        for clause in sorted((sorted(each, key=repr) for each in clauses), key=lambda each: (len(each), repr(each))):
            holds = [f"data.leaf.l{numbers.setdefault(leaf, len(numbers))}.holds" for leaf in clause]
            if len(holds) == 1:
                asked += holds
            else:
                name = "either_" + "_".join(str(numbers[leaf]) for leaf in clause)
                rules.update((rule(name, [one]), None) for one in holds)
                asked.append(name)
        rules[rule("allow", asked)] = None
    return list(rules)


def rule(name: str, body: Iterable[str]) -> str:
    """A rule that is true where all of its body is."""
    return f"{name} if {{\n\t" + "\n\t".join(body) + "\n}"


def bodies(leaf: Leaf) -> list[list[str]]:
    """Of a leaf, the bodies of its rule: it holds where one of them does."""
    match leaf:
        case Held(position):
            return [[f"{json.dumps(position)} in {_PERSON}.positions"]]
        case Waived(code):
            return [[f"{json.dumps(code)} in {_PERSON}.waived"]]
        case Certificate():
            return [_certificate(leaf, type_) for type_ in leaf.types]
        case Training():
            return [_training(leaf)]


def _certificate(asked: Certificate, type_: str) -> list[str]:
    body = [
        f"some held in {_PERSON}.certificates[{json.dumps(type_)}]",
        "held.usable",
        "held.from <= input.day",
        "held.until >= input.day",
        "held.review >= input.day",
    ]
    if asked.verified:
        body.append("held.verified")
    if asked.levels is not None:
        body.append(f"held.level in {json.dumps(asked.levels)}")
    if asked.scope is not None:
        body.append(f"{json.dumps(asked.scope)} in held.scopes")
    return body + [f"held.limits[{name}] >= {_MACHINE}.ratings[{name}]" for name in map(json.dumps, asked.covers)]


def _training(asked: Training) -> list[str]:
    body = [
        f"some done in {_PERSON}.training[{json.dumps(asked.course)}]",
        "done.on <= input.day",
        "done.undone > input.day",
    ]
    if asked.within_days is not None:
        body.append(f"input.day <= done.on + {asked.within_days}")
    minima = {"score": asked.min_score, "hours": asked.min_hours, "attendance": asked.min_attendance}
    return body + [f"done.{name} >= {least}" for name, least in minima.items() if least is not None]
