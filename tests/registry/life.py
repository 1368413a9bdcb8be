"""A small plant in which people come and go: two posts, and an authorisation of every sort."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.serving import Running, running

Line = Mapping[str, Any]

_TYPES = {
    "N1": ("statutory", []),
    "MED": ("medical", []),
    "IA-TRUCK": ("internal", ["IA-OLD"]),
    "IA-OLD": ("internal", []),
    "IA-WELD": ("internal", []),
    "IA-BOTH": ("internal", []),
    "IA-GATE": ("internal", []),
    "IA-NONE": ("internal", []),
}
"""Category and what counts for it. Drivers need N1, MED, IA-TRUCK, IA-BOTH, IA-GATE; welders IA-WELD, IA-BOTH; all IA-GATE."""

SINCE = "2020-01-01T00:00:00Z"
_RULE = {"kind": "rule", "name": "-", "effect": "grant", "enforcement": "block", "risk": "high"}


def cards(*types: str) -> Mapping[str, Any]:
    """All of these."""
    return {"all": [{"certificate": {"type": name}} for name in types]}


def certificate(person: str, name: str, **fields: Any) -> Line:
    """One of the type, for ever, unless the fields say otherwise."""
    bounds = {"status": "valid", "valid_from": "2020-01-01"}
    return {"kind": "certificate", "code": f"{person}-{name}", "person": person, "type": name} | bounds | fields


PLANT: tuple[Line, ...] = (
    {"kind": "site", "code": "NGB", "name": "Ningbo", "time_zone": "Asia/Shanghai"},
    {"kind": "site", "code": "HAM", "name": "Hamburg", "time_zone": "Europe/Berlin"},
    {"kind": "company", "code": "ACME", "name": "Acme", "status": "approved"},
    {"kind": "org_unit", "code": "LOG", "name": "Logistics", "site": "NGB"},
    {"kind": "org_unit", "code": "WELD", "name": "Welding", "site": "NGB"},
    *({"kind": "position", "code": code, "name": code} for code in ("DRIVER", "WELDER", "CLERK")),
    {"kind": "equipment_class", "code": "TRUCKS", "name": "Trucks"},
    {"kind": "equipment_class", "code": "SETS", "name": "Welding sets"},
    *(
        {
            "kind": "equipment",
            "code": code,
            "name": code,
            "equipment_class": equipment_class,
            "site": "NGB",
            "status": "in_service",
        }
        for code, equipment_class in (("FORK-07", "TRUCKS"), ("SET-1", "SETS"))
    ),
    *({"kind": "process", "code": code, "name": code} for code in ("LOADING", "WELDING")),
    {"kind": "course", "code": "FIRST-AID", "name": "First aid"},
    *(
        {"kind": "certificate_type", "code": code, "name": code, "category": category, "equivalents": equivalents}
        for code, (category, equivalents) in _TYPES.items()
    ),
    _RULE
    | {
        "code": "TRUCK",
        "position": "DRIVER",
        "equipment_class": "TRUCKS",
        "process": "LOADING",
        "requirement": cards("N1", "MED", "IA-TRUCK", "IA-BOTH", "IA-GATE"),
    },
    _RULE
    | {
        "code": "WELD",
        "position": "WELDER",
        "equipment_class": "SETS",
        "process": "WELDING",
        "requirement": cards("IA-WELD", "IA-BOTH"),
        "recommended": {"training": {"course": "FIRST-AID"}},
        "waivable": True,
    },
    _RULE | {"code": "GATE", "effect": "guard", "requirement": cards("IA-GATE")},
    {
        "kind": "person",
        "code": "E1",
        "name": "Wang-secret",
        "employment": "employee",
        "site": "NGB",
        "org_unit": "LOG",
        "status": "active",
        "badges": ["B-1"],
        "phone": "138-secret",
    },
    {"kind": "assignment", "code": "E1-D", "person": "E1", "position": "DRIVER", "basis": "regular", "valid_from": SINCE},
    *(certificate("E1", name) for name in _TYPES if name != "IA-WELD"),
    *(
        {
            "kind": "person",
            "code": code,
            "name": code,
            "employment": "contractor",
            "company": "ACME",
            "status": "active",
        }
        for code in ("C1", "C2")
    ),
)
"""E1 drives FORK-07; C1 and C2 are contractors without a post."""

LOADING = {"person": "E1", "equipment": "FORK-07", "process": "LOADING"}
WELDING = {"person": "E1", "equipment": "SET-1", "process": "WELDING"}


@asynccontextmanager
async def living(database_url: str, data_dir: Path, *more: Line) -> AsyncIterator[Running]:
    """The plant with more records in it, or other ones in their place."""
    lines = {(line["kind"], line["code"]): line for line in (*PLANT, *more)}
    async with running(database_url, data_dir, plant=lines.values()) as plant:
        yield plant


async def call(plant: Running, path: str, body: Any = None, **headers: str) -> httpx.Response:
    """POST a call as the admin."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await plant.client.post(f"/v1/{path}", json=body if body is not None else {}, headers=named)


async def called(plant: Running, path: str, body: Any = None, **headers: str) -> Any:
    """What a call that succeeds answers."""
    answer = await call(plant, path, body, **headers)
    assert answer.is_success, answer.text
    return answer.json()


async def read(plant: Running, path: str, **parameters: Any) -> Any:
    """What is read there."""
    answer = await plant.client.get(f"/v1/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def decision(plant: Running, **question: Any) -> str:
    """What is decided about it."""
    return str((await plant.ask(**question)).json()["decision"])


async def reasons(plant: Running, **question: Any) -> list[str]:
    """The codes of the reasons."""
    return [reason["code"] for reason in (await plant.ask(**question)).json()["reasons"]]


async def head(plant: Running) -> int:
    """The last revision of the ledger."""
    answer = await plant.client.patch("/v1/sites/NGB", json={})
    return int(answer.headers["Revision"])
