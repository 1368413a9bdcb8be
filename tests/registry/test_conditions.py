"""The `condition` of certificates: what they are good for today, where their person works."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualsvc.store.conditions import Condition
from tests.registry.callers import ndjson, problem
from tests.serving import HandClock, Running, running

pytestmark = pytest.mark.anyio

ZONES = {"SH": "Asia/Shanghai", "LA": "America/Los_Angeles"}
PERSONS = {"E-SH": "SH", "E-LA": "LA", "E-NONE": None}
TYPES: dict[str, list[int]] = {"WARNED": [30, 90, 7], "LAST-DAY": [0], "SILENT": []}
PLANT: tuple[dict[str, Any], ...] = (
    *({"kind": "site", "code": code, "name": code, "time_zone": zone} for code, zone in ZONES.items()),
    *(
        {"kind": "person", "code": code, "name": code, "employment": "employee", "status": "active", "site": site}
        for code, site in PERSONS.items()
    ),
    *(
        {"kind": "certificate_type", "code": code, "name": code, "category": "internal", "warning_days": days}
        for code, days in TYPES.items()
    ),
)
TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
"""Noon in Shanghai, and still the evening before in Los Angeles."""


@dataclass
class Plant:
    """The service with a clock set by hand, and certificates to look at."""

    running: Running
    clock: HandClock

    @property
    def client(self) -> httpx.AsyncClient:
        return self.running.client

    def set_clock(self, instant: datetime) -> None:
        """Let it be this instant, and time go on from it."""
        self.clock.stepped = 0
        self.clock.stepped = int(instant.timestamp() * 1e6) - self.clock.wall()

    async def put(self, **fields: Any) -> None:
        """A certificate `C`, valid, of E-SH and the type WARNED unless told otherwise."""
        answer = await self.client.put("/v1/certificates/C", json=certificate(**fields))
        assert answer.is_success, answer.text

    async def condition(self, code: str = "C") -> str:
        """As reading the certificate tells it."""
        told: str = (await self.client.get(f"/v1/certificates/{code}")).json()["condition"]
        return told

    async def codes(self, **narrowed: Any) -> list[str]:
        """The certificates of a narrowed list."""
        answer = await self.client.get("/v1/certificates", params=narrowed | {"limit": 1000})
        assert answer.status_code == 200, answer.text
        return [record["code"] for record in answer.json()["items"]]


def certificate(**fields: Any) -> dict[str, Any]:
    known = {"person": "E-SH", "type": "WARNED", "status": "valid", "valid_from": "2020-01-01"}
    return known | {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}


@pytest.fixture(scope="module")
async def plant(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    clock = HandClock()
    directory: Path = tmp_path_factory.mktemp("conditions")
    async with running(shared_database_url, directory, clock=clock, plant=PLANT) as service:
        yield Plant(service, clock)


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "valid"),
    ({"valid_until": None, "next_review_on": None}, "valid"),
    ({"valid_until": days(91)}, "valid"),
    ({"valid_until": days(90)}, "expiring"),  # the longest of 30, 90 and 7 counts
    ({"valid_until": days(0)}, "expiring"),
    ({"valid_until": days(-1)}, "expired"),
    ({"valid_until": days(-1), "next_review_on": days(400)}, "expired"),
    ({"next_review_on": days(91)}, "valid"),
    ({"next_review_on": days(90)}, "expiring"),
    ({"next_review_on": days(0)}, "expiring"),
    ({"next_review_on": days(-1)}, "review_overdue"),
    ({"next_review_on": days(-1), "valid_until": days(400)}, "review_overdue"),
    ({"next_review_on": days(-9), "valid_until": days(-1)}, "expired"),
    ({"next_review_on": days(90), "valid_until": days(400)}, "expiring"),
    ({"next_review_on": days(400), "valid_until": days(90)}, "expiring"),
    ({"next_review_on": days(400), "valid_until": days(401)}, "valid"),
    ({"type": "SILENT", "valid_until": days(0)}, "valid"),  # nobody asked to be warned
    ({"type": "SILENT", "valid_until": days(-1)}, "expired"),
    ({"type": "LAST-DAY", "valid_until": days(1)}, "valid"),
    ({"type": "LAST-DAY", "valid_until": days(0)}, "expiring"),
    ({"valid_until": "9999-12-31"}, "valid"),
    ({"valid_until": "9999-12-31", "next_review_on": "9999-12-31"}, "valid"),
    ({"valid_from": "0001-01-01", "valid_until": "0001-01-01"}, "expired"),
    ({"valid_from": days(1)}, "valid"),  # from tomorrow on; that it does not count yet is the decision's to say
    ({"valid_from": days(1), "valid_until": days(30)}, "expiring"),
    *(({"status": status, "valid_until": days(-1)}, status) for status in ("renewing", "suspended", "revoked", "pending")),
    *(({"status": status}, status) for status in ("renewing", "suspended", "revoked", "pending")),
]


@pytest.mark.parametrize(("fields", "expected"), CASES)
async def test_conditions(plant: Plant, fields: dict[str, Any], expected: str) -> None:
    """Each boundary, to the day: written, read and listed the same, and found by that condition and by no other."""
    plant.set_clock(NOON)
    written = await plant.client.put("/v1/certificates/C", json=certificate(**fields))
    (listed,) = (await plant.client.get("/v1/certificates?code=C")).json()["items"]
    patched = await plant.client.patch("/v1/certificates/C", json={})
    found = [condition for condition in get_args(Condition) if await plant.codes(code="C", condition=condition)]
    told = [written.json()["condition"], await plant.condition(), listed["condition"], patched.json()["condition"]]
    assert ([expected] * 4, [expected]) == (told, found)


def midnight(zone: str, day: date) -> datetime:
    """When the day begins there."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("person", "site"), [("E-SH", "SH"), ("E-LA", "LA"), ("E-NONE", "SH")])
async def test_a_day_ends_where_the_person_works(plant: Plant, person: str, site: str) -> None:
    """A certificate holds until midnight there; for persons of no site until the first midnight of all the plant's sites."""
    await plant.put(person=person, valid_until=TODAY)
    found = []
    for instant in (-MINUTE, timedelta(0)):
        plant.set_clock(midnight(ZONES[site], days(1)) + instant)
        found.append(await plant.condition())
    assert ["expiring", "expired"] == found


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 11, 1), 25), (date(2026, 3, 8), 23)],
)
async def test_days_on_which_clocks_change(plant: Plant, day: date, hours: int) -> None:
    """The day on which clocks change in Los Angeles is as long there as it is."""
    await plant.put(person="E-LA", type="SILENT", valid_until=day)
    begins = midnight(ZONES["LA"], day)
    found = []
    for instant in (begins, begins + timedelta(hours=hours) - MINUTE, begins + timedelta(hours=hours)):
        plant.set_clock(instant)
        found.append(await plant.condition())
    assert ["valid", "valid", "expired"] == found


async def test_a_plant_without_sites_counts_in_utc(database_url: str, tmp_path: Path) -> None:
    """Where nobody has said where it is, the date is that of UTC."""
    clock = HandClock()
    bare = [record | ({"site": None} if record["kind"] == "person" else {}) for record in PLANT if record["kind"] != "site"]
    async with running(database_url, tmp_path, clock=clock, plant=bare) as service:
        plant = Plant(service, clock)
        await plant.put(valid_until=TODAY)
        found = []
        for instant in (-MINUTE, timedelta(0)):
            plant.set_clock(midnight("UTC", days(1)) + instant)
            found.append(await plant.condition())
    assert ["expiring", "expired"] == found


async def test_what_was_read_can_be_written_back(plant: Plant) -> None:
    """The condition is passed over in what is sent: PUT of what was read changes nothing, nor does claiming another one."""
    plant.set_clock(NOON)
    await plant.put(valid_until=days(-1))
    read = await plant.client.get("/v1/certificates/C")
    document, matching = read.json(), {"If-Match": read.headers["ETag"]}
    answers = [
        await plant.client.put("/v1/certificates/C", json=document, headers=matching),
        await plant.client.put("/v1/certificates/C", json=document | {"condition": "valid"}, headers=matching),
        await plant.client.put("/v1/certificates/C", json=document | {"condition": 5}, headers=matching),
        await plant.client.patch("/v1/certificates/C", json={"condition": "valid"}, headers=matching),
    ]
    line = ndjson([{"kind": "certificate"} | document])
    bulk = await plant.client.post("/v1/bulk", content=line, headers={"Content-Type": "application/x-ndjson"})
    assert "expired" == document["condition"]
    assert [(200, document)] * 4 == [(answer.status_code, answer.json()) for answer in answers]
    assert (1, {bulk.headers["Revision"]}) == (bulk.json()["unchanged"], {answer.headers["Revision"] for answer in answers})


async def test_the_clock_moves_conditions_not_versions(plant: Plant) -> None:
    """A certificate that expires overnight keeps its entity tag: nobody has changed it."""
    await plant.put(valid_until=TODAY)
    seen = []
    for instant in (NOON, NOON + timedelta(days=1)):
        plant.set_clock(instant)
        read = await plant.client.get("/v1/certificates/C")
        seen.append((read.json()["condition"], read.headers["ETag"]))
    assert ["expiring", "expired"] == [condition for condition, _ in seen]
    assert seen[0][1] == seen[1][1]


BAD_PARAMETERS = [
    ({"condition": "good"}, "`good` must be one of valid, expiring, expired, review_overdue"),
    ({"condition": ""}, "must be one of"),
    ({"expiring_within_days": "-1"}, "`-1` must be a whole number from 0 to 36600"),
    ({"expiring_within_days": "1.5"}, "must be a whole number"),
    ({"expiring_within_days": "36601"}, "must be a whole number from 0 to 36600"),
    ({"expiring_within_days": "9" * 400}, "must be a whole number"),
]


@pytest.mark.parametrize(("parameters", "message"), BAD_PARAMETERS)
async def test_filters_that_cannot_be_read(plant: Plant, parameters: dict[str, str], message: str) -> None:
    """What is no condition, or no number of days, is 400 and says what would be one; other kinds know neither."""
    answer = await plant.client.get("/v1/certificates", params=parameters)
    (name,) = parameters
    assert (400, "malformed_parameter", [f"?{name}"]) == problem(answer)
    assert message in answer.json()["errors"][0]["message"]
    assert (400, "unknown_parameter", [f"?{name}"]) == problem(await plant.client.get("/v1/assignments", params=parameters))


def near(spread: int) -> st.SearchStrategy[str | None]:
    far = st.sampled_from([None, "9999-12-31", "0001-01-01"])
    return st.one_of(st.integers(-spread, spread).map(lambda n: days(n).isoformat()), far)


drawn_certificates = st.lists(
    st.fixed_dictionaries(
        {
            "person": st.sampled_from(sorted(PERSONS)),
            "type": st.sampled_from(sorted(TYPES)),
            "status": st.sampled_from(["valid", "valid", "valid", "renewing", "suspended", "revoked", "pending"]),
            "valid_from": st.just("0001-01-01"),
            "valid_until": near(100),
            "next_review_on": near(100),
        }
    ),
    min_size=20,
    max_size=20,
)


def expected_of(record: dict[str, Any], instant: datetime) -> tuple[str, int | None]:
    """The condition, and in how many days the certificate ends or is due for review; written down a second time."""
    site = PERSONS[record["person"]]
    zones = [ZONES[site]] if site else [ZONES["SH"], ZONES["LA"]]
    today = max(instant.astimezone(ZoneInfo(zone)).date() for zone in zones)
    ends, due = (date.fromisoformat(record[name] or "9999-12-31") for name in ("valid_until", "next_review_on"))
    left = (min(ends, due) - today).days
    if record["status"] != "valid":
        return record["status"], None
    if ends < today:
        return "expired", None
    if due < today:
        return "review_overdue", None
    warned = max(TYPES[record["type"]], default=-1)
    return ("expiring" if left <= warned else "valid"), left


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn_certificates, st.integers(0, 48 * 60), st.lists(st.integers(0, 120), min_size=3, max_size=3))
async def test_filters_agree_with_what_is_read(
    plant: Plant, drawn: list[dict[str, Any]], minutes: int, within: Iterable[int]
) -> None:
    """`condition` and `expiring_within_days` list exactly the certificates whose reading says so, alone and together."""
    instant = NOON + timedelta(minutes=minutes, seconds=5)
    plant.set_clock(NOON)
    records = {f"D{number:02}": record for number, record in enumerate(drawn)}
    lines = ndjson({"kind": "certificate", "code": code} | record for code, record in records.items())
    answer = await plant.client.post("/v1/bulk", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 200, answer.text
    plant.set_clock(instant)
    expected = {code: expected_of(record, instant) for code, record in records.items()}
    assert {code: condition for code, (condition, _) in expected.items()} == {
        code: await plant.condition(code) for code in records
    }
    for condition in get_args(Condition):
        said = [code for code, (each, _) in expected.items() if each == condition]
        assert said == [code for code in await plant.codes(condition=condition) if code in records]
    for number in (0, 36_600, *within):
        soon = [code for code, (_, left) in expected.items() if left is not None and left <= number]
        assert soon == [code for code in await plant.codes(expiring_within_days=number) if code in records]
        both = [code for code in soon if expected[code][0] == "expiring"]
        listed = await plant.codes(expiring_within_days=number, condition="expiring")
        assert both == [code for code in listed if code in records]
