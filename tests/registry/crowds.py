"""Many records of every kind, unlike one another, as bulk lines."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from qualsvc.records.kinds import RECORD_KINDS, Kind
from tests.store.world import RECORDS


def crowd(number: int, *, prefix: str = "X") -> Iterator[dict[str, Any]]:
    """`number` records of each kind; their references and enumerations take turns, and some references are left open.

    Requires that the small plant is there. References are to it and to records of the crowd made before.
    """
    for kind in RECORD_KINDS:
        for i in range(number):
            yield {"kind": kind.name} | _one(kind, i, prefix)


def _one(kind: Kind, i: int, prefix: str) -> dict[str, Any]:
    record = RECORDS[kind.name] | {"code": f"{prefix}{i:04}"}
    for turn, (name, values) in enumerate(enumerations(kind).items()):
        record[name] = values[(i >> turn) % len(values)]
    for turn, (name, referred) in enumerate(kind.references.items()):
        if name != "equivalents":
            record[name] = _reference(kind, name, referred, i, turn, prefix)
    return record | _settled(kind, record, i, prefix)


def enumerations(kind: Kind) -> dict[str, tuple[str, ...]]:
    """The fields that take one of a few values, with these."""
    fields = kind.model.__pydantic_fields__
    return {name: get_args(f.annotation) for name, f in fields.items() if get_origin(f.annotation) is Literal}


def _reference(kind: Kind, name: str, referred: str, i: int, turn: int, prefix: str) -> str | None:
    own = i - 1 if kind.tree == name else i
    choice = (i // (turn + 1)) % 3
    if choice == 0 and not kind.model.__pydantic_fields__[name].is_required():
        return None
    if choice == 1 and own >= 0:
        return f"{prefix}{own:04}"
    return str(RECORDS[referred]["code"])


def _settled(kind: Kind, record: dict[str, Any], i: int, prefix: str) -> dict[str, Any]:
    """What must go together, and what may be there once only."""
    match kind.name:
        case "person":
            return {"badges": [f"{prefix}-badge-{i}"]}
        case "certificate_type":
            equivalents = [["N1"], [], [f"{prefix}{i:04}", "N1"]][i % 3]
            return {"equivalents": equivalents, "category": ("vocational", "internal", "medical")[i % 3]}
        case "rule":
            by_class = i % 2 == 0
            grant = record["effect"] == "grant"
            return {
                "equipment": None if by_class else record["equipment"],
                "equipment_class": record["equipment_class"] if by_class else None,
                "enforcement": "block" if grant else record["enforcement"],
                "waivable": True,
            }
        case "waiver":
            asked = {"requested_by": "somebody"}
            return asked | ({"approved_by": "another"} if record["status"] == "approved" else {})
        case _:
            return {}
