"""Remembering timelines between asks.

Key: (person, equipment, process, with or without waivers). Bound: `PERSONS` persons, least recently asked out first, and
`PAIRS` pairs of each. Never stale: a change to facts of one person forgets that person, any other change a decision depends
on forgets everybody, and both happen in the step that changes the snapshot.
"""

from collections.abc import Mapping
from typing import Any

from cachetools import LRUCache

from qualsvc.kernel.answer import case_timeline
from qualsvc.kernel.case import Case
from qualsvc.kernel.facts import FACTS
from qualsvc.kernel.timeline import Timeline

PERSONS = 20_000
PAIRS = 64

_ONE_PERSONS = frozenset({"assignment", "certificate", "training_record", "waiver", "restriction"})


class RememberedTimelines:
    """`case_timeline`, remembered."""

    def __init__(self) -> None:
        self._persons: LRUCache[str, dict[tuple[str, str, bool], Timeline]] = LRUCache(PERSONS)

    def __call__(self, case: Case) -> Timeline:
        """The timeline of a case of the snapshot this belongs to."""
        pairs = self._persons.get(case.person.code)
        if pairs is None:
            pairs = self._persons[case.person.code] = {}
        key = (case.place.equipment.code, case.place.process.code, case.waivers)
        known = pairs.get(key)
        if known is None:
            if len(pairs) >= PAIRS:
                pairs.clear()
            known = pairs[key] = case_timeline(case)
        return known

    def forget(self, kind: str, code: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
        """A record changed from `before` to `after`."""
        if kind == "person":
            self._persons.pop(code, None)
        elif kind in _ONE_PERSONS:
            for document in (before, after):
                if document is not None:
                    self._persons.pop(document["person"], None)
        elif kind in FACTS:
            self._persons.clear()
