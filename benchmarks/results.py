"""A run's results as a document: written, and read again by the check."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.figures import Figure, Measured, Spread, Table


@dataclass(slots=True)
class Results:
    """What one run found, and what it was made with."""

    at: str
    """When it began, UTC, to the second, with Z."""
    is_quick: bool
    asked: list[str]
    """The parts to be measured, by name."""
    cores: str
    """Who computed where, in words."""
    machine: dict[str, str]
    versions: dict[str, str]
    load_before: list[float]
    load_after: list[float] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """Why, by part."""
    figures: dict[str, Figure] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, part: str, measured: Measured) -> None:
        self.measured.append(part)
        self.figures |= {figure.key: figure for figure in measured.figures}
        self.tables += measured.tables
        self.left_out += measured.left_out

    def open(self) -> list[str]:
        """The parts that were not come to; none once the run is finished."""
        return [name for name in self.asked if name not in self.measured and name not in self.failed]


def written(results: Results) -> str:
    return json.dumps(asdict(results), ensure_ascii=False, indent=1) + "\n"


def read(text: str) -> Results:
    """What `written` wrote. Raises ValueError, KeyError or TypeError."""
    document: dict[str, Any] = json.loads(text)
    document["figures"] = {key: _figure(figure) for key, figure in document["figures"].items()}
    document["tables"] = [
        Table(each["title"], tuple(each["header"]), tuple(map(tuple, each["rows"]))) for each in document["tables"]
    ]
    return Results(**document)


def _figure(document: Mapping[str, Any]) -> Figure:
    return Figure(**{**document, "value": Spread(**document["value"])})
