"""Which request goes in which lane, against all the operations there are."""

import re
from collections import defaultdict

from qualsvc.http.traffic import REPORTS, Traffic
from qualsvc.store.engine import READING, WRITING
from tests.openapi.reading import Operation, operations

SLOW = {
    "list_decisions",
    "export_decisions",
    "count_decisions",
    "replay_decision",
    "rule_coverage",
    "run_rule_test",
    "history_of_rule_test",
    "get_incident",
    "report_incident",
    "state_of_person",
    "list_present",
}
"""What is not read by its code or a page at a time, but for histories."""


def lane_of(operation: Operation) -> str | None:
    """The lane of a request for the operation; asks have their own."""
    lane = Traffic().of(operation.method.upper(), re.sub(r"{[a-z_]+}", "中-1", operation.path))
    return None if lane is None else lane.name


def test_each_operation_has_its_lane() -> None:
    """Bulks are apart from writes, reports from reads; every operation behind a key is in one of them."""
    found: dict[str | None, set[str]] = defaultdict(set)
    for operation in operations():
        found[lane_of(operation)].add(str(operation))
    registry = {str(each): each for each in operations() if each.path.startswith("/v1/")}
    reports = SLOW | {name for name in registry if name.startswith("history_of_")}
    assert {"bulk"} == found["bulk"]
    assert reports == found["report"]
    assert {name for name, each in registry.items() if each.method == "get"} - reports == found["read"]
    assert {name for name, each in registry.items() if each.method != "get"} - reports - {"bulk"} == found["write"]


def test_what_needs_no_lane() -> None:
    """Health, metrics and documentation are told however full all lanes are; asks are let in where they are answered."""
    apart = {str(each) for each in operations() if lane_of(each) is None}
    assert {"livez", "readyz", "metrics", "can_operate", "can_operate_post", "can_operate_batch"} == apart
    assert [] == [path for path in ("/docs", "/docs/assets/a.css", "/openapi.json", "/") if Traffic().of("GET", path)]


def test_reports_are_operations() -> None:
    """The table of reports names nothing that is not there."""
    there = [f"{each.method.upper()} {each.path}" for each in operations()]
    patterns = [f"{method} {re.sub('{[a-z_]+}', '[^/]+', path)}" for method, path in REPORTS]
    assert [] == [pattern for pattern in patterns if not any(re.fullmatch(pattern, each) for each in there)]


def test_what_is_unknown_has_a_lane() -> None:
    """A path or method that is not there is read or written as far as lanes go, so that nothing under `/v1/` is unbounded."""
    found = [Traffic().of(*each) for each in (("GET", "/v1/x"), ("HEAD", "/v1/sites"), ("DELETE", "/v1/x"), ("BREW", "/v1/x"))]
    assert ["read", "read", "write", "write"] == [lane and lane.name for lane in found]


def test_lanes_fit_the_pools() -> None:
    """All that may read at once has a connection each, and so has all that may write: nobody waits for one in vain."""
    lanes = {lane.name: lane.at_once for lane in Traffic()}
    assert READING.most == sum(lanes[name] for name in ("read", "report", "known", "write", "bulk"))
    assert WRITING.most == sum(lanes[name] for name in ("write", "bulk", "report")) + 1, "one sees to those who wait"
    assert lanes["revision"] < lanes["ask"]
