"""The recipe: arguments in, records out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from benchmarks.plant.ground import ground_lines
from benchmarks.plant.people import person_lines
from benchmarks.plant.rules import rule_lines
from qualsvc import zones
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.sample.lines import Line

SEED = 20261121


@dataclass(frozen=True)
class Plant:
    """How many of each there are, and the day everything is dated by."""

    persons: int
    certificates_each: int
    equipment: int
    processes: int
    rules: int
    day: date
    seed: int

    def records(self) -> Iterator[Line]:
        """Bulk lines in the contract's exact shape, made one by one; what is referred to comes first."""
        yield from ground_lines(self.day, self.equipment, self.processes)
        yield from rule_lines(self.day, self.equipment, self.processes, self.rules)
        for number in range(self.persons):
            yield from person_lines(self.seed, number, self.certificates_each, self.day)

    @cached_property
    def by_kind(self) -> dict[str, dict[str, Line]]:
        """All records at once, by kind and code. A plant of a million persons does not fit into this."""
        found: dict[str, dict[str, Line]] = {}
        for record in self.records():
            found.setdefault(record["kind"], {})[record["code"]] = record
        return found

    def snapshot(self) -> Snapshot:
        """The records as the kernel holds them."""
        snapshot = Snapshot(zones.load)
        for record in self.records():
            snapshot.apply(record["kind"], record["code"], record)
        return snapshot


def plant(
    persons: int = 10_000,
    certificates_each: int = 5,
    equipment: int = 500,
    processes: int = 50,
    rules: int = 200,
    day: date | None = None,
    seed: int = SEED,
) -> Plant:
    """The plant; dated today (UTC) unless another day is given. At least 20 processes: ten of maintenance, ten of work."""
    if processes < 20 or equipment < 40:
        raise ValueError("a plant has at least 20 processes and 40 machines, two and four of each trade")
    return Plant(persons, certificates_each, equipment, processes, rules, day or datetime.now(UTC).date(), seed)
