"""Everyone judged at once, got wrong."""

from tests.mutants.mutant import Mutant

SETS = (
    Mutant("those who want supervision are allowed", "planes", "self.supervised & other.supervised", "self.supervised"),
    Mutant("one certificate helps everyone", "sets", "return Planes.flat(members) & state", "return state"),
    Mutant("a ban on one is a ban on all", "sets", "Planes.flat(self.crowd.everyone ^ members) | state", "state"),
    Mutant("n-of counts a person twice", "planes", "for place in range(number - 1, 0, -1):", "for place in range(1, number):"),
    Mutant("a part of a cohort is the whole of it", "cohorts", "if len(amiss) < len(self.facts):", "if False:"),
    Mutant("one of two alike speaks for both", "cohorts", "if self.everyone.bit_count() == len(self.facts):", "if True:"),
    Mutant(
        "ends of instants are included",
        "sets",
        "(self.view.instant,), (self.view.instant + 1,)",
        "(self.view.instant,), (self.view.instant,)",
    ),
    Mutant("limits are not looked at", "sets", "ends = (date, date, *ratings)", "ends = (date, date, *[0 for _ in ratings])"),
    Mutant("scopes are not looked at", "requirements", '"scopes": self.scope is not None', '"scopes": False'),
    Mutant("levels are not looked at", "requirements", '"level": self.min_level is not None', '"level": False'),
    Mutant("verification is not looked at", "requirements", '"verified": self.verified}', '"verified": False}'),
    Mutant(
        "ratings of another machine serve a leaf",
        "sets",
        "key = (leaf, self.date(place.calendar), ratings)",
        "key = (leaf, self.date(place.calendar))",
    ),
    Mutant(
        "ratings of another machine serve a rule",
        "sets",
        "self.date(place.calendar), ratings, equipment, process)",
        "self.date(place.calendar), equipment, process)",
    ),
    Mutant("waivers for one machine serve all", "sets", "place.equipment.code if looked.equipment else None", "None"),
    Mutant("waivers for one process serve all", "sets", "place.process.code if looked.process else None", "None"),
    Mutant("supervisors are waived for", "sets", "key = (rule.code, cases.waivers, ", "key = (rule.code, "),
    Mutant(
        "a date is the same in all zones",
        "sets",
        "known = self._dates.get(calendar)",
        "known = next(iter(self._dates.values()), None)",
    ),
    Mutant(
        "bans on one machine bind on none",
        "sets",
        "there = (known(None), known(self.place.equipment.code))",
        "there = (known(None),)",
    ),
    Mutant("trainings lapse a day early", "sets", "date - asked.within_days", "date - asked.within_days + 1"),
    Mutant("who fails later has passed", "crowd", "if len(set(bits)) < len(bits):", "if False:"),
    Mutant("the order of trainings does not matter", "crowd", "many.sort(key=_DAY)", "pass"),
    Mutant("only one position enters", "moment", "if None in positions:", "if False:"),
    Mutant(
        "a machine that is named is like others", "moment", "machine.code if machine.code in self.crowd.named else None", "None"
    ),
    Mutant("machines of one class are alike", "moment", "frozenset(machine.ratings.items())", "None"),
    Mutant("machines are alike in whatever condition", "moment", "usable, alone", "alone"),
)
