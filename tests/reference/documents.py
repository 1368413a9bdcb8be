"""The documents of a plant, by kind and code, and when their instants and dates are in force.

Documents are as the contract spells them, every field present but perhaps the personal ones. Instants are `int` microseconds
since 1970-01-01T00:00:00Z, dates are ordinals.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

Document = dict[str, Any]

LAST_DATE = date.max.toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=100_000)
def instant(text: str) -> int:
    """An RFC 3339 instant of a document, in microseconds."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


@lru_cache(maxsize=100_000)
def ordinal(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def in_force(t: int, start: str | None, end: str | None) -> bool:
    """Intervals of instants are half-open, a null bound is open."""
    return (start is None or instant(start) <= t) and (end is None or t < instant(end))


def has_come(d: int, lower: str | None) -> bool:
    return lower is None or ordinal(lower) <= d


def not_past(d: int, upper: str | None) -> bool:
    """Upper dates are inclusive; null is open and so is 9999-12-31."""
    return upper is None or upper == "9999-12-31" or d <= ordinal(upper)


class Plant:
    """The documents of a plant: kind -> code -> document; a kind left out is empty."""

    def __init__(self, documents: dict[str, dict[str, Document]]) -> None:
        self.documents = documents
        self.persons = documents.get("person", {})
        self.companies = documents.get("company", {})
        self.positions = documents.get("position", {})
        self.equipment = documents.get("equipment", {})
        self.equipment_classes = documents.get("equipment_class", {})
        self.processes = documents.get("process", {})
        self.sites = documents.get("site", {})
        self.certificate_types = documents.get("certificate_type", {})
        self.rules = list(documents.get("rule", {}).values())
        self._of_person: dict[tuple[str, str], list[Document]] = {}
        for kind in ("assignment", "certificate", "training_record", "waiver", "restriction"):
            for document in documents.get(kind, {}).values():
                self._of_person.setdefault((kind, document["person"]), []).append(document)

    def facts(self, kind: str, person: str) -> list[Document]:
        """The assignments, certificates, training records, waivers or restrictions of a person."""
        return self._of_person.get((kind, person), [])

    def time_zone(self, equipment: str) -> str:
        """The zone of the asked equipment's site: the one all dates in a question are reckoned in."""
        return str(self.sites[self.equipment[equipment]["site"]]["time_zone"])

    def class_line(self, equipment: str) -> list[str]:
        """The equipment's class and its ancestors."""
        return _line(self.equipment_classes, self.equipment[equipment]["equipment_class"])

    def process_line(self, process: str) -> list[str]:
        """The process and its ancestors."""
        return _line(self.processes, process)


def _line(tree: dict[str, Document], code: str | None) -> list[str]:
    line = []
    while code is not None:
        line.append(code)
        code = tree[code]["parent"]
    return line
