"""A process that cannot report, for nothing can be written by it, is not taken to be silent as long as it is connected."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from qualsvc.replica.silence import Silence
from qualsvc.store import reporting
from qualsvc.store.engine import connect
from qualsvc.store.reporting import Identity

pytestmark = pytest.mark.anyio
WHO = Identity("one", "here", 1, "0", 10)


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[tuple[asyncpg.Connection, asyncpg.Connection]]:
    connections = [await connect(database_url) for _ in range(2)]
    yield connections[0], connections[1]
    for connection in connections:
        await connection.close()


async def test_not_given_up_while_it_holds_out(two: tuple[asyncpg.Connection, asyncpg.Connection]) -> None:
    """However long it has not reported; once its connection has ended, its lease is counted from then."""
    here, there = two
    silence = Silence()
    await reporting.register(here, WHO)
    await reporting.hold_out(here, "one")
    for asked in (0, 100, 200):
        assert [] == silence.past_lease(await reporting.signs(there), asked, asked)
    await reporting.lapse(there, await reporting.signs(there))
    assert (await reporting.look(here, "one"))[1], "nobody can give it up either"
    await here.close()
    for asked, number in ((300, 0), (309, 0), (311, 1)):
        assert number == len(silence.past_lease(await reporting.signs(there), asked, asked))
    await reporting.lapse(there, await reporting.signs(there))
    assert not (await reporting.look(there, "one"))[1]


async def test_who_reports_again_may_fall_silent(two: tuple[asyncpg.Connection, asyncpg.Connection]) -> None:
    """Back on record, it holds out no more."""
    here, there = two
    await reporting.register(here, WHO)
    await reporting.hold_out(here, "one")
    assert [True] == [sign.holds_out for sign in await reporting.signs(there)]
    await reporting.reports_again(here, "one")
    assert [False] == [sign.holds_out for sign in await reporting.signs(there)]
    await reporting.lapse(there, await reporting.signs(there))
    assert not (await reporting.look(here, "one"))[1]


async def test_who_is_not_known_does_not_hold_out(two: tuple[asyncpg.Connection, asyncpg.Connection]) -> None:
    """One that never registered is known to nobody, and what it sees proves nothing."""
    head, known = await reporting.look(two[0], "nobody")
    assert (0, False) == (head.revision, known)


async def test_reports_wait_for_no_standby(two: tuple[asyncpg.Connection, asyncpg.Connection]) -> None:
    """What is reported is kept here, whatever standbys there should be; all else waits for them."""
    here, there = two
    await reporting.begin(here)
    assert ["local", "on"] == [await each.fetchval("SHOW synchronous_commit") for each in (here, there)]
