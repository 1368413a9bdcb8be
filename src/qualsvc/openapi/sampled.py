"""The sample plant as examples: real records of Harbour Machinery, and what the kernel answers about its people."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from prometheus_client import CollectorRegistry

from qualsvc import zones
from qualsvc.access.keys import ApiKey
from qualsvc.ask.asked import read_object
from qualsvc.ask.counters import AskCounters
from qualsvc.ask.decision_point import DecisionPoint
from qualsvc.kernel.instants import parse_instant
from qualsvc.records.documents import Document
from qualsvc.records.kinds import INCIDENT, RECORD_KINDS, Kind
from qualsvc.replica.held import Held
from qualsvc.sample import CAST, CastMember, records
from qualsvc.sample.days import midnight
from qualsvc.sample.lines import line
from qualsvc.settings import Settings

TODAY = date(2026, 11, 21)
NOW = "2026-11-21T03:30:00.000214Z"
REVISION = 3
BOOT = "hsmdgaoslezht4na"
KEY = ApiKey("3f9c2a7be014", frozenset({"ask", "ask:at"}))

_CHOSEN = {
    "company": "DONGHAI",
    "org_unit": "NGB-LIFT",
    "position": "SHIFT-LEADER",
    "equipment_class": "BRIDGE-CRANE",
    "equipment": "BC-02",
    "process": "HEAVY-LIFT",
    "course": "LOTO",
    "certificate_type": "IA-CRANE",
    "person": "E1001",
    "assignment": "E3017-A1",
    "certificate": "E1002-Q2",
    "training_record": "E1001-WIND",
    "rule": "MACHINE-TOOL",
    "waiver": "W-REACH-1012",
    "restriction": "BAN-3013",
}
"""The record of each kind that is shown first, where it is not the first there is."""


@cache
def plant() -> Mapping[str, Sequence[Document]]:
    """The records of each kind, the chosen one first; the plant has no stays and no incidents, so one of each is added."""
    found: dict[str, list[Document]] = {kind.name: [] for kind in (*RECORD_KINDS, INCIDENT)}
    for each in (*records(TODAY), _stay(), _incident()):
        found[each["kind"]].append({name: value for name, value in each.items() if name != "kind"})
    for kind, listed in found.items():
        listed.sort(key=lambda document, kind=kind: document["code"] != _CHOSEN.get(kind))  # type: ignore[misc]
    return found


def _stay() -> Document:
    contractor = next(each["code"] for each in records(TODAY) if each.get("company") == "DONGHAI")
    return line("site_stay", f"{contractor}-S1", person=contractor, site="NGB", valid_from=midnight(TODAY, "NGB"))


def _incident() -> Document:
    return line(
        INCIDENT.name,
        "BC-02-20261121T034100Z",
        equipment="BC-02",
        process="LIFT",
        occurred_at="2026-11-21T03:41:00Z",
        window=30,
        description="吊物摆动，险肇 / the load swung, nobody was hurt",
        frozen_at="2026-11-21T05:12:40.031Z",
        revision=REVISION,
        answers=1,
        persons=["E1001"],
        complete=True,
        complete_until="2026-11-21T04:11:00Z",
        concluded_at="2026-11-21T06:00:00Z",
        conclusion="E1001 未按吊装方案作业；暂停授权，待复训",
        restrictions=["BC-02-20261121T034100Z-E1001"],
        suspended=["E1001-IAC"],
    )


def chosen(kind: Kind) -> Document:
    """The record of this kind that is shown."""
    return plant()[kind.name][0]


@cache
def held() -> Held:
    """The plant's facts, as a replica holds them."""
    lines = [(kind, each["code"], each) for kind, listed in plant().items() for each in listed]
    return Held.build(zones.load, UUID(int=0), REVISION, lines)


def question(outcome: str, **more: Any) -> Document:
    """What is asked about the member of the cast with this outcome."""
    member = _member(outcome)
    asked = {"person": member.person, "equipment": member.equipment, "process": member.process}
    asked |= {"supervisor": member.supervisor or "", "confirmed_by": member.confirmed_by or ""} | more
    return {name: value for name, value in asked.items() if value != ""}


def answers(*questions: Document) -> list[Document]:
    """What the service answers to these questions, asked now."""
    point = DecisionPoint(
        _Facts(), _Record(), _Clock(), AskCounters(CollectorRegistry()), Settings.model_fields["max_answer_age_s"].default
    )
    _, encoded = point.decide([read_object(one) for one in questions], KEY, point.now())
    return [json.loads(one) for one in encoded]


def story(outcome: str) -> str:
    """One sentence about the member of the cast with this outcome."""
    return _member(outcome).english


def _member(outcome: str) -> CastMember:
    return next(member for member in CAST if member.outcome == outcome)


class _Facts:
    def answerable(self, _: int) -> tuple[Held, int]:
        return held(), 412

    def believe(self, wall: int) -> int:
        return wall


class _Clock:
    def wall(self) -> int:
        return parse_instant(NOW)

    def monotonic(self) -> float:
        return 0.0


class _Record:
    """Where the answers of examples go on record: nowhere."""

    def next_id(self, ahead: int = 0) -> str:
        return f"{BOOT}-{1042 + ahead}"

    def append(self, payloads: Sequence[bytes]) -> None:
        pass
