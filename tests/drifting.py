"""A plant in which something changes all the time, by chance but lawfully: for tests of what was known when."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from tests.serving import ENDS, PLANT, QUESTION, TRAINEE, Running, changed

Line = dict[str, Any]

_DAYS = ("2026-11-22T00:00:00Z", "2026-11-30T00:00:00Z")
BADGES = ("B-1", "B-2", "B-3")
MORE: tuple[Line, ...] = (
    {"kind": "site", "code": "HAM", "name": "Hamburg", "time_zone": "Europe/Berlin"},
    {"kind": "equipment_class", "code": "REACH", "name": "Reach trucks", "parent": "TRUCKS"},
    {"kind": "company", "code": "ACME", "name": "Acme", "status": "approved"},
    {"kind": "course", "code": "SAFETY", "name": "Safety"},
    {
        "kind": "rule",
        "code": "R2",
        "name": "Safety",
        "effect": "guard",
        "equipment_class": "TRUCKS",
        "requirement": {"training": {"course": "SAFETY", "within_days": 365}},
        "enforcement": "monitor",
        "waivable": True,
        "risk": "low",
    },
)
DRIFTING = (*PLANT, *MORE)
QUESTIONS: tuple[Line, ...] = (
    QUESTION,
    TRAINEE,
    TRAINEE | {"supervisor": "E1", "lang": "zh-CN", "purpose": "unlock"},
    {"badge": "B-1", "equipment": "FORK-07", "process": "LOADING"},
    {"badge": "B-2", "equipment": "FORK-07", "process": "LOADING", "confirmed_by": "E1"},
    {"person": "E4", "equipment": "FORK-07", "process": "LOADING"},
    QUESTION | {"at": "2098-12-29T00:00:00Z", "until": "2099-01-02T00:00:00Z"},
    QUESTION | {"until": ENDS},
)
"""Asked again and again: of persons, of badges that move, of who comes and goes, about now, another instant and a window."""


def drift(seed: int) -> Iterator[Sequence[Line]]:
    """Writes without end, each good after all those before it; some change nothing."""
    chance = Random(seed)
    while True:
        yield chance.choice(_TURNS)(chance)


def _put(chance: Random, code: str, **choices: Sequence[Any]) -> Line:
    (known,) = [line for line in DRIFTING if line["code"] == code]
    return known | {name: chance.choice(values) for name, values in choices.items()}


def _certificate(chance: Random) -> Sequence[Line]:
    if chance.random() < 0.2:
        return [{"kind": "certificate", "code": "C1", "op": "delete"}, _put(chance, "C2")]
    until = ("2098-12-30", "2026-01-31", None)
    return [
        _put(chance, "C1", status=("valid", "revoked", "renewing"), person=("E1", "E2"), valid_until=until),
        _put(chance, "C2", status=("valid", "suspended"), level=("1", None)),
    ]


def _badges(chance: Random) -> Sequence[Line]:
    """Badges go round among three persons, some lying in a drawer."""
    where: dict[str, list[str]] = {"E1": [], "E2": [], "E3": []}
    for badge in BADGES:
        person = chance.choice(("E1", "E2", "E3", None))
        if person is not None:
            where[person].append(badge)
    return [
        changed(code, badges=badges, status=chance.choice(("active", "active", "suspended"))) for code, badges in where.items()
    ]


def _assignment(chance: Random) -> Sequence[Line]:
    if chance.random() < 0.3:
        return [{"kind": "assignment", "code": "A1"} | {"op": "delete"}, _put(chance, "A2")]
    return [
        _put(chance, "A1", basis=("regular", "trial"), person=("E1", "E3"), position=("DRIVER", "LEADER")),
        _put(chance, "A2", basis=("regular", "trial")),
    ]


def _visitor(chance: Random) -> Sequence[Line]:
    """A contractor is there, or is not."""
    visitor: Line = {"kind": "person", "code": "E4", "name": "Qian", "employment": "contractor", "company": "ACME"}
    here = visitor | {"status": "active", "site": chance.choice(("NGB", "HAM", None))}
    stay: Line = {"kind": "site_stay", "code": "S4", "person": "E4", "site": "NGB", "valid_from": "2026-01-01T00:00:00Z"}
    company = _put(chance, "ACME", status=("approved", "suspended"))
    if chance.random() < 0.3:
        return [{"kind": kind, "code": code, "op": "delete"} for kind, code in (("person", "E4"), ("site_stay", "S4"))]
    return [here, stay, company]


def _rule(chance: Random) -> Sequence[Line]:
    licence = {"certificate": {"type": "N1"}}
    asked = (licence, {"certificate": {"type": "N1", "min_level": "1"}}, {"all": [licence]})
    levels = changed("N1", levels=["1", "2"], warning_days=chance.choice(([], [30], [90, 40_000])))
    return [
        levels,
        _put(chance, "R1", requirement=asked, effective_from=(None, "2097-01-01T00:00:00Z")),
        _put(chance, "R2", enforcement=("block", "monitor"), equipment_class=("TRUCKS", "REACH")),
    ]


def _place(chance: Random) -> Sequence[Line]:
    zones = ("Asia/Shanghai", "America/Los_Angeles")
    return [
        _put(chance, "NGB", time_zone=zones),
        _put(chance, "FORK-07", status=("in_service", "locked_out"), site=("NGB", "HAM"), equipment_class=("TRUCKS", "REACH")),
        _put(chance, "REACH", parent=("TRUCKS", None)),
    ]


def _training(chance: Random) -> Sequence[Line]:
    record: Line = {"kind": "training_record", "code": "T1", "person": chance.choice(("E1", "E2")), "course": "SAFETY"}
    return [record | {"completed_on": "2026-06-01", "passed": chance.random() < 0.7, "score": chance.choice((1, 0.5, None))}]


def _ban(chance: Random) -> Sequence[Line]:
    ban: Line = {"kind": "restriction", "code": "X1", "person": chance.choice(("E1", "E2")), "reason": "…", "valid_from": ENDS}
    waiver: Line = {"kind": "waiver", "code": "W1", "person": "E1", "rule": "R2", "status": "requested", "reason": "…"}
    waiver |= {"valid_from": "2026-11-21T00:00:00Z", "valid_until": chance.choice(_DAYS)}
    return [ban | {"valid_from": chance.choice(("2026-01-01T00:00:00Z", ENDS))}, waiver]


_TURNS = (_certificate, _certificate, _badges, _badges, _assignment, _visitor, _visitor, _rule, _place, _training, _ban)


async def turn(plant: Running, lines: Sequence[Line]) -> None:
    """One of these writes; of what is to be deleted, only what is there."""
    there = []
    for line in lines:
        if line.get("op") == "delete":
            path = {"certificate": "certificates", "assignment": "assignments", "person": "persons", "site_stay": "site-stays"}
            found = await plant.client.get(f"/v1/{path[line['kind']]}/{line['code']}")
            if found.status_code == 404:
                continue
        there.append(line)
    await plant.load(there)
