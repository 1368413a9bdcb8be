"""Time, folding and reasons, got wrong."""

from tests.mutants.mutant import Mutant

TIME = (
    Mutant(
        "an upper date of 9999-12-31 ends",
        "calendar",
        "ordinal is None or ordinal >= LAST_ORDINAL",
        "ordinal is None or ordinal > LAST_ORDINAL",
    ),
    Mutant(
        "at a repeated midnight the second counts",
        "calendar",
        "        if earlier + self._offset(earlier) >= midnight:\n            return earlier\n",
        "        if later + self._offset(later) >= midnight:\n            return later\n",
    ),
    Mutant(
        "a skipped midnight is read as it stands",
        "calendar",
        "        low, high = earlier // MICROSECONDS, later // MICROSECONDS",
        "        return later\n        low, high = earlier // MICROSECONDS, later // MICROSECONDS",
    ),
    Mutant("all dates are UTC's", "snapshot", "LocalCalendar(self._zone(name))", 'LocalCalendar(self._zone("UTC"))'),
    Mutant("a date counts up to its beginning", "calendar", "self.begins(ordinal + 1)\n", "self.begins(ordinal)\n"),
    Mutant(
        "the date repeats when clocks fall back",
        "calendar",
        "        while ordinal < LAST_ORDINAL and self.begins(ordinal + 1) <= instant:\n            ordinal += 1\n",
        "",
    ),
    Mutant(
        "what is lifted later is passed over",
        "timelines",
        "            self.same_until = min(self.same_until, ends)",
        "            pass",
    ),
    Mutant(
        "what is lifted early is passed over",
        "timelines",
        "            self.same_from = max(self.same_from, begins)",
        "            pass",
    ),
    Mutant("an end is clipped off", "timeline", "if end < FOREVER and values[-1] != DENY:", "if False:"),
    Mutant(
        "a beginning is clipped off",
        "timeline",
        "first, last = bisect_right(starts, start)",
        "first, last = bisect_left(starts, start)",
    ),
    Mutant("a constant raises nothing", "timeline", "tuple([value | least for value in self.values])", "self.values"),
    Mutant("the span found begins too early", "timeline", "(starts[1], starts[2]))", "(BEGINNING, starts[2]))"),
    Mutant("partial states are nothing to n-of", "states", "if full + states.count(DENY) == len(states):", "if full < number:"),
    Mutant("intervals are closed", "timeline", "(start, inside), (end, outside)]", "(start, inside), (end + 1, outside)]"),
    Mutant("intervals are open", "timeline", "(start, inside), (end, outside)]", "(start + 1, inside), (end, outside)]"),
    Mutant(
        "the state before a change is read at it",
        "timeline",
        "self.values[bisect_right(self.starts, instant) - 1]",
        "self.values[max(bisect_right(self.starts, instant - 1) - 1, 0)]",
    ),
    Mutant(
        "valid_until is the last change",
        "timeline",
        "return self.starts[following] if following < len(self.starts) else None",
        "return self.starts[-1] if following < len(self.starts) else None",
    ),
    Mutant("a window includes its end", "timeline", "self.starts[index] < end:", "self.starts[index] <= end:"),
    Mutant("a window misses its later stretches", "timeline", "            index += 1\n", "            return\n"),
    Mutant(
        "a change of both sides at once is missed",
        "timeline",
        "        j += next_right == instant",
        "        j += next_right == instant and next_left != instant",
    ),
    Mutant("n-of counts bits of any", "states", "reached[n] |= reached[n - 1] & state", "reached[n] |= state"),
    Mutant("a window takes its last state", "answer", "        worst &= left", "        worst = left"),
    Mutant(
        "a window is denied only if all of it is",
        "answer",
        "        if left == DENY:\n            return DENY\n",
        "        if left == DENY:\n            continue\n",
    ),
    Mutant(
        "worst_from is the beginning",
        "answer",
        "worst_from=reached[0]",
        "worst_from=question.at",
    ),
    Mutant(
        "valid_until is that of the window's worst",
        "answer",
        "residuals.next_change(question.at),\n        worst_from=reached",
        "residuals.next_change(reached[0]),\n        worst_from=reached",
    ),
    Mutant(
        "valid_until forgets whom one is helped by",
        "answer",
        "residuals.next_change(question.at),\n            worst_from=None",
        "timeline_of(case).next_change(question.at),\n            worst_from=None",
    ),
    Mutant("a badge is a person's code", "answer", "person=snapshot.badges.get(question.badge)", "person=question.badge"),
    Mutant(
        "fractions of a second are rounded",
        "instants",
        'int((fraction or "")[:6].ljust(6, "0"))',
        'round(float("0." + (fraction or "0")) * 1_000_000)',
    ),
    Mutant("offsets are added", "instants", "minute * 60 + second - offset", "minute * 60 + second + offset"),
)

FOLDING = (
    Mutant(
        "a record stays with the person it had",
        "snapshot",
        "        known = self._by_code.get(code, None)\n        if known is not None:",
        "        known = self._by_code.get(code, None)\n        if known is not None and fact is None:",
    ),
    Mutant(
        "a removed record is kept",
        "snapshot",
        "part[person] = (fact,) if known is None else (*known, fact)",
        "part[person] = (fact,)",
    ),
    Mutant(
        "remembered rules outlive a change",
        "snapshot",
        "        if kind in _PAIR_KINDS:\n            self._forget_pairs()",
        "        if kind in _PAIR_KINDS:\n            pass",
    ),
    Mutant(
        "remembered rules outlive a change of the tree",
        "snapshot",
        '{"rule", "equipment", "equipment_class", "process"}',
        '{"rule", "equipment", "process"}',
    ),
    Mutant(
        "a badge taken over is lost with its former holder",
        "snapshot",
        "if self.badges.get(badge) == code:",
        "if badge in self.badges:",
    ),
    Mutant("a badge given back still opens", "snapshot", "                del self.badges[badge]", "                pass"),
    Mutant(
        "a copy shares its persons",
        "snapshot",
        "setattr(twin, name, table.copy())",
        'setattr(twin, name, table if name == "persons" else table.copy())',
    ),
    Mutant(
        "a copy shares facts by person",
        "snapshot",
        "twin._by_person = self._by_person.copy()",
        "twin._by_person = self._by_person",
    ),
    Mutant(
        "a copy owns the parts it shares",
        "parts",
        "twin._parts = self._parts.copy()",
        "twin._parts = self._parts.copy()\n        twin._own = self._own.copy()",
    ),
    Mutant(
        "what was copied goes on changing shared parts",
        "parts",
        "        self._own = bytearray(PARTS)\n        return",
        "        return",
    ),
)

REMEMBERING = (
    Mutant(
        "who had a record goes on having it",
        "replica/remembered",
        "for document in (before, after):",
        "for document in (after,):",
    ),
    Mutant(
        "who is given a record does not have it",
        "replica/remembered",
        "for document in (before, after):",
        "for document in (before,):",
    ),
    Mutant(
        "a person's own change is not noticed",
        "replica/remembered",
        "            self._drop(code)",
        "            pass",
    ),
    Mutant(
        "an answer outlives its supervisor",
        "replica/remembered",
        "if other is None or other.mark is not mark:",
        "if other is None:",
    ),
    Mutant(
        "an answer outlives its stretch",
        "replica/remembered",
        "not found.same_from <= at < found.same_until",
        "not found.same_from <= at",
    ),
    Mutant(
        "an answer stands before its stretch",
        "replica/remembered",
        "not found.same_from <= at < found.same_until",
        "not at < found.same_until",
    ),
    Mutant(
        "who supervised is not asked about",
        "replica/remembered",
        "about = (question.equipment, question.process, question.supervisor, question.confirmed_by)",
        "about = (question.equipment, question.process, None, None)",
    ),
    Mutant("only changes of rules are noticed", "replica/remembered", "elif kind in FACTS:", 'elif kind == "rule":'),
    Mutant(
        "a supervisor is remembered with waivers",
        "replica/remembered",
        "case.place.process.code, case.waivers)",
        "case.place.process.code, True)",
    ),
)

REASONS = (
    Mutant("of an n-of all allows speak", "explanation", "_together(full[:number])", "_together(full)"),
    Mutant(
        "a yes keeps the reasons of what was not taken",
        "explanation",
        "    if full:\n        return full[0]",
        "    if len(full) > 5:\n        return full[0]",
    ),
    Mutant("the first yes speaks, not the quietest", "explanation", "min(full, key=_quietness)", "full[0]"),
    Mutant(
        "reasons come in the order found", "reasons", "tuple(latest[key] for key in sorted(latest))", "tuple(latest.values())"
    ),
    Mutant(
        "of one cause the first telling is kept",
        "reasons",
        "if known is None or _weight(known) < _weight(reason):",
        "if known is None:",
    ),
    Mutant(
        "expired and not yet valid change places",
        "explanations",
        "completed(told(asked, late), since=end)",
        "completed(told(asked, early), since=end)",
    ),
    Mutant(
        "what begins later is taken to stand",
        "explanations",
        "            if start < self.same_until:\n                self.same_until = start",
        "            if start < self.same_until:\n                pass",
    ),
    Mutant(
        "what ended is taken to have stood",
        "explanations",
        "        if end > self.same_from:\n            self.same_from = end",
        "        pass",
    ),
    Mutant(
        "what holds is taken to hold for ever", "explanations", "                self.same_until = end", "                pass"
    ),
    Mutant(
        "what holds is taken to have held",
        "explanations",
        "        if start > self.same_from:\n            self.same_from = start",
        "        pass",
    ),
    Mutant("a warning is passed over", "timelines", "            self._remarks += 1\n\n", "            pass\n\n"),
    Mutant(
        "a leaf met stands for ever",
        "explanations",
        "        if ends < self.same_until:\n            self.same_until = ends",
        "        pass",
    ),
    Mutant("a supervisor stands for ever", "answer", "min(own.same_until, others.same_until)", "own.same_until"),
    Mutant(
        "explained intervals are closed",
        "explanations",
        "        if instant < end:\n            if end < self",
        "        if instant <= end:\n            if end < self",
    ),
    Mutant("what is given is not told", "explanations", "given() if left == ALLOW else required()", "required()"),
    Mutant("a waiver hides what it lifts", "explanations", "until=until, causes=ordered(unmet.reasons)", "until=until"),
    Mutant(
        "what is recommended and met is told",
        "explanations",
        "        if unmet.state == ALLOW:\n            return ALLOWED\n",
        "",
    ),
    Mutant(
        "an explained recommendation denies",
        "explanations",
        "return explained(ALLOW, completed(because(), causes=",
        "return explained(unmet.state, completed(because(), causes=",
    ),
    Mutant(
        "a recommendation hides what it misses",
        "explanations",
        "completed(because(), causes=ordered(unmet.reasons))",
        "because()",
    ),
    Mutant("to lack what is recommended is not heard", "explanation", '    "recommended_missing": 1,\n', ""),
    Mutant(
        "paths nobody enters are told to the end",
        "explanations",
        "entry if some_entered and entry.state == DENY else entry & beyond",
        "entry & beyond",
    ),
    Mutant(
        "a supervisor who does not count goes unreported",
        "discharge",
        'reports.append(_report("supervisor_not_qualified"',
        'reports and reports.append(_report("supervisor_not_qualified"',
    ),
    Mutant(
        "the explained supervisor has waivers",
        "discharge",
        "case_state(view, Case(place, supervisor, waivers=False))",
        "case_state(view, Case(place, supervisor))",
    ),
    Mutant(
        "reasons are those of the beginning of the window",
        "answer",
        "for instant in reached[:_EXPLAINED_STRETCHES]",
        "for instant in [question.at]",
    ),
    Mutant(
        "only one cause is told", "answer", "            reasons=ordered(reasons),", "            reasons=ordered(reasons)[:1],"
    ),
)
