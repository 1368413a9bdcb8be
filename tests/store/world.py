"""One small plant in which every kind of record is there once, and shorthands to write to it."""

from typing import Any

from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record
from qualsvc.store.operations import Actor, Delete, Patch, Replace

CLERK = Actor("clerk")
ADMIN = Actor("root", is_admin=True)

INSTANT = "2026-01-01T00:00:00Z"
LATER = "2027-01-01T00:00:00Z"
BLOCK = {"effect": "grant", "enforcement": "block", "risk": "high"}

RECORDS: dict[str, dict[str, Any]] = {
    "site": {"code": "SH", "name": "Shanghai", "time_zone": "Asia/Shanghai"},
    "company": {"code": "ACME", "name": "Acme", "status": "approved", "approved_until": "2027-06-30"},
    "org_unit": {"code": "LOG", "name": "Logistics", "site": "SH"},
    "position": {"code": "DRIVER", "name": "Driver"},
    "equipment_class": {"code": "TRUCKS", "name": "Trucks"},
    "equipment": {
        "code": "FORK-07",
        "name": "Truck 7",
        "equipment_class": "TRUCKS",
        "site": "SH",
        "status": "in_service",
        "ratings": {"load_t": 3.5, "lift_m": 6},
    },
    "process": {"code": "LOADING", "name": "Loading"},
    "course": {"code": "SAFETY", "name": "Safety"},
    "certificate_type": {
        "code": "N1",
        "name": "叉车",
        "category": "vocational",
        "levels": ["low", "high"],
        "equivalents": ["N1"],
        "warning_days": [90, 30],
        "validity_months": 48,
    },
    "person": {
        "code": "E1001",
        "name": "王小明-secret",
        "employment": "contractor",
        "company": "ACME",
        "site": "SH",
        "org_unit": "LOG",
        "supervisor": "E1001",
        "status": "active",
        "employed_from": "2020-02-29",
        "badges": ["B2", "B1"],
        "phone": "13800000000-secret",
        "email": "secret@example.com",
        "id_number": "11010119900307secret",
        "language": "secret-zh",
    },
    "assignment": {"code": "A1", "person": "E1001", "position": "DRIVER", "basis": "regular", "valid_from": INSTANT},
    "certificate": {
        "code": "C1",
        "person": "E1001",
        "type": "N1",
        "level": "low",
        "scopes": ["indoor"],
        "limits": {"load_t": 5},
        "status": "valid",
        "valid_from": "2025-01-01",
        "valid_until": "2026-12-31",
        "next_review_on": "2027-06-30",
        "verified_at": "2025-01-02T08:00:00.5+08:00",
        "attributes": {"a": "b", "n": 1.5, "t": True},
    },
    "training_record": {
        "code": "T1",
        "person": "E1001",
        "course": "SAFETY",
        "completed_on": "2026-01-10",
        "passed": True,
        "score": 88.5,
        "hours": 40,
        "attendance": 0.95,
    },
    "rule": {
        "code": "R1",
        "name": "Trucks",
        **BLOCK,
        "position": "DRIVER",
        "equipment_class": "TRUCKS",
        "requirement": {"all": [{"certificate": {"type": "N1", "min_level": "low"}}, {"training": {"course": "SAFETY"}}]},
        "waivable": True,
        "effective_from": INSTANT,
    },
    "waiver": {
        "code": "W1",
        "person": "E1001",
        "rule": "R1",
        "equipment": "FORK-07",
        "valid_from": INSTANT,
        "valid_until": "2026-01-31T00:00:00Z",
        "reason": "renewal",
    },
    "restriction": {"code": "X1", "person": "E1001", "process": "LOADING", "valid_from": INSTANT, "reason": "ban"},
    "site_stay": {"code": "S1", "person": "E1001", "site": "SH", "valid_from": INSTANT},
}


def put(kind: str, line: int | None = None, /, **fields: Any) -> Replace:
    """Replace the record of the small plant with these fields changed, or one of another code."""
    return Replace(KINDS[kind], read_record(KINDS[kind].model, RECORDS[kind] | fields), line)


def patch(kind: str, code: str, /, **fields: Any) -> Patch:
    return Patch(KINDS[kind], code, fields)


def delete(kind: str, code: str, line: int | None = None) -> Delete:
    return Delete(KINDS[kind], code, line)


def plant() -> list[Replace]:
    """The whole small plant, every reference before what it refers to."""
    return [put(kind, line) for line, kind in enumerate(reversed(RECORDS), 1)]
