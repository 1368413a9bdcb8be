"""A person and a machine as the peers are given them, JSON.

Of a person what begins and ends at an instant is there or not as of that instant; dates stay, as ordinals.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

from qualsvc.kernel.facts import Assignment, Equipment, Person, Restriction, TrainingRecord, Waiver
from qualsvc.kernel.snapshot import Snapshot

LAST = 4_000_000
"""A day later than 9999-12-31."""
NOTHING = -(10**12)
"""A score, hours or attendance that was not recorded: less than any that is asked for."""

Document = dict[str, Any]
T = TypeVar("T", Assignment, Restriction, Waiver)


def person(snapshot: Snapshot, one: Person, now: int) -> Document:
    """Gates, positions, waived rules, certificates by type, training by course.

    Raises ValueError for a waiver or restriction of one machine or process: peers are not told of those.
    """
    held = _at(now, snapshot.assignments.of(one.code))
    waivers = [each for each in _at(now, snapshot.waivers.of(one.code)) if each.status == "approved"]
    restrictions = _at(now, snapshot.restrictions.of(one.code))
    narrow: list[Waiver | Restriction] = [*waivers, *restrictions]
    if any(each.equipment or each.process for each in narrow):
        raise ValueError("waivers and restrictions of one machine or process are not translated")
    regular = {each.position for each in held if each.basis == "regular"}
    return {
        "active": one.status == "active",
        "from": one.employed_from or 0,
        "until": _last(one.employed_until),
        "company_until": _company_until(snapshot, one),
        "positions": sorted(regular),
        "trials": sorted({each.position for each in held} - regular),
        "restricted": sorted(_area(each.site, each.equipment_class) for each in restrictions),
        "waived": sorted({each.rule for each in waivers if not each.supervised}),
        "waived_supervised": sorted({each.rule for each in waivers if each.supervised}),
        "certificates": _certificates(snapshot, one),
        "training": _training(snapshot, one),
    }


def machine(snapshot: Snapshot, one: Equipment) -> Document:
    """Its state, its ratings, and `areas`, the names of whatever restriction would cover it."""
    classes = (None, *snapshot.class_line(one.equipment_class))
    return {
        "status": one.status,
        "inspected": _last(one.inspection_valid_until),
        "ratings": dict(one.ratings),
        "areas": [_area(site, each) for site in (None, one.site) for each in classes],
    }


def _at(now: int, facts: Iterable[T]) -> list[T]:
    return [one for one in facts if one.valid_from <= now < one.valid_until]


def _company_until(snapshot: Snapshot, one: Person) -> int:
    if one.employment != "contractor":
        return LAST
    company = None if one.company is None else snapshot.companies.get(one.company)
    return 0 if company is None or company.status != "approved" else _last(company.approved_until)


def _certificates(snapshot: Snapshot, of: Person) -> dict[str, list[Document]]:
    by_type: dict[str, list[Document]] = defaultdict(list)
    for one in snapshot.certificates.of(of.code):
        renewing = one.status == "renewing" and snapshot.certificate_types[one.type].usable_while_renewing
        held = {
            "code": one.code,
            "status": one.status,
            "usable": one.status == "valid" or renewing,
            "from": one.valid_from,
            "until": _last(one.valid_until),
            "review": _last(one.next_review_on),
            "verified": one.verified,
            "level": one.level or "",
            "scopes": list(one.scopes),
            "limits": dict(one.limits),
        }
        by_type[one.type].append(held)
    return by_type


def _training(snapshot: Snapshot, of: Person) -> dict[str, list[Document]]:
    records = snapshot.training_records.of(of.code)
    by_course: dict[str, list[Document]] = defaultdict(list)
    for one in records:
        if one.passed:
            reached = {name: _number(getattr(one, name)) for name in ("score", "hours", "attendance")}
            by_course[one.course].append({"on": one.completed_on, "undone": _undone(one, records), **reached})
    return by_course


def _undone(passed: TrainingRecord, records: Iterable[TrainingRecord]) -> int:
    """The first day on which a later failure undoes it."""
    failures = (one.completed_on for one in records if one.course == passed.course and not one.passed)
    return min((day for day in failures if day > passed.completed_on), default=LAST)


def _last(day: int | None) -> int:
    return LAST if day is None else day


def _number(recorded: float | None) -> float:
    return NOTHING if recorded is None else recorded


def _area(site: str | None, equipment_class: str | None) -> str:
    return f"{site or '*'}/{equipment_class or '*'}"
