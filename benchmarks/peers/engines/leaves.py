"""Leaves of a formula as Python functions, for engines that call out to the program they are in for what they cannot say."""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Holds = Callable[[Json, Json, int], bool]
"""Of a person, at a machine, on a day."""


def with_sets(persons: dict[str, Json]) -> dict[str, Json]:
    """The persons with what is only looked into as sets."""
    for person in persons.values():
        for name in ("positions", "waived", "restricted"):
            person[name] = frozenset(person[name])
    return persons


def gates(person: Json, machine: Json, day: int, *, maintenance: bool) -> bool:
    """What no rule lifts, of the person and of the machine."""
    return (
        person["active"]
        and person["from"] <= day <= person["until"]
        and day <= person["company_until"]
        and (machine["status"] == "in_service" or (maintenance and machine["status"] == "locked_out"))
        and (maintenance or day <= machine["inspected"])
        and person["restricted"].isdisjoint(machine["areas"])
    )


def leaf(asked: Json) -> Holds:
    """The function of one leaf, in the form of `benchmarks.peers.aside.leaf_document`."""
    match asked["kind"]:
        case "held":
            return lambda person, _machine, _day: asked["position"] in person["positions"]
        case "waived":
            return lambda person, _machine, _day: asked["rule"] in person["waived"]
        case "certificate":
            return _certificate(asked)
        case _:
            return _training(asked)


def covers_rating(limits: Json, ratings: Json, name: str) -> bool:
    """Both are there, and the limit is as high as the rating."""
    return name in limits and name in ratings and bool(limits[name] >= ratings[name])


def _certificate(asked: Json) -> Holds:
    types, scope, verified, covers = asked["types"], asked["scope"], asked["verified"], asked["covers"]
    levels = None if asked["levels"] is None else frozenset(asked["levels"])

    def holds(person: Json, machine: Json, day: int) -> bool:
        for type_ in types:
            for held in person["certificates"].get(type_, ()):
                if (
                    held["usable"]
                    and held["from"] <= day <= held["until"]
                    and day <= held["review"]
                    and (not verified or held["verified"])
                    and (levels is None or held["level"] in levels)
                    and (scope is None or scope in held["scopes"])
                    and all(covers_rating(held["limits"], machine["ratings"], name) for name in covers)
                ):
                    return True
        return False

    return holds


def _training(asked: Json) -> Holds:
    course, within = asked["course"], asked["within_days"]
    minima = [(name, asked[f"min_{name}"]) for name in ("score", "hours", "attendance") if asked[f"min_{name}"] is not None]

    def holds(person: Json, _machine: Json, day: int) -> bool:
        for done in person["training"].get(course, ()):
            if (
                done["on"] <= day < done["undone"]
                and (within is None or day <= done["on"] + within)
                and all(done[name] >= least for name, least in minima)
            ):
                return True
        return False

    return holds


def formula(document: Json) -> Holds:
    """A whole formula as one function."""
    kind = document["kind"]
    if kind not in {"all", "any", "at_least"}:
        return leaf(document)
    parts = [formula(part) for part in document["parts"]]
    if kind == "all":
        return lambda person, machine, day: all(part(person, machine, day) for part in parts)
    if kind == "any":
        return lambda person, machine, day: any(part(person, machine, day) for part in parts)
    number = document["number"]
    return lambda person, machine, day: sum(part(person, machine, day) for part in parts) >= number
