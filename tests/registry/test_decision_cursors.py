"""Cursors of the list of decisions, made up by hand."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from qualsvc.registry.cursors import wrap
from qualsvc.registry.decisions.asked import LIST, cursor_at, place_of
from tests.registry.callers import problem
from tests.serving import Running, running

pytestmark = pytest.mark.anyio

FORGED = [
    "99999999999999999999 a 1",
    "253402300800000000 a 1",
    "-62135596800000001 a 1",
    "1 a\x00b 1",
    f"1 {'a' * 65} 1",
    "1  1",
    "1 a 9223372036854775808",
    "1 a -1",
    "1 a 01",
    "1 a 1_0",
    "+1 a 1",
    "\u0661 a 1",
    "1 a",
    "1 a 1 1",
    f"{'9' * 5000} a 1",
]


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as plant:
        yield plant


async def test_a_forged_cursor_is_refused(plant: Running) -> None:
    """What no answer can stand at is a cursor that cannot be read, and never the database's to refuse."""
    for place in FORGED:
        answer = await plant.client.get("/v1/decisions", params={"cursor": wrap(LIST, place)})
        assert (400, "malformed_parameter", ["?cursor"]) == problem(answer), place


async def test_a_cursor_at_either_end_of_time(plant: Running) -> None:
    """Wherever an answer can stand, the list goes on from there."""
    for place in ((-62135596800000000, "a", 0), (253402300799999999, "a", 2**63 - 1)):
        cursor = {"cursor": cursor_at(place)}
        assert (place, 200) == (place_of(cursor, []), (await plant.client.get("/v1/decisions", params=cursor)).status_code)
