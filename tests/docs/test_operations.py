"""docs/operations.md has every metric, docs/troubleshooting.md every event of the log; the samples are for what is served."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, named_in_code, section

PAGE = DOCS / "operations.md"
LOGS = DOCS / "troubleshooting.md"
SAMPLES = sorted((DOCS / "samples").iterdir())
PATHS = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))["paths"]


@cache
def sources() -> str:
    """All of the service's own text."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src" / "qualsvc").rglob("*.py")))


def metrics() -> set[str]:
    """The metrics that the sources name, counters without their `_total`."""
    return set(re.findall(r'"(qualsvc_[a-z_]+)"', sources()))


def documented() -> set[str]:
    """The metrics of the page's table, counters without their `_total`."""
    rows = section(PAGE, "Metrics and alarms").rows()
    named = {name for row in rows for name in named_in_code(row[0]) if name.startswith("qualsvc_")}
    return {name.removesuffix("_total") for name in named}


def events() -> set[str]:
    """The events that the sources log under a name."""
    return set(re.findall(r'\b(?:logger\.(?:info|warning|error|exception)|tell)\(\s*"([a-z]+(?:_[a-z]+)*)"', sources()))


def test_the_search_finds_some() -> None:
    """What is held against the pages is not nothing."""
    assert {"qualsvc_fresh", "qualsvc_decisions", "qualsvc_spool_used_ratio"} <= metrics()
    assert {"loaded", "database_lost", "replica_broken"} <= events()


def test_every_metric_is_documented_and_no_other() -> None:
    """The table has each metric of a process, and none that Prometheus would look for in vain."""
    assert metrics() == documented()


def test_every_event_is_documented() -> None:
    """Whoever finds a named event in the log finds it on the page."""
    assert set() == events() - named_in_code(LOGS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_samples_are_shown_and_name_what_is_served(sample: Path) -> None:
    """The page links each sample; the paths that a sample treats apart are served."""
    assert f"](samples/{sample.name})" in PAGE.read_text(encoding="utf-8")
    text = sample.read_text(encoding="utf-8")
    apart = re.findall(r"location = (/[\w/.-]+)|\b(?:path|uri) (/[\w/.-]+)", text)
    assert set() == {first or second for first, second in apart} - PATHS.keys()
    assert len(apart) > 1
