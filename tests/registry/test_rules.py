"""Warnings: what the author of a rule is told when writing it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.registry.ruling import GRANT, PAST, Record, of, ruled, written
from tests.serving import Running

pytestmark = pytest.mark.anyio


@pytest.fixture
async def here(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with ruled(database_url, tmp_path) as service:
        yield service


async def test_a_sound_rule_is_written_without_a_word(here: Running) -> None:
    """The plant's one grant, put again, has nothing to be warned of."""
    assert await written(here, "R1") == []


async def test_overlapping_grants_are_told_by_what_they_mean(here: Running) -> None:
    """One more grant for the position must be met too; for another position either is enough; elsewhere there is none."""
    both: Record = {"relation": "both_must_be_met", "rules": ["R1"], "count": 1}
    either = both | {"relation": "either_suffices"}
    assert of("overlapping_grants", await written(here, "R2", equipment_class="REACH")) == [both]
    assert of("overlapping_grants", await written(here, "R3", position="LEADER", process="LOADING")) == [
        {"relation": "either_suffices", "rules": ["R1", "R2"], "count": 2}
    ]
    assert of("overlapping_grants", await written(here, "R2", equipment_class="CRANES")) == []
    assert of("overlapping_grants", await written(here, "R4", process="LIFTING", position=None)) == [either]
    assert of("overlapping_grants", await written(here, "R4", effective_until=PAST)) == []
    assert of("overlapping_grants", await written(here, "R5", equipment_class=None, equipment="RT-1", process="TANDEM")) == [
        both
    ]


async def test_many_overlapping_grants_are_counted(here: Running) -> None:
    """Twenty are named, all are counted."""
    await here.load({"kind": "rule", "code": f"S{number:02}"} | GRANT for number in range(30))
    (told,) = of("overlapping_grants", await written(here, "R1"))
    assert told == {"relation": "both_must_be_met", "rules": [f"S{number:02}" for number in range(20)], "count": 30}


async def test_a_guard_that_narrows_nobody_is_told(here: Running) -> None:
    """It is one for a position, a place or a time that no grant opens; a guard on what R1 opens is none."""
    guard = {"effect": "guard"}
    assert of("guard_narrows_nobody", await written(here, "G", **guard)) == []
    assert of("guard_narrows_nobody", await written(here, "G", **guard, position=None, process="TANDEM")) == []
    assert of("guard_narrows_nobody", await written(here, "G", **guard, position="LEADER")) == [{}]
    assert of("guard_narrows_nobody", await written(here, "G", **guard, position=None, equipment_class="HOISTS")) == [{}]
    await written(here, "R1", effective_until="2099-01-01T00:00:00Z")
    assert of("guard_narrows_nobody", await written(here, "G", **guard, effective_from="2099-01-01T00:00:00Z")) == [{}]


async def test_a_rule_that_applies_nowhere_is_told(here: Running) -> None:
    """A class without machines, or with retired ones only, or a time that is over."""
    for fields in ({"equipment_class": "CRANES"}, {"equipment_class": "OLD"}, {"effective_until": PAST}):
        assert of("applies_nowhere", await written(here, "R2", **fields)) == [{}]
    assert (
        of("applies_nowhere", await written(here, "R2", equipment_class="REACH", effective_until="2099-01-01T00:00:00Z")) == []
    )


async def test_a_position_nobody_holds_is_told(here: Running) -> None:
    """Nobody was ever assigned, or only somebody who left; E1 drives. When the rule begins is what counts."""
    leader = [{"position": "LEADER"}]
    assert of("position_nobody_holds", await written(here, "R2", position="LEADER")) == leader
    assert of("position_nobody_holds", await written(here, "R2", effect="guard", position="LEADER")) == leader
    assert of("position_nobody_holds", await written(here, "R2", position="RETIRED")) == [{"position": "RETIRED"}]
    for fields in ({"position": "DRIVER"}, {"position": None}):
        assert of("position_nobody_holds", await written(here, "R2", **fields)) == []
    promoted = {"person": "E1", "position": "LEADER", "basis": "regular", "valid_from": "2090-01-01T00:00:00Z"}
    await here.client.put("/v1/assignments/A3", json=promoted)
    assert of("position_nobody_holds", await written(here, "R2", position="LEADER")) == leader
    later = await written(here, "R2", position="LEADER", effective_from="2090-01-01T00:00:00Z")
    assert of("position_nobody_holds", later) == []


async def test_a_requirement_nobody_meets_is_told(here: Running) -> None:
    """Of a type nobody holds, or once all are expired; of what E1 or E2 hold it is not told."""
    nobody = {"certificate": {"type": "N9"}}
    assert of("requirement_nobody_meets", await written(here, "R2", requirement=nobody)) == [{}]
    either = {"any": [nobody, GRANT["requirement"]]}
    assert of("requirement_nobody_meets", await written(here, "R2", requirement=either)) == []
    await here.client.patch("/v1/certificates/C2", json={"valid_until": "2098-12-30"})
    await here.client.patch("/v1/certificates/C9", json={"valid_until": "2098-12-30"})
    assert of("requirement_nobody_meets", await written(here, "R2", effective_from="2098-12-29T00:00:00Z")) == []
    assert of("requirement_nobody_meets", await written(here, "R2", effective_from="2099-01-01T00:00:00Z")) == [{}]
    # Neither before the day of employment, nor of a contractor whose company is not approved, nor of whoever is banned.
    person = {"kind": "person", "code": "E8", "name": "-", "employment": "employee", "status": "active"}
    holds = {"kind": "certificate", "code": "C8", "person": "E8", "type": "N9", "status": "valid", "valid_from": "2020-01-01"}
    states: tuple[Record, ...] = (
        {"employed_from": "2099-01-01"},
        {"employment": "contractor"},
        {"employed_until": "2020-12-31"},
        {},
    )
    told = []
    for state in states:
        await here.load([person | state, holds])
        told.append(of("requirement_nobody_meets", await written(here, "R2", requirement=nobody)))
    assert [[{}], [{}], [{}], []] == told
    await here.load(
        [{"kind": "restriction", "code": "X8", "person": "E8", "valid_from": "2020-01-01T00:00:00Z", "reason": "-"}]
    )
    assert [{}] == of("requirement_nobody_meets", await written(here, "R2", requirement=nobody))


async def test_machines_nobody_is_licensed_for_are_named(here: Running) -> None:
    """E3 may lift 5 t: that is enough for RT-1, not for RT-2, and never where the machine has no rating."""
    covering = {"certificate": {"type": "N1", "covers": ["load_t"]}}
    reach = {"equipment_class": "REACH", "requirement": covering}
    assert of("requirement_nobody_meets", await written(here, "R2", **reach)) == [{"equipment": ["RT-2", "RT-3"], "count": 2}]
    told: dict[str, list[Record]] = {"RT-1": [], "RT-2": [{}]}
    for code, expected in told.items():
        rule: Record = {"equipment_class": None, "equipment": code, "requirement": covering}
        assert of("requirement_nobody_meets", await written(here, "R2", **rule)) == expected
    await here.client.patch("/v1/persons/E3", json={"status": "left"})
    assert of("requirement_nobody_meets", await written(here, "R2", **reach)) == [{}]


async def test_statutory_types_are_told(here: Running) -> None:
    """So that nobody wonders why the rule cannot be softened."""
    law = {"all": [{"certificate": {"type": "LAW"}}, GRANT["requirement"]]}
    assert of("statutory_types", await written(here, "R2", requirement=law)) == [{"types": ["LAW"], "count": 1}]
    assert of("statutory_types", await written(here, "R2")) == []
