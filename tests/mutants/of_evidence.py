"""What certificates and training count for, got wrong."""

from tests.mutants.mutant import Mutant

CERTIFICATES = (
    Mutant(
        "equivalents are ignored",
        "facts",
        'accepted=frozenset((d["code"], *d["equivalents"]))',
        'accepted=frozenset((d["code"],))',
    ),
    Mutant(
        "equivalents work both ways",
        "case",
        "if one.type in types]",
        "if one.type in types or asked.type in self.place.snapshot.certificate_types[one.type].accepted]",
    ),
    Mutant(
        "equivalents go two steps",
        "case",
        "if one.type in types]",
        "if one.type in types or any(one.type in self.place.snapshot.certificate_types[each].accepted for each in types)]",
    ),
    Mutant(
        "every certificate is needed",
        "evidence",
        "held, own_type))\n        counted = one if counted is None else counted | one",
        "held, own_type))\n        counted = one if counted is None else counted & one",
    ),
    Mutant(
        "only the first certificate is looked at",
        "evidence",
        "for members, held in candidates:",
        "for members, held in candidates[:1]:",
    ),
    Mutant("valid_from is ignored", "evidence", "(calendar.begins(held.valid_from), calendar", "(BEGINNING, calendar"),
    Mutant(
        "the last day does not count",
        "evidence",
        "calendar.ends(held.valid_until), not_yet",
        "calendar.begins(held.valid_until) if held.valid_until else FOREVER, not_yet",
    ),
    Mutant("the review is ignored", "evidence", "calendar.ends(held.next_review_on), overdue", "FOREVER, overdue"),
    Mutant(
        "the day of the review does not count",
        "evidence",
        "calendar.ends(held.next_review_on), overdue",
        "calendar.begins(held.next_review_on), overdue",
    ),
    Mutant(
        "the review extends the certificate",
        "evidence",
        "        bounds.append((BEGINNING, calendar.ends(held.next_review_on), overdue, overdue))",
        "        bounds[0] = (bounds[0][0], max(bounds[0][1], calendar.ends(held.next_review_on)), not_yet, expired)",
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
        "asked_type if held.type == leaf.type else types.get(held.type)",
        "asked_type",
    ),
    Mutant(
        "any status counts while usable in renewal",
        "evidence",
        'usable = held.status == "renewing" and own_type',
        "usable = own_type",
    ),
    Mutant("verification is always asked", "evidence", "if leaf.verified and", "if"),
    Mutant("verification is never asked", "evidence", "if leaf.verified and", "if False and"),
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
        "asked_type = case.place.snapshot.certificate_types.get(leaf.type)\n    levels",
        "asked_type = case.place.snapshot.certificate_types.get(held.type)\n    levels",
    ),
    Mutant(
        "an unlisted level passes",
        "evidence",
        "not in levels or leaf.min_level not in levels:\n        return False",
        "not in levels or leaf.min_level not in levels:\n        return True",
    ),
    Mutant("min_level is ignored", "evidence", "if leaf.min_level is not None and", "if False and"),
    Mutant("scope is ignored", "evidence", "if leaf.scope is not None and", "if False and"),
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
    Mutant("only the first rating is covered", "evidence", "for name in leaf.covers:", "for name in leaf.covers[:1]:"),
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
    Mutant("failed records count", "evidence", "        if record.passed:\n", "        if True:\n"),
    Mutant("a failure on the same day undoes", "evidence", "failure.completed_on > done", "failure.completed_on >= done"),
    Mutant("failures undo nothing", "evidence", "if undone is not None:", "if False:"),
    Mutant(
        "a failure undoes from the start",
        "evidence",
        "bounds.append((BEGINNING, calendar.begins(undone.completed_on), ",
        "bounds.append((BEGINNING, BEGINNING, ",
    ),
    Mutant("within_days is a day short", "evidence", "done + leaf.within_days", "done + leaf.within_days - 1"),
    Mutant("within_days is a day long", "evidence", "done + leaf.within_days", "done + leaf.within_days + 1"),
    Mutant(
        "within_days of 0 is no limit", "evidence", "None if leaf.within_days is None else", "None if not leaf.within_days else"
    ),
    Mutant("training counts before it is done", "evidence", "(calendar.begins(done), ", "(BEGINNING, "),
    Mutant("any course serves", "case", " if one.course == asked.course]", "]"),
    Mutant(
        "every record is needed",
        "evidence",
        "            counted = one if counted is None else counted | one",
        "            counted = one if counted is None else counted & one",
    ),
    Mutant("a minimum must be exceeded", "evidence", "recorded >= least", "recorded > least"),
    Mutant(
        "an unrecorded minimum is reached",
        "evidence",
        "recorded is not None and recorded >= least",
        "recorded is None or recorded >= least",
    ),
    Mutant(
        "one minimum is enough",
        "evidence",
        "_reached(leaf.min_score, record.score))\n        and",
        "_reached(leaf.min_score, record.score))\n        or",
    ),
    Mutant("hours are compared with the score", "evidence", "(leaf.min_hours, record.hours)", "(leaf.min_hours, record.score)"),
)
