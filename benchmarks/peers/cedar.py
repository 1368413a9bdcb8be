"""Cedar, through cedarpy: a policy set for each place, parsed once; all persons and machines as entities, parsed once.

Cedar tries every policy of a set, so whoever asks picks the set of the place. It cannot go through certificates, so each is an
attribute by its type and its number among the person's of that type; policies look at as many as anybody has. Certificates
whose status does not count are left out, and expiry and review are one date, the earlier.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.peers.aside import in_python
from benchmarks.peers.facts import Facts
from benchmarks.peers.formula import Certificate, Formula, Held, Leaf, Training, Waived, fold, written_out

_THOUSANDTHS = 1000
"""Cedar has whole numbers only."""
_IN_SERVICE = 'resource.status == "in_service"'
_GATES = (
    "principal.active && principal.from <= context.day && context.day <= principal.until "
    "&& context.day <= principal.company_until && !principal.restricted.containsAny(resource.areas)"
)


def translate(facts: Facts) -> dict[str, Any]:
    """Entities, and the text of each place's policies."""
    persons = facts.persons()
    entities = [_entity("Person", code, _person(one)) for code, one in persons.items()]
    entities += [_entity("Machine", code, _machine(one)) for code, one in facts.equipment().items()]
    many = Counter[str]()
    for entity in entities[: len(persons)]:
        for name in (*entity["attrs"]["certificates"], *entity["attrs"]["training"]):
            kind, number = name.rsplit("#", 1)
            many[kind] = max(many[kind], int(number) + 1)
    texts = [_policies(facts, number, many) for number in range(len(facts.places))]
    return {"entities": entities, "policies": texts, "place_of": facts.place_of}


def _policies(facts: Facts, number: int, many: Mapping[str, int]) -> str:
    place = facts.places[number]
    usable = f"{_IN_SERVICE} && context.day <= resource.inspected"
    if place.maintenance:
        usable = f'({_IN_SERVICE} || resource.status == "locked_out")'
    guards = [expression(each, many) for each in facts.narrowing(place.guards)]
    texts = []
    for path in place.paths:
        asked = " && ".join([usable, _GATES, expression(facts.way_in(path), many), *guards])
        texts.append(f"permit (principal, action, resource) when {{ {asked} }};")
    return "\n".join(texts)


def expression(formula: Formula, many: Mapping[str, int]) -> str:
    """A formula in Cedar; `many` is how many of a type or course anybody has."""

    def all_of(parts: Sequence[str]) -> str:
        return f"({' && '.join(parts)})" if parts else "true"

    def any_of(parts: Sequence[str]) -> str:
        return f"({' || '.join(parts)})" if parts else "false"

    def leaf(asked: Leaf) -> str:
        match asked:
            case Held(position):
                return f"principal.positions.contains({json.dumps(position)})"
            case Waived(rule):
                return f"principal.waived.contains({json.dumps(rule)})"
            case Certificate():
                names = [f"{type_}#{number}" for type_ in asked.types for number in range(many.get(type_, 0))]
                return any_of([_certificate(asked, json.dumps(name)) for name in names])
            case Training():
                names = [f"{asked.course}#{number}" for number in range(many.get(asked.course, 0))]
                return any_of([_training(asked, json.dumps(name)) for name in names])

    return fold(formula, leaf, all_of, any_of, lambda number, parts: written_out(number, parts, all_of, any_of))


def _certificate(asked: Certificate, name: str) -> str:
    held = f"principal.certificates[{name}]"
    conditions = [f"principal.certificates has {name}", f"{held}.from <= context.day", f"context.day <= {held}.until"]
    if asked.verified:
        conditions.append(f"{held}.verified")
    if asked.levels is not None:
        conditions.append(f"{json.dumps(asked.levels)}.contains({held}.level)")
    if asked.scope is not None:
        conditions.append(f"{held}.scopes.contains({json.dumps(asked.scope)})")
    for each in map(json.dumps, asked.covers):
        conditions.append(f"{held}.limits has {each} && resource.ratings has {each}")
        conditions.append(f"{held}.limits[{each}] >= resource.ratings[{each}]")
    return f"({' && '.join(conditions)})"


def _training(asked: Training, name: str) -> str:
    done = f"principal.training[{name}]"
    conditions = [f"principal.training has {name}", f"{done}.on <= context.day", f"context.day < {done}.undone"]
    if asked.within_days is not None:
        conditions.append(f"context.day <= {done}.on + {asked.within_days}")
    for field in ("score", "hours", "attendance"):
        least = getattr(asked, f"min_{field}")
        if least is not None:
            conditions.append(f"{done}.{field} >= {_whole(least)}")
    return f"({' && '.join(conditions)})"


def _entity(kind: str, code: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"uid": {"type": kind, "id": code}, "attrs": attributes, "parents": []}


def _person(one: dict[str, Any]) -> dict[str, Any]:
    kept = {name: one[name] for name in ("active", "from", "until", "company_until", "positions", "waived", "restricted")}
    usable = {type_: [each for each in held if each["usable"]] for type_, held in one["certificates"].items()}
    return {
        **kept,
        "certificates": {f"{type_}#{n}": _held(each) for type_, held in usable.items() for n, each in enumerate(held)},
        "training": {f"{course}#{n}": _done(each) for course, all_ in one["training"].items() for n, each in enumerate(all_)},
    }


def _held(one: dict[str, Any]) -> dict[str, Any]:
    kept = {name: one[name] for name in ("from", "verified", "level", "scopes")}
    limits = {name: _whole(limit) for name, limit in one["limits"].items()}
    return {**kept, "until": min(one["until"], one["review"]), "limits": limits}


def _done(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, **{name: _whole(one[name]) for name in ("score", "hours", "attendance")}}


def _machine(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "ratings": {name: _whole(rating) for name, rating in one["ratings"].items()}}


def _whole(number: float) -> int:
    return round(number * _THOUSANDTHS)


CONTESTANTS = (in_python("cedar", "cedarpy", "4.12.2", translate),)
