"""The smallest plant a case needs, and records with defaults to put into it."""

from typing import Any

from .documents import Document, Plant

LICENCE = {"certificate": {"type": "T"}}


def a_person(code: str, **fields: Any) -> Document:
    empty = {"company": None, "site": None, "org_unit": None, "supervisor": None, "employed_from": None, "employed_until": None}
    return {"code": code, "employment": "employee", "status": "active", "badges": [], **empty, **fields}


def a_assignment(person: str, position: str = "PO", basis: str = "regular", **fields: Any) -> Document:
    bounds = {"valid_from": "2026-01-01T00:00:00Z", "valid_until": None}
    return {"person": person, "position": position, "basis": basis, **bounds, **fields}


def a_certificate(person: str = "W", **fields: Any) -> Document:
    dates = {"valid_from": "2026-01-01", "valid_until": None, "next_review_on": None}
    rest: Document = {"level": None, "scopes": [], "limits": {}, "status": "valid", "verified": False}
    return {"person": person, "type": "T", **dates, **rest, **fields}


def a_training_record(completed_on: str, passed: bool = True, **fields: Any) -> Document:
    minima = {"score": None, "hours": None, "attendance": None}
    return {"person": "W", "course": "K", "completed_on": completed_on, "passed": passed, **minima, **fields}


def a_rule(code: str = "R", effect: str = "grant", requirement: Document = LICENCE, **fields: Any) -> Document:
    scope = {"position": None, "equipment": None, "equipment_class": None, "process": None, "site": None}
    effective = {"effective_from": None, "effective_until": None}
    rest = {"supervised_requirement": None, "enforcement": "block", "waivable": False}
    return {"code": code, "effect": effect, "requirement": requirement, **scope, **effective, **rest, **fields}


def a_waiver(**fields: Any) -> Document:
    bounds = {"valid_from": "2026-11-01T00:00:00Z", "valid_until": "2026-12-01T00:00:00Z"}
    rest = {"equipment": None, "process": None, "supervised": False, "status": "approved"}
    return {"person": "W", "rule": "R", **bounds, **rest, **fields}


def a_restriction(**fields: Any) -> Document:
    scope = {"site": None, "equipment_class": None, "equipment": None, "process": None}
    return {"person": "W", "valid_from": "2026-01-01T00:00:00Z", "valid_until": None, **scope, **fields}


def a_certificate_type(**fields: Any) -> Document:
    return {"levels": [], "usable_while_renewing": False, "equivalents": [], **fields}


def a_plant(*rules: Document, facts: dict[str, list[Document]] | None = None, **records: dict[str, Document]) -> Plant:
    """Person W and person B, equipment E of class lift under machine in Shanghai, process P under ROOT, course K, type T."""
    documents: dict[str, dict[str, Document]] = {
        "site": {"S": {"code": "S", "time_zone": "Asia/Shanghai"}},
        "position": {"PO": {"may_confirm": False}, "LEAD": {"may_confirm": True}},
        "equipment_class": {"machine": {"parent": None}, "lift": {"parent": "machine"}},
        "equipment": {
            "E": {
                "equipment_class": "lift",
                "site": "S",
                "status": "in_service",
                "inspection_valid_until": None,
                "ratings": {"tonnes": 8},
            }
        },
        "process": {"ROOT": {"parent": None, "maintenance": False}, "P": {"parent": "ROOT", "maintenance": False}},
        "certificate_type": {"T": a_certificate_type()},
        "person": {"W": a_person("W"), "B": a_person("B")},
        "rule": {rule["code"]: rule for rule in rules},
    }
    for kind, changed in records.items():
        documents[kind] = {**documents.get(kind, {}), **changed}
    for kind, listed in (facts or {}).items():
        documents[kind] = {str(number): {"code": str(number), **fact} for number, fact in enumerate(listed)}
    return Plant(documents)
