"""A plant to write rules in: trucks and reach trucks that drivers may load with, cranes still to come, a press of the past."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from tests.serving import PLANT, Running, running

Record = dict[str, Any]

GRANT: Record = {
    "name": "Trucks",
    "effect": "grant",
    "position": "DRIVER",
    "equipment_class": "TRUCKS",
    "requirement": {"certificate": {"type": "N1"}},
    "enforcement": "block",
    "risk": "high",
}
PAST = "2021-01-01T00:00:00Z"


def machine(code: str, equipment_class: str, **fields: Any) -> Record:
    record = {"kind": "equipment", "code": code, "name": code, "equipment_class": equipment_class, "site": "NGB"}
    return record | {"status": "in_service"} | fields


MORE: tuple[Record, ...] = (
    {"kind": "equipment_class", "code": "REACH", "name": "Reach trucks", "parent": "TRUCKS"},
    {"kind": "equipment_class", "code": "CRANES", "name": "Cranes"},
    {"kind": "equipment_class", "code": "HOISTS", "name": "Hoists", "parent": "CRANES"},
    {"kind": "equipment_class", "code": "OLD", "name": "Old presses"},
    {"kind": "process", "code": "LIFTING", "name": "Lifting"},
    {"kind": "process", "code": "TANDEM", "name": "Tandem lift", "parent": "LIFTING"},
    {"kind": "certificate_type", "code": "N9", "name": "Nobody's", "category": "vocational"},
    {"kind": "certificate_type", "code": "LAW", "name": "By law", "category": "statutory"},
    {"kind": "position", "code": "RETIRED", "name": "Whose only holder left"},
    {"kind": "person", "code": "E9", "name": "Gone", "employment": "employee", "status": "left"},
    {
        "kind": "assignment",
        "code": "A9",
        "person": "E9",
        "position": "RETIRED",
        "basis": "regular",
        "valid_from": "2020-01-01T00:00:00Z",
    },
    {
        "kind": "certificate",
        "code": "C9",
        "person": "E3",
        "type": "N1",
        "status": "valid",
        "valid_from": "2020-01-01",
        "limits": {"load_t": 5},
    },
    machine("RT-1", "REACH", ratings={"load_t": 5}),
    machine("RT-2", "REACH", ratings={"load_t": 8}),
    machine("RT-3", "REACH"),
    machine("PRESS-1", "OLD", status="retired"),
)


def ruled(database_url: str, data_dir: Path) -> AbstractAsyncContextManager[Running]:
    """The service over that plant."""
    return running(database_url, data_dir, plant=(*PLANT, *MORE))


async def written(here: Running, code: str, **fields: Any) -> list[Record]:
    """The warnings about a rule that is put; without fields it is the plant's own grant again."""
    answer = await here.client.put(f"/v1/rules/{code}", json=GRANT | fields)
    assert answer.status_code in (200, 201), answer.text
    warnings: list[Record] = answer.json()["warnings"]
    return warnings


def of(code: str, warnings: list[Record]) -> list[Record]:
    """Those with this code, without their code and message, which is there and fit for people."""
    for warning in warnings:
        assert warning["message"]
        assert not warning["message"].endswith(".")
    return [
        {k: v for k, v in warning.items() if k not in ("code", "message")} for warning in warnings if warning["code"] == code
    ]
