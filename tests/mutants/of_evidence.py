"""What certificates and training count for, got wrong."""

from tests.mutants.mutant import Mutant

CERTIFICATES = (
    Mutant(
        "equivalents are ignored",
        "evidence",
        "{asked.type} | (asked_type.equivalents if asked_type else frozenset())",
        "{asked.type}",
    ),
    Mutant(
        "equivalents work both ways",
        "case",
        "if one.type in types]",
        "if one.type in types or asked.type in self.place.snapshot.certificate_types[one.type].equivalents]",
    ),
    Mutant(
        "equivalents go two steps",
        "case",
        "if one.type in types]",
        "if one.type in types or any(one.type in self.place.snapshot.certificate_types[each].equivalents for each in types)]",
    ),
    Mutant("every certificate is needed", "evidence", "counted |= candidate", "counted &= candidate"),
    Mutant(
        "only the first certificate is looked at",
        "evidence",
        "for candidate in candidates[1:]:",
        "for candidate in candidates[1:0]:",
    ),
    Mutant("valid_from is ignored", "evidence", "calendar.begins(held.valid_from), expiry, early", "BEGINNING, expiry, early"),
    Mutant(
        "the last day does not count",
        "evidence",
        "expiry, review = calendar.ends(held.valid_until), ",
        "expiry, review = calendar.begins(held.valid_until) if held.valid_until else FOREVER, ",
    ),
    Mutant("the review is ignored", "evidence", "calendar.ends(held.next_review_on)\n", "FOREVER\n"),
    Mutant(
        "the day of the review does not count",
        "evidence",
        "calendar.ends(held.next_review_on)\n",
        "calendar.begins(held.next_review_on) if held.next_review_on else FOREVER\n",
    ),
    Mutant(
        "the review extends the certificate",
        "evidence",
        "counted &= view.during(BEGINNING, review, early=overdue",
        "counted |= view.during(BEGINNING, review, early=overdue",
    ),
    Mutant("status is ignored", "evidence", 'if held.status != "valid":', "if False:"),
    Mutant(
        "renewing always counts",
        "evidence",
        'held.status == "renewing" and own_type is not None and own_type.usable_while_renewing',
        'held.status == "renewing"',
    ),
    Mutant(
        "renewing never counts",
        "evidence",
        'held.status == "renewing" and own_type is not None and own_type.usable_while_renewing',
        "False",
    ),
    Mutant(
        "renewing is asked of the asked type",
        "evidence",
        "own_type = case.place.snapshot.certificate_types.get(held.type)",
        "own_type = case.place.snapshot.certificate_types.get(asked.type)",
    ),
    Mutant(
        "any status counts while usable in renewal",
        "evidence",
        'usable = held.status == "renewing" and own_type',
        "usable = own_type",
    ),
    Mutant("verification is always asked", "evidence", "if asked.verified:", "if True:"),
    Mutant("verification is never asked", "evidence", "if asked.verified:", "if False:"),
    Mutant(
        "the level must be above the one asked",
        "evidence",
        "levels.index(held.level) >= levels",
        "levels.index(held.level) > levels",
    ),
    Mutant("levels run high to low", "evidence", "levels.index(held.level) >= levels", "levels.index(held.level) <= levels"),
    Mutant(
        "levels are those of the own type",
        "evidence",
        "asked_type = case.place.snapshot.certificate_types.get(asked.type)\n    levels",
        "asked_type = case.place.snapshot.certificate_types.get(held.type)\n    levels",
    ),
    Mutant(
        "an unlisted level passes",
        "evidence",
        "not in levels or asked.min_level not in levels:\n        return False",
        "not in levels or asked.min_level not in levels:\n        return True",
    ),
    Mutant("min_level is ignored", "evidence", "if asked.min_level is not None:", "if False:"),
    Mutant("scope is ignored", "evidence", "if asked.scope is not None:", "if False:"),
    Mutant("a limit must exceed the rating", "evidence", "limit >= rating", "limit > rating"),
    Mutant(
        "a missing limit covers",
        "evidence",
        "return rating is not None and limit is not None and limit >= rating",
        "return rating is not None and (limit is None or limit >= rating)",
    ),
    Mutant(
        "a missing rating is covered",
        "evidence",
        "return rating is not None and limit is not None and limit >= rating",
        "return rating is None or (limit is not None and limit >= rating)",
    ),
    Mutant("only the first rating is covered", "evidence", "for name in asked.covers:", "for name in asked.covers[:1]:"),
    Mutant(
        "the warning is a day late",
        "evidence",
        "max(last - own_type.warning_days, 1)",
        "max(last - own_type.warning_days + 1, 1)",
    ),
    Mutant(
        "the shortest warning is taken", "facts", 'max(d["warning_days"], default=None)', 'min(d["warning_days"], default=None)'
    ),
)

TRAINING = (
    Mutant("failed records count", "evidence", "passes = [r for r in records if r.passed]", "passes = records"),
    Mutant(
        "a failure on the same day undoes",
        "evidence",
        "r.completed_on > record.completed_on",
        "r.completed_on >= record.completed_on",
    ),
    Mutant("failures undo nothing", "evidence", "if undone is not None:", "if False:"),
    Mutant(
        "a failure undoes from the start",
        "evidence",
        "one &= view.during(BEGINNING, calendar.begins(undone.completed_on), ",
        "one &= view.during(BEGINNING, BEGINNING, ",
    ),
    Mutant(
        "within_days is a day short",
        "evidence",
        "record.completed_on + asked.within_days",
        "record.completed_on + asked.within_days - 1",
    ),
    Mutant(
        "within_days is a day long",
        "evidence",
        "record.completed_on + asked.within_days",
        "record.completed_on + asked.within_days + 1",
    ),
    Mutant(
        "within_days of 0 is no limit",
        "evidence",
        "None if asked.within_days is None else",
        "None if not asked.within_days else",
    ),
    Mutant("training counts before it is done", "evidence", "calendar.begins(record.completed_on),\n", "BEGINNING,\n"),
    Mutant("any course serves", "case", " if one.course == asked.course]", "]"),
    Mutant(
        "every record is needed",
        "evidence",
        "one if counted is None else counted | one",
        "one if counted is None else counted & one",
    ),
    Mutant("a minimum must be exceeded", "evidence", "recorded >= least", "recorded > least"),
    Mutant(
        "an unrecorded minimum is reached",
        "evidence",
        "(recorded is not None and recorded >= least)",
        "(recorded is None or recorded >= least)",
    ),
    Mutant(
        "one minimum is enough",
        "evidence",
        "_reached(asked.min_score, record.score)\n        and",
        "_reached(asked.min_score, record.score)\n        or",
    ),
    Mutant(
        "hours are compared with the score", "evidence", "(asked.min_hours, record.hours)", "(asked.min_hours, record.score)"
    ),
)
