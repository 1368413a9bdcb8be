"""A run's results as a document: written, and read again by the check."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Measured, Spread, Table

DIRECTORY = Path(__file__).with_name("results")
COMMITTED = DIRECTORY / "committed.json"


@dataclass(slots=True)
class Results:
    """What one run found, and what it was made with."""

    at: str
    machine: dict[str, str]
    versions: dict[str, str]
    load_before: list[float]
    load_after: list[float] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, measured: Measured) -> None:
        self.figures |= {figure.key: figure for figure in measured.figures}
        self.tables += measured.tables
        self.left_out += measured.left_out


def written(results: Results) -> str:
    return json.dumps(asdict(results), ensure_ascii=False, indent=1) + "\n"


def read(text: str) -> Results:
    """What `written` wrote."""
    document: dict[str, Any] = json.loads(text)
    document["figures"] = {key: _figure(figure) for key, figure in document["figures"].items()}
    document["tables"] = [
        Table(each["title"], tuple(each["header"]), tuple(map(tuple, each["rows"]))) for each in document["tables"]
    ]
    return Results(**document)


def _figure(document: Mapping[str, Any]) -> Figure:
    return Figure(**{**document, "value": Spread(**document["value"])})
