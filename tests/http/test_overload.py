"""A service with more to do than it can: what is bounded is refused, what is apart goes on, and afterwards all is as before."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from time import thread_time

import httpx
import pytest

from qualsvc.http.lanes import Lane
from qualsvc.store.engine import connect
from tests.operate.test_routes import samples
from tests.registry.test_routes import problem
from tests.serving import PATIENCE_S, QUESTION, Running, eventually, running

pytestmark = pytest.mark.anyio

FAR = 10**9
REPORTS = 40
REPORT = "/v1/decisions"


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as plant:
        for lane in plant.service.traffic:
            lane.patience_s = PATIENCE_S  # who waits here is refused by no clock, however slow the machine
        yield plant


@asynccontextmanager
async def locked(plant: Running, table: str) -> AsyncIterator[None]:
    """Whoever reads or writes the table waits."""
    connection = await connect(plant.database_url)
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


def flood(plant: Running, number: int, path: str = REPORT) -> list[asyncio.Task[httpx.Response]]:
    """So many requests at once."""
    return [asyncio.create_task(plant.client.get(path)) for _ in range(number)]


async def full(lane: Lane) -> None:
    """Wait until as many run and wait as may."""
    await eventually(lambda: (lane.at_once, lane.may_wait) == (lane.running, lane.waiting))


async def statuses(answers: list[asyncio.Task[httpx.Response]]) -> Counter[int]:
    """How many had which status."""
    return Counter(answer.status_code for answer in await asyncio.gather(*answers))


def assert_idle(plant: Running) -> None:
    assert [] == [lane.name for lane in plant.service.traffic if lane.running or lane.waiting]


async def goes_on(plant: Running) -> None:
    """Ask, read and write: everything but what is slow."""
    assert "allow" == (await plant.ask(**QUESTION)).json()["decision"]
    assert 200 == (await plant.client.get("/v1/persons/E1")).status_code
    assert 200 == (await plant.client.get("/v1/persons")).status_code
    written = await plant.client.patch("/v1/sites/NGB", json={"name": "Ningbo II"})
    assert 200 == written.status_code
    assert 200 == (await plant.ask(**QUESTION, min_revision=written.headers["Revision"])).status_code
    assert 200 == (await plant.post({"questions": [QUESTION] * 10}, "/can-operate/batch")).status_code
    assert 200 == (await plant.client.get("/readyz")).status_code


async def test_slow_reports_starve_nobody(plant: Running) -> None:
    """While a hundred reports are asked for that do not end, asks, reads and writes go on; most reports are refused at once."""
    lane = plant.service.traffic.report
    async with locked(plant, "decision"):
        reports = flood(plant, 100)
        await full(lane)
        beyond = 100 - lane.at_once - lane.may_wait
        await eventually(lambda: beyond == sum(report.done() for report in reports))
        refused = next(report.result() for report in reports if report.done())
        assert (429, "too_many_requests", []) == problem(refused)
        assert "1" == refused.headers["Retry-After"]
        assert "lane `report`" in refused.json()["detail"]
        await goes_on(plant)
        seen = await samples(plant)
        told = [seen[f"qualsvc_lane_{what} lane=report"] for what in ("running", "waiting", "refused_total")]
        assert [lane.at_once, lane.may_wait, beyond] == told
    assert Counter({429: beyond, 200: 100 - beyond}) == await statuses(reports)
    assert_idle(plant)
    assert 200 == (await plant.client.get(REPORT)).status_code


async def test_every_lane_keeps_its_connections(plant: Running) -> None:
    """Where reports and reads hold all the connections they may, writes and asks about what was known still get theirs."""
    report, read = plant.service.traffic.report, plant.service.traffic.read
    async with locked(plant, "decision, person"):
        reports, reads = flood(plant, 50), flood(plant, 300, "/v1/persons")
        await full(report)
        await full(read)
        assert 201 == (await plant.client.put("/v1/courses/C", json={"name": "x"})).status_code
        assert 200 == (await plant.ask(**QUESTION, known_at="2026-01-01T00:00:00Z")).status_code
        assert 200 == (await plant.ask(**QUESTION)).status_code
    for lane, number, answers in ((report, 50, reports), (read, 300, reads)):
        entered = lane.at_once + lane.may_wait
        assert Counter({200: entered, 429: number - entered}) == await statuses(answers)
    assert_idle(plant)


async def test_a_report_that_is_given_up_makes_room(plant: Running) -> None:
    """Requests that are cancelled, running or waiting, leave their slots and places to others."""
    lane = plant.service.traffic.report
    async with locked(plant, "decision"):
        reports = flood(plant, lane.at_once + lane.may_wait)
        await full(lane)
        for report in reports:
            report.cancel()
        await asyncio.wait(reports)
        await eventually(lambda: (0, 0) == (lane.running, lane.waiting))
        others = flood(plant, lane.at_once)
        await eventually(lambda: lane.at_once == lane.running)
    assert Counter({200: lane.at_once}) == await statuses(others)
    assert_idle(plant)


async def test_asks_that_wait_leave_room(plant: Running) -> None:
    """Of a flood of asks for a revision far ahead some wait, the others are refused; asks that need not wait go on."""
    lane = plant.service.traffic.revision
    lane.at_once = 50
    asks = [asyncio.create_task(plant.ask(**QUESTION, min_revision=FAR)) for _ in range(150)]
    await eventually(lambda: lane.refused > 0)
    assert 200 == (await plant.ask(**QUESTION)).status_code
    assert 200 == (await plant.ask(**QUESTION, min_revision=1)).status_code
    answers = await asyncio.gather(*asks)
    refused = [problem(answer) for answer in answers if answer.status_code == 429]
    assert {(429, "too_many_requests")} == {each[:2] for each in refused}
    assert Counter({429: len(refused), 503: len(asks) - len(refused)}) == await statuses(asks)
    assert len(refused) == (await samples(plant))["qualsvc_ask_refusals_total code=too_many_requests"]
    assert_idle(plant)


async def test_asks_are_bounded(plant: Running) -> None:
    """When as many asks are there as may, the next one is refused, and who has no key is told that; then all is as before."""
    lane = plant.service.traffic.ask
    lane.running += lane.at_once  # as if they sent their bodies slowly, each over a connection of its own
    refused, stranger = await plant.ask(**QUESTION), await plant.ask(**QUESTION, key="none")
    lane.running -= lane.at_once
    assert (429, "too_many_requests", []) == problem(refused)
    assert "1" == refused.headers["Retry-After"]
    assert 401 == stranger.status_code
    assert 200 == (await plant.ask(**QUESTION)).status_code
    assert_idle(plant)


async def test_asks_about_what_was_known_wait_in_turn(plant: Running) -> None:
    """They read the database, few at a time; those beyond are refused, and asks from memory go on."""
    lane = plant.service.traffic.known
    async with locked(plant, "revision"):
        asks = [asyncio.create_task(plant.ask(**QUESTION, known_at="2026-01-01T00:00:00Z")) for _ in range(30)]
        await full(lane)
        beyond = 30 - lane.at_once - lane.may_wait
        await eventually(lambda: beyond == sum(ask.done() for ask in asks))
        assert "allow" == (await plant.ask(**QUESTION)).json()["decision"]
    assert Counter({429: beyond, 200: 30 - beyond}) == await statuses(asks)
    assert_idle(plant)


async def test_writes_wait_in_turn(plant: Running) -> None:
    """Writes that the database holds up keep nobody from asking and reading, and are all done in the end."""
    lane = plant.service.traffic.write
    async with locked(plant, "course"):
        writes = [asyncio.create_task(plant.client.put(f"/v1/courses/C{n}", json={"name": "x"})) for n in range(20)]
        await eventually(lambda: (lane.at_once, 20 - lane.at_once) == (lane.running, lane.waiting))
        assert 200 == (await plant.ask(**QUESTION)).status_code
        assert 200 == (await plant.client.get("/v1/persons/E1")).status_code
        assert 200 == (await plant.client.get(REPORT)).status_code
    assert Counter({201: 20}) == await statuses(writes)
    assert_idle(plant)


async def seconds_per_ask(plant: Running, reports_at_once: int) -> float:
    """The median of asks that come to a loop on which reports reckon, so many at once; of this thread's own time."""
    lane = plant.service.traffic.report
    lane.at_once, lane.may_wait = reports_at_once, REPORTS
    body = {"questions": [QUESTION | {"expect": "allow"}] * 200, "keep": False}
    reports = [asyncio.create_task(plant.post(body, "/v1/rules/R1/test")) for _ in range(REPORTS)]
    await eventually(lambda: reports_at_once == lane.running)
    spent: list[float] = []
    while not any(report.done() for report in reports) or len(spent) < 20:
        began = thread_time()
        await asyncio.sleep(0)  # an ask is read from its socket in the next turn of the loop
        await plant.query("person=E1&equipment=FORK-07&process=LOADING")
        spent.append(thread_time() - began)
    assert Counter({200: REPORTS}) == await statuses(reports)
    return median(spent)


async def test_reports_that_reckon_hold_asks_up_less(plant: Running) -> None:
    """Each report reckons a little and lets others; asks wait for those few in the lane, not for all that were sent."""
    bounded = await seconds_per_ask(plant, plant.service.traffic.report.at_once)
    unbounded = await seconds_per_ask(plant, REPORTS)
    assert 2 * bounded < unbounded
