"""Sites, companies, departments, machines, processes, positions, certificate types and courses."""

from collections.abc import Iterator
from datetime import date

from benchmarks.plant.trades import (
    FITTER,
    LEADER,
    LEVELS,
    SITES,
    TRADES,
    WITH_FORMER,
    class_of_machine,
    machine,
    process,
    rating_of_machine,
    site_of_machine,
    trade_of_machine,
)
from qualsvc.sample.days import day
from qualsvc.sample.lines import Line, line

COMPANIES = 20
OUT_OF_SERVICE = {17: "locked_out", 38: "retired"}
"""Of each hundred machines."""
INSPECTION_OVERDUE = 59
COURSES = ("INDUCTION-NB", "INDUCTION-WX", "INDUCTION-HH", "LOTO", "FIRST-AID")


def ground_lines(today: date, equipment: int, processes: int) -> Iterator[Line]:
    """All that persons and rules refer to."""
    yield from _places(today)
    yield from _qualifications()
    for trade in TRADES:
        root, *below = trade.classes
        yield line("equipment_class", root, name=root)
        for code in below:
            yield line("equipment_class", code, name=code, parent=root)
    for number in range(equipment):
        yield line(
            "equipment",
            machine(number),
            name=f"machine {number}",
            equipment_class=class_of_machine(number),
            site=site_of_machine(number),
            status=OUT_OF_SERVICE.get(number % 100, "in_service"),
            inspection_valid_until=day(today, -20 if number % 100 == INSPECTION_OVERDUE else 30 + number % 300),
            ratings={trade_of_machine(number).rating: rating_of_machine(number)},
        )
    for number in range(processes):
        # A part of a part, every other time: the line of a process is up to three long.
        above = None if number < 20 else process(number - 10 if number >= 40 else number % 10 + 10)
        yield line("process", process(number), name=process(number), parent=above, maintenance=number < 10)


def _places(today: date) -> Iterator[Line]:
    for code, zone in SITES.items():
        yield line("site", code, name=code, time_zone=zone)
        yield line("org_unit", code, name=code, site=code)
        for trade in TRADES:
            yield line("org_unit", f"{code}-{trade.code}", name=trade.code, parent=code, site=code)
    for number in range(COMPANIES):
        status = "suspended" if number == 7 else "approved"
        yield line(
            "company", f"CO{number:02d}", name=f"company {number}", status=status, approved_until=_approved(today, number)
        )
    for code in (*(trade.position for trade in TRADES), FITTER, LEADER):
        yield line("position", code, name=code, may_confirm=code == LEADER)


def _approved(today: date, number: int) -> str | None:
    return None if number % 3 == 0 else day(today, -30 if number == 13 else 60 + number)


def _qualifications() -> Iterator[Line]:
    for trade in TRADES:
        old = [trade.former] if trade in WITH_FORMER else []
        statutory = {"category": "statutory", "warning_days": [90, 60, 30], "validity_months": 48}
        for code, equivalents in [*((each, []) for each in old), (trade.licence, old)]:
            yield line("certificate_type", code, name=code, equivalents=equivalents, usable_while_renewing=True, **statutory)
        yield line("certificate_type", trade.authorisation, name="ours", category="internal", levels=LEVELS, warning_days=[30])
        yield line("certificate_type", trade.fitness, name="fitness", category="medical", warning_days=[30, 14])
        yield line("course", trade.refresher, name=trade.refresher)
    for code in COURSES:
        yield line("course", code, name=code)
