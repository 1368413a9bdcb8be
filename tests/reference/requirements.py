"""Requirements drawn over a plant's certificate types and courses."""

import random
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


def draw_requirement(rng: random.Random, documents: dict[str, dict[str, Document]], depth: int = 2) -> Document:
    """A requirement at most `depth` lists deep."""
    shape = rng.random()
    if depth == 0 or shape < 0.62:
        return _certificate(rng, documents["certificate_type"]) if rng.random() < 0.65 else _training(rng, documents["course"])
    parts = [draw_requirement(rng, documents, depth - 1) for _ in range(rng.randint(1, 3))]
    if shape < 0.72:
        return {"all": parts}
    if shape < 0.85:
        return {"any": parts}
    return {"at_least": rng.randint(1, len(parts)), "of": parts}


def _certificate(rng: random.Random, types: dict[str, Document]) -> Document:
    code = rng.choice(list(types))
    asked: Document = {"type": code}
    levels = types[code]["levels"]
    if levels and rng.random() < 0.6:
        asked["min_level"] = rng.choice(levels)
    if rng.random() < 0.25:
        asked["scope"] = rng.choice(("indoor", "outdoor"))
    if rng.random() < 0.3:
        asked["verified"] = True
    if rng.random() < 0.3:
        asked["covers"] = rng.choice((["tonnes"], ["volts"], ["tonnes", "volts"]))
    return {"certificate": _with_nothing_asked(rng, asked, ("min_level", "scope", "verified", "covers"))}


def _training(rng: random.Random, courses: dict[str, Document]) -> Document:
    asked: Document = {"course": rng.choice(list(courses))}
    if rng.random() < 0.65:
        asked["within_days"] = rng.choice((0, 1, 2, 3, 4, 5, 30, 365, 365, 4_000_000))
    for minimum, choices in (("min_score", (60, 80.5)), ("min_hours", (8, 40)), ("min_attendance", (0.9, 1))):
        if rng.random() < 0.25:
            asked[minimum] = rng.choice(choices)
    return {"training": _with_nothing_asked(rng, asked, ("within_days", "min_score", "min_hours", "min_attendance"))}


def _with_nothing_asked(rng: random.Random, asked: Document, keys: tuple[str, ...]) -> Document:
    """Sometimes a key is spelled out as null (or `verified` as false), which asks nothing."""
    for key in keys:
        if key not in asked and rng.random() < 0.1:
            asked[key] = False if key == "verified" and rng.random() < 0.5 else None
    return asked


def leaves(*requirements: Document | None) -> Iterator[Document]:
    """The certificate and training leaves of requirements."""
    for requirement in requirements:
        if requirement is None:
            continue
        if "certificate" in requirement or "training" in requirement:
            yield requirement
        else:
            yield from leaves(*(requirement.get("all") or requirement.get("any") or requirement["of"]))


def names_type(requirement: Document, documents: dict[str, dict[str, Document]], category: str) -> bool:
    """Whether the requirement names a certificate type of the category."""
    types = documents["certificate_type"]
    return any(
        "certificate" in leaf and types[leaf["certificate"]["type"]]["category"] == category for leaf in leaves(requirement)
    )
