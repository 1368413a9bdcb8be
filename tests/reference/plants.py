"""Small plants and questions to ask of them, drawn so that facts meet rules and boundaries fall together.

Every plant is valid by the contract: references resolve, trees have no cycles, ends follow starts, rules and waivers keep what
section 4 refuses with 422. Only methods of `random.Random` are used, so hypothesis's randoms serve as well as seeds.
`python -m tests.reference.plants --stats N` says what N plants exercise.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from typing import Any

from .clocks import begins
from .documents import Document
from .draw import KINDS, Documents, Draw, write_instant
from .questions import random_questions
from .relevance import print_statistics
from .requirements import draw_requirement, leaves, names_type

__all__ = ["KINDS", "random_plant", "random_questions", "write_instant"]


def random_plant(rng: random.Random) -> Documents:
    """A small valid plant: kind -> code -> document, all sixteen kinds as keys."""
    draw = Draw(rng)
    _organisation(draw)
    _machines(draw)
    _qualifications(draw)
    _rules(draw)
    _persons(draw)
    for person in draw.codes("person"):
        _facts(draw, person)
    _recommendations(draw)
    return draw.documents


def _organisation(draw: Draw) -> None:
    for number, zone in enumerate(draw.zones):
        draw.put("site", f"S{number}", name=f"Site {number}", time_zone=zone)
    for number in range(2):
        draw.put(
            "company",
            f"CO{number}",
            name=f"Company {number}",
            status="approved" if draw.chance(0.85) else "suspended",
            approved_until=draw.last_day(0.45),
        )
    for number in range(draw.rng.randint(0, 2)):
        parent = draw.tree_parent("org_unit")
        draw.put("org_unit", f"U{number}", name=f"Unit {number}", parent=parent, site=draw.maybe(0.5, draw.codes("site")))
    for number in range(draw.rng.randint(2, 3)):
        draw.put("position", f"PO{number}", name=f"Position {number}", may_confirm=draw.chance(0.45))


def _machines(draw: Draw) -> None:
    for number in range(draw.rng.randint(2, 4)):
        parent = draw.tree_parent("equipment_class")
        draw.put("equipment_class", f"EC{number}", name=f"Class {number}", parent=parent)
    for number in range(draw.rng.randint(2, 4)):
        draw.put(
            "equipment",
            f"E{number}",
            name=f"Equipment {number}",
            equipment_class=draw.rng.choice(draw.codes("equipment_class")),
            site=draw.rng.choice(draw.codes("site")),
            status=draw.rng.choice(("in_service",) * 9 + ("locked_out", "locked_out", "retired")),
            inspection_valid_until=draw.last_day(0.25),
            ratings={name: draw.rng.choice((3, 5, 7.5)) for name in ("tonnes", "volts") if draw.chance(0.75)},
        )
    for number in range(draw.rng.randint(2, 4)):
        parent = draw.tree_parent("process")
        draw.put("process", f"P{number}", name=f"Process {number}", parent=parent, maintenance=draw.chance(0.4))


def _qualifications(draw: Draw) -> None:
    for number in range(2):
        draw.put("course", f"K{number}", name=f"Course {number}")
    codes = [f"T{number}" for number in range(draw.rng.randint(3, 4))]
    for number, code in enumerate(codes):
        levels = draw.rng.sample(("low", "mid", "high"), draw.rng.randint(2, 3)) if draw.chance(0.6) else []
        draw.put(
            "certificate_type",
            code,
            name=f"Type {number}",
            category="statutory"
            if number == 0 and draw.chance(0.7)
            else draw.rng.choice(("vocational", "internal", "medical")),
            levels=levels,
            usable_while_renewing=draw.chance(0.45),
            equivalents=[other for other in codes if other != code and draw.chance(0.35)],
            warning_days=[30, 7] if draw.chance(0.3) else [],
            catalogue=None,
            catalogue_code=None,
            validity_months=draw.maybe(0.2, (36,)),
            review_months=draw.maybe(0.2, (12,)),
        )


def _rules(draw: Draw) -> None:
    count = draw.rng.randint(3, 8)
    for number in range(count):
        effect = "grant" if number < 2 or draw.chance(0.4) else "guard"
        _rule(draw, f"R{number}", effect, wide=number == 0)


def _rule(draw: Draw, code: str, effect: str, *, wide: bool) -> None:
    rng = draw.rng
    position = draw.maybe(0.7 if effect == "grant" else 0.45, draw.codes("position"))
    requirement = draw_requirement(rng, draw.documents)
    supervised = draw_requirement(rng, draw.documents) if draw.chance(0.4) else None
    waivable = draw.chance(0.7)
    if effect == "guard":
        enforcement = rng.choice(("block", "block", "confirm", "confirm", "monitor"))
    else:
        enforcement = rng.choice(("block", "confirm")) if position is not None else "block"
    if any(names_type(part, draw.documents, "statutory") for part in (requirement, supervised) if part is not None):
        enforcement, waivable, supervised = "block", False, None
        if draw.chance(0.5):  # so that one wide rule for all does not make half of the plants about one type
            requirement = draw_requirement(rng, draw.documents)
            if names_type(requirement, draw.documents, "statutory"):
                requirement = {"training": {"course": rng.choice(draw.codes("course"))}}
    scope = rng.random() * (0.3 if wide else 1.0)
    equipment_class = draw.maybe(1.0, draw.codes("equipment_class")) if 0.2 < scope < 0.55 else None
    equipment = draw.maybe(1.0, draw.codes("equipment")) if scope > 0.85 else None
    start, end = draw.interval(0.7)
    draw.put(
        "rule",
        code,
        name=f"Rule {code}",
        effect=effect,
        position=position,
        equipment=equipment,
        equipment_class=equipment_class,
        process=draw.maybe(0.1 if wide else 0.35, draw.codes("process")),
        site=draw.maybe(0.0 if wide else 0.15, draw.codes("site")),
        requirement=requirement,
        supervised_requirement=supervised,
        enforcement=enforcement,
        risk=rng.choice(("high", "medium", "low")),
        waivable=waivable,
        effective_from=start if draw.chance(0.3) else None,
        effective_until=end if draw.chance(0.3) else None,
    )


def _recommendations(draw: Draw) -> None:
    """Some rules recommend something, of whatever category; none has the field without."""
    for rule in draw.documents["rule"].values():
        if draw.chance(0.25):
            rule["recommended"] = draw_requirement(draw.rng, draw.documents)


def _persons(draw: Draw) -> None:
    rng = draw.rng
    for number in range(rng.randint(2, 6)):
        contractor = draw.chance(0.35)
        start = draw.first_day(0.2) if draw.chance(0.7) else None
        draw.put(
            "person",
            f"W{number}",
            name=f"Worker {number}",
            employment="contractor" if contractor else "employee",
            company=draw.maybe(0.88 if contractor else 0.15, draw.codes("company")),
            site=draw.maybe(0.5, draw.codes("site")),
            org_unit=draw.maybe(0.5, draw.codes("org_unit")),
            supervisor=draw.maybe(0.5, draw.codes("person")),
            status=rng.choice(("active",) * 18 + ("suspended", "left")),
            employed_from=start,
            employed_until=draw.last_day(0.2, start),
            badges=[f"B{number}"] if draw.chance(0.5) else [],
            phone=None,
            email=None,
            id_number=None,
            language=None,
        )


def _facts(draw: Draw, person: str) -> None:
    rng = draw.rng
    veteran = person == "W0" and draw.chance(0.6)  # without somebody nearly faultless nobody could supervise
    for position in draw.codes("position"):
        for _ in range(rng.choice((0, 1, 1, 1, 2, 2)) + veteran):
            start, end = draw.interval(0.9 if veteran else 0.7)
            basis = "trial" if draw.chance(0.05 if veteran else 0.4) else "regular"
            _add(draw, "assignment", "A", person=person, position=position, basis=basis, valid_from=start, valid_until=end)
    diligence = 1.0 if veteran else rng.choice((0.7, 0.95, 1.0))
    for rule in list(draw.documents["rule"].values()):
        for leaf in leaves(rule["requirement"], rule["supervised_requirement"]):
            if draw.chance(diligence):
                _fact_for(draw, person, leaf)
        for _ in range(rng.choice((0, 0, 1, 1, 2)) if rule["waivable"] else 0):
            _waiver(draw, person, rule["code"])
    for _ in range(0 if veteran else rng.choice((0, 0, 0, 1, 1, 2))):
        _restriction(draw, person)


def _add(draw: Draw, kind: str, prefix: str, **fields: Any) -> None:
    draw.put(kind, f"{prefix}{len(draw.documents[kind])}", **fields)


def _fact_for(draw: Draw, person: str, leaf: Document) -> None:
    if "training" in leaf:
        _training_for(draw, person, leaf["training"])
    else:
        _certificate_for(draw, person, leaf["certificate"])


def _certificate_for(draw: Draw, person: str, asked: Document) -> None:
    """A certificate that meets what is asked, or would but for one thing."""
    rng = draw.rng
    types = draw.documents["certificate_type"]
    fault = rng.choice(("none",) * 8 + ("level", "scope", "limit", "verified", "status", "type", "renewing", "renewing"))
    code = asked["type"]
    if types[code]["equivalents"] and draw.chance(0.35):
        code = rng.choice(types[code]["equivalents"])
    elif fault == "type":  # equivalents work one way only
        code = rng.choice([other for other in types if asked["type"] in types[other]["equivalents"]] or [code])
    levels = types[asked["type"]]["levels"]
    reached = levels[levels.index(asked["min_level"]) :] if asked.get("min_level") else levels
    level = draw.maybe(0.9 if asked.get("min_level") is None else 1.0, reached)
    if fault == "level":
        level = rng.choice([None, "unlisted", *levels, *types[code]["levels"]])
    scopes = [scope for scope in ("indoor", "outdoor") if scope == asked.get("scope") or draw.chance(0.3)]
    limits: dict[str, float] = {
        name: rng.choice((5, 7.5, 7.5, 10))
        for name in ("tonnes", "volts")
        if name in (asked.get("covers") or []) or draw.chance(0.5)
    }
    if fault == "limit":
        limits = {name: rng.choice((2.5, 3, 5)) for name in limits if draw.chance(0.6)}
    statuses = {"status": ("suspended", "revoked", "pending"), "renewing": ("renewing",)}.get(fault, ("valid",))
    start = draw.first_day()
    review = draw.last_day(0.25, start)
    verified = fault != "verified" and (bool(asked.get("verified")) or draw.chance(0.5))
    _add(
        draw,
        "certificate",
        "C",
        person=person,
        type=code,
        number=None,
        issuer=None,
        level=level,
        scopes=[] if fault == "scope" else scopes,
        limits=limits,
        status=rng.choice(statuses),
        valid_from=start,
        valid_until=draw.last_day(0.5, start),
        next_review_on=review,
        verified=verified,
        verified_at=write_instant(begins("UTC", draw.base - 900)) if verified else None,
        verified_by="registrar" if verified else None,
        attributes={},
    )


def _training_for(draw: Draw, person: str, asked: Document) -> None:
    """A record that meets what is asked, or would but for one minimum, and now and then a later failure."""
    rng = draw.rng
    within_days = asked.get("within_days")
    reach = 900 if within_days is None else max(min(within_days, 900), 0)
    low = -min(reach, 900) - 1
    completed = draw.day(max(low, -6), 2) if draw.chance(0.55) else draw.day(low, 0)
    minima = {"min_score": "score", "min_hours": "hours", "min_attendance": "attendance"}
    reached: dict[str, float | None] = {}
    for minimum, field in minima.items():
        wanted = asked.get(minimum)
        reached[field] = draw.maybe(0.3, (1,)) if wanted is None else rng.choice((wanted, wanted, wanted, 1, None))
        if wanted is not None and wanted > 1 and draw.chance(0.1):
            reached[field] = wanted - 0.5
    passed = draw.chance(0.92)
    _add(draw, "training_record", "TR", person=person, course=asked["course"], completed_on=completed, passed=passed, **reached)
    if draw.chance(0.2):
        later = max(completed, draw.day(-4, 4))
        failed: dict[str, float | None] = {"score": 10, "hours": None, "attendance": None}
        _add(draw, "training_record", "TR", person=person, course=asked["course"], completed_on=later, passed=False, **failed)


def _waiver(draw: Draw, person: str, rule: str) -> None:
    start, end = draw.interval(0.6, ends=True)
    status = draw.rng.choice(("approved",) * 7 + ("requested", "rejected", "revoked"))
    _add(
        draw,
        "waiver",
        "V",
        person=person,
        rule=rule,
        equipment=draw.maybe(0.3, draw.codes("equipment")),
        process=draw.maybe(0.3, draw.codes("process")),
        valid_from=start,
        valid_until=end,
        supervised=draw.chance(0.5),
        reason="stand-in",
        status=status,
        requested_by="planner",
        approved_by=None if status in ("requested", "rejected") else "safety",
    )


def _restriction(draw: Draw, person: str) -> None:
    start, end = draw.interval(0.2)
    fields = ("site", "equipment_class", "equipment", "process")
    narrowed = draw.rng.sample(fields, draw.rng.choice((0, 1, 1, 1, 1, 1, 2, 2)))
    _add(
        draw,
        "restriction",
        "X",
        person=person,
        **{field: draw.maybe(1.0 if field in narrowed else 0.0, draw.codes(field)) for field in fields},
        valid_from=start,
        valid_until=end,
        reason="ban",
    )


def _write_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.reference.plants", description="what drawn plants exercise")
    parser.add_argument("--stats", type=int, default=200, metavar="N", help="how many plants to draw")
    parser.add_argument("--questions", type=int, default=8, metavar="N", help="how many questions to ask of each")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args(arguments)
    rng = random.Random(asked.seed)
    plants = [random_plant(rng) for _ in range(asked.stats)]
    print_statistics([(plant, random_questions(rng, plant, asked.questions)) for plant in plants], _write_line)


if __name__ == "__main__":
    _main(sys.argv[1:])
