"""Boots and the chain that ties them: none can be taken away, put in or given another end."""

import pytest

from qualsvc.audit.retention import retain
from qualsvc.audit.signing import SigningKey
from qualsvc.spool.spool import Spool
from tests.audit.log import ANOTHER, CLOSE, END, KEY, Log, answer, opening

pytestmark = pytest.mark.anyio


async def test_a_boot_is_deleted(log: Log) -> None:
    """All of it but its links: they say that it was, and how far it went."""
    await log.execute("DELETE FROM decision WHERE boot_id = $1", log.boot)
    await log.execute("DELETE FROM decision_boot WHERE boot_id = $1", log.boot)
    assert [
        "boot A: its record is missing; no row of it is there either",
        f"boot A: rows 0 to {END} are missing; link 2 saw row {END}",
    ] == await log.faults()


async def test_a_boot_is_deleted_with_its_links(log: Log) -> None:
    """The links of others follow on its."""
    for table in ("decision", "decision_boot", "decision_link"):
        await log.execute(f"DELETE FROM {table} WHERE boot_id = $1", log.boot)
    assert ["links 1 to 2 between boots are missing"] == await log.faults()


async def test_the_last_boot_is_deleted_with_its_links(log: Log) -> None:
    """Nothing follows on the last one; the checkpoint saw it."""
    made = await log.checkpoint()
    for table in ("decision", "decision_boot", "decision_link"):
        await log.execute(f"DELETE FROM {table} WHERE boot_id = $1", log.living)
    by = f"checkpoint 1 of {made.at}"
    gone = [f"link 3 between boots is missing; {by} saw link 3", f"boot B: rows 0 to 10 are missing; {by} saw row 10"]
    assert gone == await log.faults()
    await log.execute("DELETE FROM checkpoint")
    assert [] == await log.faults()
    assert ["checkpoint 1 of " + made.at + " is missing; the witness was told of it", *gone] == await log.faults(made)


@pytest.mark.parametrize(
    ("n", "fault"),
    [
        (1, "boot A: one link when it was opened, one when it was closed; there are: 2 close"),
        (2, "boot A: its record says that it was closed; no link does"),
    ],
)
async def test_a_link_is_deleted(log: Log, n: int, fault: str) -> None:
    """A boot has one for its opening, one for its close."""
    await log.execute("DELETE FROM decision_link WHERE n = $1", n)
    assert [f"link {n} between boots is missing", fault] == await log.faults()


CHANGES = [
    *("event = 'open'", "sequence = 3", "hash = '\\x00'", "link = '\\x00'", "boot_id = 'x'", "opened = '\\x00'"),
    *("at = at - interval '1 minute'", "at = 'infinity'"),
]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_link_is_edited(log: Log, change: str) -> None:
    """Any column of a link."""
    await log.execute(f"UPDATE decision_link SET {change} WHERE n = 2")
    fault = next(fault for fault in await log.faults() if fault.startswith("link 2 "))
    assert fault.endswith(" was edited, or link 1 was and given a new hash")


@pytest.mark.parametrize("change", ["signature = repeat('00', 64)", "key = repeat('00', 32)", "signature = 'x'"])
async def test_whose_word_a_link_is_is_edited(log: Log, change: str) -> None:
    """Its signature is that of whoever ships."""
    await log.execute(f"UPDATE decision_link SET {change} WHERE n = 2")
    assert ["link 2 (close of boot A) was put in or altered: it is not signed by its key"] == await log.faults()


@pytest.mark.parametrize("signer", [None, ANOTHER])
async def test_a_boot_is_put_in(log: Log, signer: SigningKey | None) -> None:
    """With rows, record and links that all hold; but nobody who owns the database can sign in the name of a host."""
    forged = Spool(log.directory, opening("2026-11"))
    forged.append([answer(1), CLOSE])
    forged.close()
    await log.ship(ANOTHER)
    if signer is None:
        # Somebody copies a signature that was made for another link.
        other = "(SELECT key, signature FROM decision_link WHERE n = 1)"
        await log.execute(f"UPDATE decision_link SET (key, signature) = {other} WHERE n > 3")
        expected = [f"link {n} ({e} of boot {forged.boot_id}) was put in or altered" for n, e in ((4, "open"), (5, "close"))]
        assert expected == [fault.partition(":")[0] for fault in await log.faults()]
    else:
        expected = [f"links 4 to 5 are signed by {ANOTHER.public}, a key that is not trusted"]
        assert expected == await log.faults()
    assert [] == [fault for fault in await log.faults(keys=[KEY, ANOTHER]) if signer]


@pytest.mark.parametrize("change", ["sequence = 20", "hash = '\\x00'", "closed = false"])
async def test_a_record_is_edited(log: Log, change: str) -> None:
    """The record of a closed boot is what the link says that closed it."""
    await log.execute(f"UPDATE decision_boot SET {change} WHERE boot_id = $1", log.boot)
    assert (await log.faults())[0].startswith("boot A: its record was edited: it says ")


async def test_the_head_of_a_living_boot_is_edited(log: Log) -> None:
    """The record of one that answers is what its last row says."""
    await log.execute("UPDATE decision_boot SET hash = '\\x00' WHERE boot_id = $1", log.living)
    expected = "boot B: row 10 is not the one that the boot's record names as its last: one of them was edited"
    assert [expected] == await log.faults()


async def test_an_opening_is_told_otherwise(log: Log) -> None:
    """What replays read of a boot is what its first row says."""
    await log.execute("UPDATE decision_boot SET opened = '{}' WHERE boot_id = $1", log.boot)
    otherwise = "boot A: its record says of its opening what "
    assert [f"{otherwise}link 1 does not", f"{otherwise}row 0 does not, or row 0 was edited"] == await log.faults()


async def test_an_opening_is_told_otherwise_once_its_row_is_given_up(log: Log) -> None:
    """The link of its opening knows what it said."""
    spool = Spool(log.directory, opening("2026-03"))
    spool.append([answer(1)])
    await log.ship()
    async for _ in retain(log.connection, KEY, 6):
        pass
    assert [] == await log.faults()
    await log.execute("UPDATE decision_boot SET opened = '{}' WHERE boot_id = $1", spool.boot_id)
    assert [f"boot {spool.boot_id}: its record says of its opening what link 4 does not"] == await log.faults()
    spool.close()


@pytest.mark.parametrize("boot", ["boot", "living"])
async def test_how_far_a_boot_is_is_told_otherwise(log: Log, boot: str) -> None:
    """Until when all is there is what the last row says: evidence is called complete by it."""
    await log.execute(
        "UPDATE decision_boot SET logged_at = logged_at + interval '1 hour' WHERE boot_id = $1", getattr(log, boot)
    )
    assert "its record was edited: it says another time of row" in "".join(await log.faults())


async def test_lost_records_are_told(log: Log) -> None:
    """Records that were lost before they were kept are no tampering, and are not passed over in silence."""
    spool = Spool(log.directory, opening("2026-11"))
    begin = spool.path.stat().st_size
    spool.append([answer(1)])
    end = spool.path.stat().st_size
    spool.append([answer(2), CLOSE])
    content = bytearray(spool.path.read_bytes())
    content[begin + 20 : end] = bytes(end - begin - 20)
    spool.path.write_bytes(content)
    spool.close()
    await log.ship()
    verdict = await log.verdict()
    assert ([], [(spool.boot_id, 1, 1)]) == (verdict.faults.listed, verdict.lost)
