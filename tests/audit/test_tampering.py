"""Whatever is done to the log by SQL, the boot and the row are named."""

import asyncpg
import pytest

from qualsvc.audit.lines import reader
from qualsvc.cli.audit_report import summary
from qualsvc.store.engine import connect
from tests.audit.log import ANSWERS, END, Log

pytestmark = pytest.mark.anyio

OF_BOOT = "WHERE boot_id = $1"
COPIED = "logged_at, kind, site, person, equipment, process, decision, purpose, key, at, revision, reasons, payload, hash"

CHANGES = (
    "logged_at = logged_at + interval '1 microsecond'",
    "logged_at = logged_at + interval '31 days'",  # in another partition
    "kind = 'close'",
    "site = NULL",
    "person = 'E9'",
    "equipment = ''",
    "process = 'x'",
    "decision = 'none'",
    "purpose = NULL",
    "key = 'k2'",
    "at = at - interval '1 day'",
    "revision = 8",
    "reasons = array_append(reasons, 'waived')",
    "payload = payload || ' '",
)


def edited(row: int) -> str:
    return f"boot A: row {row} was edited" + (f"; or row {row - 1} was, and given a new hash" if row else "")


def missing(first: int, last: int, *, proved: bool = False) -> str:
    rows = f"row {first} is" if first == last else f"rows {first} to {last} are"
    return f"boot A: {rows} missing" + ("" if proved else f"; so row {last + 1} follows on nothing and cannot be proved")


async def test_as_it_was_shipped(log: Log) -> None:
    """A log that nobody touched is sound, with a boot that goes on answering; what was looked at is counted."""
    await log.checkpoint()
    await log.goes_on()
    verdict = await log.verdict()
    assert ([], []) == (verdict.faults.listed, verdict.warnings)
    assert (END + 1 + 16, 2, 1) == (verdict.rows, verdict.boots, verdict.checkpoints)


async def test_an_empty_log(log: Log) -> None:
    """Where nothing was ever logged nothing is wrong; that there is nothing is said, for all may have been deleted."""
    await log.execute("TRUNCATE decision, decision_boot, decision_link")
    verdict = await log.verdict()
    assert (True, True, 0) == (verdict.is_sound, verdict.is_empty, verdict.rows)
    assert ["there is nothing in the log: where a service ever answered, all of it was deleted"] == verdict.warnings
    assert "there is nothing in the log" == summary(verdict).splitlines()[-1]


async def test_every_column_is_edited(log: Log) -> None:
    """An update of any column names the row."""
    rows = dict(zip(range(1, 2 * len(CHANGES), 2), CHANGES, strict=True))
    for row, change in rows.items():
        await log.execute(f"UPDATE decision SET {change} {OF_BOOT} AND sequence = $2", log.boot, row)
    assert [edited(row) for row in rows] == await log.faults()


@pytest.mark.parametrize("row", [1, END])
async def test_rows_at_the_ends_are_edited(log: Log, row: int) -> None:
    """The first and the last row are no less bound than others."""
    await log.execute(f"UPDATE decision SET payload = payload || ' ' {OF_BOOT} AND sequence = $2", log.boot, row)
    assert [edited(row)] == await log.faults()


async def test_the_opening_row_is_edited(log: Log) -> None:
    """So is the row that opens a boot, of which its record has a copy."""
    await log.execute(f"UPDATE decision SET payload = payload || ' ' {OF_BOOT} AND sequence = 0", log.boot)
    copy = "boot A: its record says of its opening what row 0 does not, or row 0 was edited"
    assert [copy, edited(0)] == await log.faults()


async def test_a_hash_is_edited(log: Log) -> None:
    """A hash that was written over is told from an edited row, by the row after it."""
    await log.execute(f"UPDATE decision SET hash = '\\x00' {OF_BOOT} AND sequence = 5", log.boot)
    assert ["boot A: row 5 was given another hash"] == await log.faults()


async def test_several_edits(log: Log) -> None:
    """Each is named, those that follow on one another as one."""
    await log.execute(f"UPDATE decision SET purpose = 'x' {OF_BOOT} AND sequence IN (3, 9, 10, 11)", log.boot)
    expected = [edited(3), "boot A: rows 9 to 11 were edited; or row 8 was, and given a new hash"]
    assert expected == await log.faults()


@pytest.mark.parametrize(("first", "last"), [(0, 0), (5, 5), (5, 9), (ANSWERS, ANSWERS)])
async def test_rows_are_deleted(log: Log, first: int, last: int) -> None:
    """At the beginning and in the middle, they are missing."""
    await log.execute(f"DELETE FROM decision {OF_BOOT} AND sequence BETWEEN $2 AND $3", log.boot, first, last)
    assert [missing(first, last)] == await log.faults()


@pytest.mark.parametrize("first", [END, 13, 0])
async def test_a_tail_is_cut_off(log: Log, first: int) -> None:
    """At the end, or all of them, they are missing by what the boot's record says."""
    await log.execute(f"DELETE FROM decision {OF_BOOT} AND sequence >= $2", log.boot, first)
    assert [missing(first, END, proved=True)] == await log.faults()


async def test_rows_close_up_over_a_deleted_one(log: Log) -> None:
    """Numbering the rest anew hides nothing: their own numbers are hashed."""
    await log.execute(f"DELETE FROM decision {OF_BOOT} AND sequence = $2", log.boot, END - 3)
    for row in (END - 2, END - 1, END):
        await log.execute(f"UPDATE decision SET sequence = $2 - 1 {OF_BOOT} AND sequence = $2", log.boot, row)
    faults = await log.faults()
    assert missing(END, END, proved=True) in faults
    assert {edited(END - 3), edited(END - 1)} <= set(faults)
    assert f"boot A: row {END - 2} was put in place of another: it says what row {END - 1} said" in faults


@pytest.mark.parametrize(("one", "other"), [(5, 6), (5, 16), (0, END)])
async def test_two_rows_are_swapped(log: Log, one: int, other: int) -> None:
    """Rows that exchanged their numbers are named as a pair."""
    for before, after in ((one, -9), (other, one), (-9, other)):
        await log.execute(f"UPDATE decision SET sequence = $3 {OF_BOOT} AND sequence = $2", log.boot, before, after)
    assert f"boot A: rows {one} and {other} were swapped" in await log.faults()


@pytest.mark.parametrize("row", [END + 1, END + 2, 10**15, -3])
async def test_a_row_is_put_in(log: Log, row: int) -> None:
    """Past the end, far past it, or before the beginning."""
    await log.execute(
        f"INSERT INTO decision SELECT boot_id, $2::bigint, {COPIED} FROM decision {OF_BOOT} AND sequence = 5", log.boot, row
    )
    (fault,) = [fault for fault in await log.faults() if "inserted" in fault]
    assert fault.startswith(f"boot A: row {row} was inserted")


async def test_a_row_is_there_twice(log: Log) -> None:
    """Under the same number at another time, one of them is the stranger."""
    other = COPIED.replace("logged_at", "logged_at - interval '40 days'", 1)
    await log.execute("CREATE TABLE decision_2026_10 PARTITION OF decision FOR VALUES FROM ('2026-10-01Z') TO ('2026-11-01Z')")
    await log.execute(
        f"INSERT INTO decision SELECT boot_id, sequence, {other} FROM decision {OF_BOOT} AND sequence = 5", log.boot
    )
    assert ["boot A: row 5 was inserted"] == await log.faults()


async def test_rows_of_a_boot_that_never_was(log: Log) -> None:
    """Rows under a boot that nobody opened are told with it."""
    await log.execute(f"INSERT INTO decision SELECT 'stranger', 0, {COPIED} FROM decision {OF_BOOT} AND sequence = 5", log.boot)
    faults = await log.faults()
    assert "boot stranger: its record is missing; its rows 0 to 0 are there" in faults
    assert "boot stranger: row 0 was edited" in faults


async def test_a_month_is_dropped(log: Log) -> None:
    """A partition that goes without a tombstone leaves every boot of it without its rows."""
    await log.execute("DROP TABLE decision_2026_11")
    faults = await log.faults()
    assert {missing(0, END, proved=True), "boot B: rows 0 to 10 are missing"} == set(faults)


async def test_far_more_than_can_be_told(log: Log) -> None:
    """Of ruins the first are told one by one, and all are counted."""
    await log.execute("UPDATE decision SET payload = payload || ' '")
    verdict = await log.verdict()
    assert END + 1 + 11 == sum(fault.rows for fault in verdict.faults.listed if fault.kind == "edited")


async def test_by_several_processes(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces that are walked by several processes find what one finds, at their seams too."""
    monkeypatch.setattr("qualsvc.audit.scan.SPAN", 4)
    monkeypatch.setattr("qualsvc.audit.scan._ALONE", 0)
    assert (await log.verdict(processes=2)).is_sound
    await log.execute(f"DELETE FROM decision {OF_BOOT} AND sequence BETWEEN 3 AND 8", log.boot)
    await log.execute(f"UPDATE decision SET purpose = 'x' {OF_BOOT} AND sequence = 12", log.boot)
    verdict = await log.verdict(processes=2)
    assert [(3, 8), (12, 12)] == [(fault.first, fault.last) for fault in verdict.faults.listed]


async def test_no_month_goes_between_the_state_seen_and_its_rows(log: Log) -> None:
    """Who verifies holds the table before the first look at anything: what it is to read is then still there."""
    first = await reader(log.url)
    other = await connect(log.url)
    await other.execute("SET lock_timeout = '20ms'")
    with pytest.raises(asyncpg.LockNotAvailableError):
        await other.execute("DROP TABLE decision_2026_11")
    await other.execute("UPDATE decision_boot SET opened = 'seen' WHERE boot_id = $1", log.boot)
    assert "seen" == await first.fetchval("SELECT opened FROM decision_boot WHERE boot_id = $1", log.boot)
    await other.close()
    await first.close()
