"""Gates, and who discharges what, got wrong."""

from tests.mutants.mutant import Mutant

GATES = (
    Mutant("a suspended person passes", "gates", 'person.status == "active"', 'person.status != "left"'),
    Mutant("a leaver passes", "gates", 'person.status == "active"', 'person.status != "suspended"'),
    Mutant("employed_from is ignored", "gates", "calendar.begins(person.employed_from),", "BEGINNING,"),
    Mutant(
        "the last day employed does not count",
        "gates",
        "calendar.ends(person.employed_until),",
        "calendar.begins(person.employed_until) if person.employed_until else calendar.ends(None),",
    ),
    Mutant("employees need an approved company", "gates", 'if person.employment == "contractor":', "if True:"),
    Mutant("contractors need no company", "gates", 'if person.employment == "contractor":', "if False:"),
    Mutant(
        "a contractor without a company passes",
        "gates",
        'view.when(False, lambda: Reason(code="company_not_approved", subject',
        'view.when(True, lambda: Reason(code="company_not_approved", subject',
    ),
    Mutant("a suspended company passes", "gates", 'company.status == "approved"', "True"),
    Mutant("approved_until is ignored", "gates", "place.calendar.ends(company.approved_until)", "place.calendar.ends(None)"),
    Mutant("approval or date is enough", "gates", "suspended) & in_date", "suspended) | in_date"),
    Mutant("restrictions are ignored", "gates", "if _covers(restriction, place):", "if False:"),
    Mutant("restrictions cover everything", "gates", "if _covers(restriction, place):", "if True:"),
    Mutant("a restriction's site is ignored", "gates", "restriction.site in (None, equipment.site)", "True"),
    Mutant("a restriction's equipment is ignored", "gates", "restriction.equipment in (None, equipment.code)", "True"),
    Mutant(
        "a restriction's class covers no class below",
        "gates",
        "restriction.equipment_class in snapshot.class_line(equipment.equipment_class)",
        "restriction.equipment_class == equipment.equipment_class",
    ),
    Mutant(
        "a restriction's process covers no process below",
        "gates",
        "restriction.process in snapshot.process_line(place.process.code)",
        "restriction.process == place.process.code",
    ),
    Mutant(
        "locked out equipment is used",
        "gates",
        'or (maintenance and equipment.status == "locked_out")',
        'or equipment.status == "locked_out"',
    ),
    Mutant("locked out equipment is not repaired", "gates", 'or (maintenance and equipment.status == "locked_out")', ""),
    Mutant("retired equipment is repaired", "gates", '(maintenance and equipment.status == "locked_out")', "maintenance"),
    Mutant("maintenance needs an inspection", "gates", "    if maintenance:\n        return passed\n", ""),
    Mutant(
        "the inspection is ignored",
        "gates",
        "view.during(BEGINNING, place.calendar.ends(equipment.inspection_valid_until)",
        "view.during(BEGINNING, place.calendar.ends(None)",
    ),
)

DISCHARGE = (
    Mutant(
        "the operator may supervise",
        "discharge",
        "None if code is None or code == question.person else",
        "None if code is None else",
    ),
    Mutant(
        "a supervisor's waivers count",
        "discharge",
        "qualified = timeline_of(Case(place, supervisor, waivers=False))",
        "qualified = timeline_of(Case(place, supervisor))",
    ),
    Mutant(
        "a conditional supervisor is one",
        "discharge",
        "lambda state: SUPERVISION if state == ALLOW else NOBODY",
        "lambda state: SUPERVISION if state else NOBODY",
    ),
    Mutant(
        "supervision counts as confirmation",
        "discharge",
        "lambda state: SUPERVISION if state == ALLOW",
        "lambda state: CONFIRMATION if state == ALLOW",
    ),
    Mutant(
        "a confirmer on trial confirms",
        "discharge",
        'if assignment.basis == "regular" and position is not None',
        "if position is not None",
    ),
    Mutant("any position confirms", "discharge", " and position.may_confirm:", ":"),
    Mutant(
        "a confirmer passes no gates", "discharge", "return person_gates(view, Case(place, confirmer)) & holds", "return holds"
    ),
    Mutant(
        "a confirmer's post has no end",
        "discharge",
        "view.during(assignment.valid_from, assignment.valid_until, early=not_held",
        "view.during(assignment.valid_from, 2**62, early=not_held",
    ),
    Mutant(
        "both given is only what both give", "discharge", "lambda one, other: one | other", "lambda one, other: one & other"
    ),
    Mutant("with two named only the supervisor counts", "discharge", "if len(discharges) == 2:", "if False:"),
    Mutant("what is given is ignored", "states", "(state >> (discharged | given)) & 1", "(state >> given) & 1"),
    Mutant(
        "what is given is asked for again",
        "states",
        "(state >> (discharged | given)) & 1",
        "(state >> (discharged ^ given)) & 1",
    ),
    Mutant("both is asked as either", "states", "    if left == BOTH:\n", "    if False:\n"),
    Mutant(
        "confirmation and supervision change places",
        "states",
        '{CONFIRMATION: "confirmation", SUPERVISION: "supervisor_present"}',
        '{CONFIRMATION: "supervisor_present", SUPERVISION: "confirmation"}',
    ),
)
