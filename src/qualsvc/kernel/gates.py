"""Gates: what no rule, waiver or obligation can lift. Each failing one denies."""

from functools import reduce
from operator import or_
from typing import TypeVar

from qualsvc.kernel.algebra import Carrier
from qualsvc.kernel.case import Cases, Place
from qualsvc.kernel.facts import Person, Restriction
from qualsvc.kernel.instants import BEGINNING
from qualsvc.kernel.reasons import Because, Reason
from qualsvc.kernel.view import View

T = TypeVar("T", bound=Carrier)


def person_gates(view: View[T], case: Cases) -> T:
    """Active, employed on the date, from an approved company if a contractor, not restricted here."""
    place = case.place
    passed = view.part(case, ("standing",), _standings, place)
    for members, restriction in case.restrictions():
        if _covers(restriction, place):
            passed &= view.beyond(
                members, view.outside(restriction.valid_from, restriction.valid_until, _restricted(restriction))
            )
    return passed


def _standings(view: View[T], case: Cases, place: Place) -> T:
    return reduce(or_, [view.among(members, _standing(view, place, person)) for members, person in case.persons()])


def _standing(view: View[T], place: Place, person: Person) -> T:
    calendar = place.calendar

    def not_employed(date: int | None) -> Reason:
        return Reason(code="not_employed", subject=person.code, date=date)

    passed = view.when(
        person.status == "active", lambda: Reason(code="person_inactive", subject=person.code, detail=person.status)
    ) & view.during(
        calendar.begins(person.employed_from),
        calendar.ends(person.employed_until),
        early=lambda: not_employed(person.employed_from),
        late=lambda: not_employed(person.employed_until),
    )
    if person.employment == "contractor":
        passed &= _company_gate(view, place, person)
    return passed


def _company_gate(view: View[T], place: Place, person: Person) -> T:
    company = place.snapshot.companies.get(person.company) if person.company is not None else None
    if company is None:
        return view.when(False, lambda: Reason(code="company_not_approved", subject=person.code, detail="none"))

    def lapsed() -> Reason:
        return Reason(code="company_not_approved", company=company.code, detail="lapsed", date=company.approved_until)

    def suspended() -> Reason:
        return Reason(code="company_not_approved", company=company.code, detail="suspended")

    in_date = view.during(BEGINNING, place.calendar.ends(company.approved_until), early=lapsed, late=lapsed)
    return view.when(company.status == "approved", suspended) & in_date


def _covers(restriction: Restriction, place: Place) -> bool:
    """Every field it names covers the question; a restriction that names nothing covers everything."""
    snapshot, equipment = place.snapshot, place.equipment
    return (
        restriction.site in (None, equipment.site)
        and restriction.equipment in (None, equipment.code)
        and (
            restriction.equipment_class is None or restriction.equipment_class in snapshot.class_line(equipment.equipment_class)
        )
        and (restriction.process is None or restriction.process in snapshot.process_line(place.process.code))
    )


def _restricted(restriction: Restriction) -> Because:
    return lambda: Reason(code="restricted", restriction=restriction.code)


def equipment_gates(view: View[T], place: Place) -> T:
    """In service and inspected; a process marked `maintenance` needs neither, but never works on retired equipment."""
    equipment = place.equipment
    maintenance = place.process.maintenance
    usable = equipment.status == "in_service" or (maintenance and equipment.status == "locked_out")
    passed = view.when(usable, lambda: Reason(code="equipment_not_in_service", subject=equipment.code, detail=equipment.status))
    if maintenance:
        return passed

    def overdue() -> Reason:
        return Reason(code="inspection_overdue", subject=equipment.code, date=equipment.inspection_valid_until)

    return passed & view.during(BEGINNING, place.calendar.ends(equipment.inspection_valid_until), early=overdue, late=overdue)
