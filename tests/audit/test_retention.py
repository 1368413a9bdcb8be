"""Months that are given up by policy leave a signed word, and a log that still verifies."""

import re

import asyncpg
import pytest

from qualsvc.audit.keeping import Keeper, Keeping
from qualsvc.audit.lines import SELECT, copied
from qualsvc.audit.retention import _LOCK, GivenUp, NotSound, _Runs, retain
from qualsvc.audit.signing import SigningKey
from qualsvc.audit.statements import every
from qualsvc.spool.spool import Spool
from qualsvc.store.engine import connect
from tests.audit.log import ANOTHER, CLOSE, KEY, Log, answer, opening

pytestmark = pytest.mark.anyio


async def old_boot(log: Log) -> Spool:
    """A boot that answered from March 2026 on, and still does: five answers in March, five in April, five in November."""
    spool = Spool(log.directory, opening("2026-03"))
    for month in ("2026-03", "2026-04", "2026-11"):
        spool.append([answer(number, month) for number in range(1, 6)])
    await log.ship()
    return spool


async def given_up(connection: asyncpg.Connection, key: SigningKey, months: int, *, dry_run: bool = False) -> list[GivenUp]:
    return [gone async for gone in retain(connection, key, months, dry_run=dry_run)]


async def months(log: Log) -> list[str]:
    found = await log.connection.fetch(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'decision'::regclass"
    )
    return sorted(row[0] for row in found)


async def test_old_months_are_given_up(log: Log) -> None:
    """Those that ended before the months kept, with a tombstone each; all the rest verifies, and goes on."""
    spool = await old_boot(log)
    await log.checkpoint()
    assert [GivenUp("2026-03", 6, 1), GivenUp("2026-04", 5, 1)] == await given_up(log.connection, KEY, 6)
    assert "decision_2026_11" == (await months(log))[0]
    spool.append([answer(6), CLOSE])
    spool.close()
    await log.ship()
    verdict = await log.verdict()
    assert ([], 11) == (verdict.faults.listed, verdict.given_up)
    assert [] == await given_up(log.connection, KEY, 6)


async def test_a_whole_boot_is_given_up(log: Log) -> None:
    """Of a boot that closed in a month given up, record and links stay, and the tombstone stands for its rows."""
    spool = Spool(log.directory, opening("2026-03"))
    spool.append([answer(1, "2026-03"), b'{"close":{"at":"2026-03-22T00:00:00Z"}}'])
    spool.close()
    await log.ship()
    await log.checkpoint()
    assert [GivenUp("2026-03", 3, 1)] == await given_up(log.connection, KEY, 1)
    assert [] == await log.faults()


async def test_asked_only(log: Log) -> None:
    """A dry run says what would go, and leaves all as it is."""
    spool = await old_boot(log)
    assert [GivenUp("2026-03", 6, 1), GivenUp("2026-04", 5, 1)] == await given_up(log.connection, KEY, 6, dry_run=True)
    assert "decision_2026_03" in await months(log)
    assert 0 == (await log.verdict()).given_up
    spool.close()


@pytest.mark.parametrize("change", ["UPDATE decision SET purpose = 'x'", "DELETE FROM decision"])
async def test_a_month_that_is_not_sound_is_kept(log: Log, change: str) -> None:
    """With it the evidence of what was done to it would go."""
    spool = await old_boot(log)
    await log.execute(f"{change} WHERE boot_id = $1 AND sequence = 8", spool.boot_id)
    with pytest.raises(NotSound, match=r"of boot .* does not follow on the row before it; 2026-04 is kept"):
        await given_up(log.connection, KEY, 6)
    assert ["decision_2026_04"] == [month for month in await months(log) if month < "decision_2026_11"]
    spool.close()


async def test_a_month_that_was_made_anew_is_kept(log: Log) -> None:
    """So is one whose chain holds, but is not the one that a checkpoint saw."""
    spool = Spool(log.directory, opening("2026-03"))
    spool.append([answer(1, "2026-03"), answer(2, "2026-03")])
    await log.ship()
    await log.checkpoint()
    spool.append([answer(1)])
    await log.ship()
    await log.execute("UPDATE decision SET purpose = 'x' WHERE boot_id = $1 AND sequence = 1", spool.boot_id)
    await log.rehash(spool.boot_id)
    with pytest.raises(NotSound, match=r"row 2 of boot .* is not as checkpoint 1 of .* saw it; 2026-03 is kept"):
        await given_up(log.connection, KEY, 6)
    spool.close()


async def test_a_forged_tombstone(log: Log) -> None:
    """Rows that somebody without the key says were given up are missing."""
    spool = await old_boot(log)
    await given_up(log.connection, ANOTHER, 6)
    faults = await log.faults()
    assert f"tombstones 1 to 2 are signed by {ANOTHER.public}, a key that is not trusted" == faults[0]
    assert faults[1].startswith(f"boot {spool.boot_id}: rows 0 to 10 are missing")
    spool.close()


async def test_a_tombstone_is_edited_or_deleted(log: Log) -> None:
    """It is not believed; or its rows are missing."""
    spool = await old_boot(log)
    await given_up(log.connection, KEY, 6)
    await log.execute("DELETE FROM tombstone WHERE n = 1")
    faults = await log.faults()
    assert "tombstone 1 is missing" == faults[0]
    assert any(fault.startswith(f"boot {spool.boot_id}: rows 0 to 5 are missing") for fault in faults)
    await log.execute("UPDATE tombstone SET body = replace(body, '2026-04', '2026-05')")
    assert "tombstone 2 was edited: its signature is not that of its text" in await log.faults()
    spool.close()


async def test_a_row_comes_back(log: Log) -> None:
    """Where a tombstone stands, a row is a stranger."""
    spool = await old_boot(log)
    await given_up(log.connection, KEY, 6)
    await log.execute(
        "INSERT INTO decision (boot_id, sequence, logged_at, kind, payload, hash)"
        " VALUES ($1, 3, '2026-11-03Z', 'answer', '{}', '\\x00')",
        spool.boot_id,
    )
    assert [f"boot {spool.boot_id}: row 3 was inserted"] == await log.faults()
    spool.close()


async def test_two_do_not_give_up_the_same_month(log: Log) -> None:
    """While another process is at it nothing is done."""
    spool = await old_boot(log)
    other = await connect(log.url)
    await other.execute("SELECT pg_advisory_lock($1)", _LOCK)
    with pytest.raises(asyncpg.LockNotAvailableError):
        await given_up(log.connection, KEY, 6)
    await other.close()
    assert 2 == len(await given_up(log.connection, KEY, 6))
    spool.close()


async def test_the_service_does_it_by_itself(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """Once a day, and says so; a month that is not sound does not keep the rest from being done."""
    caplog.set_level("INFO", "qualsvc.audit")
    spool = await old_boot(log)
    await log.execute("UPDATE decision SET purpose = 'x' WHERE boot_id = $1 AND sequence = 8", spool.boot_id)
    keeper = Keeper(log.url, Keeping(KEY, 300, retention_months=6))
    await keeper.once(log.connection, 0)
    assert "the decisions of 2026-03 are given up: 6 rows of 1 boots" in caplog.text
    assert "a month is not given up: row 8 of boot" in caplog.text
    assert 1 == await log.connection.fetchval("SELECT count(*) FROM checkpoint")
    caplog.clear()
    await keeper.once(log.connection, 0)
    assert "" == caplog.text
    spool.close()


async def test_a_month_is_known_by_its_bounds(log: Log) -> None:
    """Whoever owns the tables may name them as they like: the month that runs is not given up under the name of an old one."""
    spool = await old_boot(log)
    await log.execute("ALTER TABLE decision_2026_11 RENAME TO decision_2020_01")
    await log.execute("ALTER TABLE decision_2026_03 RENAME TO decision_2030_03")
    assert ["2026-03", "2026-04"] == [gone.month for gone in await given_up(log.connection, KEY, 6)]
    assert "decision_2020_01" in await months(log)
    spool.close()


@pytest.mark.parametrize(
    "bounds",
    [
        "FOR VALUES FROM ('2026-01-01Z') TO ('2026-03-01Z')",
        "FOR VALUES FROM ('2026-01-01T00:00:01Z') TO ('2026-02-01Z')",
        "FOR VALUES FROM (MINVALUE) TO ('2026-03-01Z')",
        "DEFAULT",
    ],
)
async def test_a_table_that_is_of_no_whole_month(log: Log, bounds: str, caplog: pytest.LogCaptureFixture) -> None:
    """No service made it: nothing is given up before somebody looked at it."""
    spool = await old_boot(log)
    await log.execute(f"CREATE TABLE decision_2026_01 PARTITION OF decision {bounds}")
    with pytest.raises(NotSound, match=r"table decision_2026_01 is not of one whole month \(.*\); no month is given up"):
        await given_up(log.connection, KEY, 6)
    assert "decision_2026_03" in await months(log)
    await Keeper(log.url, Keeping(KEY, 300, retention_months=6)).once(log.connection, 0)
    assert "a month is not given up: table decision_2026_01 is not of one whole month" in caplog.text
    spool.close()


async def test_a_row_that_is_in_a_month_not_its_own(log: Log) -> None:
    """Bounds in the catalogue can be forged by a superuser; the rows say when they were logged."""
    rows: list[bytes] = []

    async def add(block: bytes) -> None:
        rows.append(block)

    await copied(log.connection, SELECT, to=add)
    walk = _Runs("2026-10")
    await walk.pass_over(b"".join(rows))
    assert re.fullmatch(r"row 0 of boot \w+ was not logged in 2026-10; the month is kept", str(walk.unsound))


async def test_heads_that_were_given_up_are_no_contradiction(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """What was signed of rows that our own tombstones stand for, cannot be there any more; by a stranger's it could."""
    spool = Spool(log.directory, opening("2026-03"))
    spool.append([answer(1, "2026-03"), CLOSE.replace(b"2026-11", b"2026-03")])
    spool.close()
    await log.ship()
    keeper = Keeper(log.url, Keeping(KEY, 300))
    await keeper.once(log.connection, 0)
    await given_up(log.connection, KEY, 6)
    await keeper.once(log.connection, 0)
    assert [] == caplog.records
    stones = await every(log.connection, "tombstone")
    await log.execute("UPDATE tombstone SET key = $1, signature = $2", ANOTHER.public, ANOTHER.sign(stones[0].body))
    await keeper.once(log.connection, 0)
    assert f"row 2 of boot {spool.boot_id} is not as checkpoint 1 of " in caplog.text


async def test_a_planted_tombstone_does_not_keep_months_from_being_given_up(log: Log) -> None:
    """One that cannot be read stands for nothing."""
    spool = await old_boot(log)
    await log.execute("INSERT INTO tombstone (n, body, key, signature) VALUES (1, repeat('[', 100000), '', '')")
    assert 2 == len(await given_up(log.connection, KEY, 6))
    spool.close()
