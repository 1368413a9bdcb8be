"""Every answer that is on file comes into the table once, in order, chained, whatever happens on the way."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import pytest

from qualsvc.audit.keeping import Keeper, Keeping
from qualsvc.audit.retention import retain
from qualsvc.audit.verifying import verify
from qualsvc.shipping.boot import Boot
from qualsvc.shipping.days import Days
from qualsvc.shipping.shipper import Shipper
from qualsvc.spool.format import MAGIC, frame, read_entries, segment_path, segments
from qualsvc.spool.life import life_path
from qualsvc.spool.spool import Spool
from qualsvc.store.chain import COLUMNS, genesis
from qualsvc.store.decision_log import OutOfStep, cursor_of
from qualsvc.store.engine import connect
from tests.audit.log import ANOTHER, KEY

pytestmark = pytest.mark.anyio

OPEN = b'{"open":{"started_at":"2026-11-21T03:00:00Z","host":"h"}}'
CLOSE = b'{"close":{"at":"2026-11-21T04:00:00.25Z"}}'


REASONS = ("certificate_expired", "position_not_held", "expiring_soon")
WORDS = (None, "unlock", "", r"\N", "\\", "a\\", "\t", "\n", "\x00", "\b\f\v\r\\ 吊装", "a\tb", "{}", '"', "\u2028")


def answer(number: int, **question: Any) -> bytes:
    """What is put on file for an answer; its person has all that a line of COPY must escape."""
    told = {
        "decision": "deny" if number % 2 else "allow",
        "person": f"E\\{number}",
        "equipment": "FORK-07",
        "process": "LOADING",
        "at": "2026-11-21T03:30:00Z",
        "asked_at": f"2026-11-21T03:30:00.{number:06}Z" if number else "2026-11-21T03:30:00Z",
        "reasons": [{"code": code} for code in REASONS] if number % 2 else [{"code": "expiring_soon"}],
        "revision": 7,
    }
    return json.dumps({"key": "k1", "site": "NGB", "question": question, "answer": told}, ensure_ascii=False).encode()


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(database_url)
    yield connection
    await connection.close()


async def shipped(connection: asyncpg.Connection, directory: Path) -> int:
    """Ship all there is, by a shipper that knows of nothing before."""
    shipper, boots, number = Shipper(directory, "", KEY), dict[str, Boot](), 0
    while more := await shipper.once(connection, boots):
        number += more
    return number


async def lines(connection: asyncpg.Connection) -> list[list[bytes]]:
    """The table as COPY gives it, hash first."""
    text = bytearray()

    async def add(data: bytes) -> None:
        text.extend(data)

    query = f"SELECT encode(hash, 'hex'), {', '.join(COLUMNS)} FROM decision ORDER BY boot_id, sequence"
    await connection.copy_from_query(query, output=add)
    return [line.split(b"\t", 1) for line in bytes(text).splitlines()]


async def kinds(connection: asyncpg.Connection) -> list[tuple[int, str]]:
    """Sequence and kind of each row."""
    return [tuple(row) for row in await connection.fetch("SELECT sequence, kind FROM decision ORDER BY boot_id, sequence")]


async def test_what_is_on_file_is_in_the_table(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Payloads to the byte, columns as they were answered, while the process goes on; a well closed boot leaves no file."""
    spool = Spool(tmp_path, OPEN)
    payloads = [answer(number, purpose="a\tb\\n\n" if number == 2 else "unlock") for number in range(5)]
    spool.append(payloads[:3])
    assert 4 == await shipped(connection, tmp_path)
    spool.append([*payloads[3:], CLOSE])
    spool.close()
    assert 3 == await shipped(connection, tmp_path)
    assert ({}, 0) == (segments(tmp_path), await shipped(connection, tmp_path))
    rows = await connection.fetch("SELECT * FROM decision ORDER BY sequence")
    assert [OPEN, *payloads, CLOSE] == [row["payload"].encode() for row in rows]
    assert ["open", *["answer"] * 5, "close"] == [row["kind"] for row in rows]
    assert ("E\\3", "deny", list(REASONS), "k1", 7) == tuple(
        rows[4][name] for name in ("person", "decision", "reasons", "key", "revision")
    )
    assert "a\tb\\n\n" == rows[3]["purpose"]


async def test_the_chain_is_over_what_copy_gives_back(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Each hash is that of the one before and of the row's own line, as anybody can read it out."""
    spool = Spool(tmp_path, OPEN)
    escaped = [answer(number, **({} if word is None else {"purpose": word})) for number, word in enumerate(WORDS)]
    plain = [payload.replace(rb'"E\\', b'"E') for payload in escaped]
    spool.append([*escaped, *plain])
    spool.close()
    await shipped(connection, tmp_path)
    purposes = [word if word is None else word.replace("\x00", "\N{REPLACEMENT CHARACTER}") for word in WORDS] * 2
    rows = await connection.fetch("SELECT purpose, payload FROM decision WHERE kind = 'answer' ORDER BY sequence")
    assert [(purpose, each.decode()) for purpose, each in zip(purposes, [*escaped, *plain], strict=True)] == list(
        map(tuple, rows)
    )
    before = genesis(spool.boot_id)
    for digest, line in await lines(connection):
        before = sha256(before + line).digest()
        assert before.hex().encode() == digest
    assert before == await connection.fetchval("SELECT hash FROM decision_boot")


async def test_boots_are_tied(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """One link for each opening and closing, in the order they came, each over the one before."""
    for _ in range(2):
        spool = Spool(tmp_path, OPEN)
        spool.append([answer(1)])
        spool.close()
        await shipped(connection, tmp_path)
    links = await connection.fetch("SELECT n, event, sequence FROM decision_link ORDER BY n")
    assert [(1, "open", -1), (2, "close", 2), (3, "open", -1), (4, "close", 2)] == [tuple(link) for link in links]


async def test_a_torn_end_is_cut_off_and_told(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Of a process that died while it wrote, all that was whole is shipped, and the closing says how much was torn."""
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(1)])
    spool.close()
    with spool.path.open("ab") as file:
        file.write(b"half a record")
    await shipped(connection, tmp_path)
    assert [(0, "open"), (1, "answer"), (2, "close")] == await kinds(connection)
    payload = json.loads(await connection.fetchval("SELECT payload FROM decision WHERE kind = 'close'"))
    assert ("shipper", 13) == (payload["close"]["by"], payload["close"]["torn_bytes"])
    kept = (tmp_path / "quarantine" / f"{spool.boot_id}-2-torn").read_bytes()
    assert (b"half a record", sha256(kept).hexdigest()) == (kept, payload["close"]["sha256"])


async def test_what_is_damaged_is_set_aside(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Damaged records in the middle become one gap that says which, their bytes are kept, and the rest is shipped."""
    spool = Spool(tmp_path, OPEN)
    for number in range(6):
        spool.append([answer(number)])
    spool.close()
    whole = spool.path.read_bytes()
    place = whole.index(rb'"E\\2"')
    spool.path.write_bytes(whole[:place] + b"??" + whole[place + 2 :])
    await shipped(connection, tmp_path)
    expected = [(0, "open"), (1, "answer"), (2, "answer"), (3, "gap"), *((n, "answer") for n in (4, 5, 6)), (7, "close")]
    assert expected == await kinds(connection)
    gap = json.loads(await connection.fetchval("SELECT payload FROM decision WHERE kind = 'gap'"))["gap"]
    kept = (tmp_path / "quarantine" / f"{spool.boot_id}-3-3").read_bytes()
    assert (3, 3, len(kept), sha256(kept).hexdigest()) == (gap["from"], gap["to"], gap["bytes"], gap["sha256"])


async def test_a_file_read_while_it_is_cut_and_grows(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """What a look finds between two states of a living file is no damage: the next look finds the records, and ships them."""
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(0)])
    boots: dict[str, Boot] = {}
    shipper = Shipper(tmp_path, "", KEY)
    assert 2 == await shipper.once(connection, boots)
    for number in range(1, 6):
        spool.append([answer(number)])
    whole, half = spool.path.read_bytes(), len(frame(spool.boot_id.encode(), 2, answer(1)))
    start = len(MAGIC) + len(frame(b"b" * 16, 0, OPEN)) + len(frame(b"b" * 16, 1, answer(0)))
    spool.path.write_bytes(whole[:start] + bytes(half) + whole[start + half :])
    assert 0 == await shipper.once(connection, boots)
    spool.path.write_bytes(whole)
    assert 5 == await shipper.once(connection, boots)
    assert [(0, "open"), *((n, "answer") for n in range(1, 7))] == await kinds(connection)
    spool.close()


async def test_damage_in_a_file_that_is_written(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Found so by two looks it is damage: the rest is shipped while the process lives on."""
    spool = Spool(tmp_path, OPEN)
    for number in range(6):
        spool.append([answer(number)])
    whole = spool.path.read_bytes()
    place = whole.index(rb'"E\\2"')
    with spool.path.open("r+b") as file:
        file.seek(place)
        file.write(b"??")
    await shipped(connection, tmp_path)
    await shipped(connection, tmp_path)
    boots: dict[str, Boot] = {}
    shipper = Shipper(tmp_path, "", KEY)
    for _ in range(3):
        await shipper.once(connection, boots)
    expected = [(0, "open"), (1, "answer"), (2, "answer"), (3, "gap"), *((n, "answer") for n in (4, 5, 6))]
    assert expected == await kinds(connection)
    spool.close()


@pytest.mark.parametrize("torn", [b"half a record", bytes(5000)])
async def test_a_torn_end_is_an_alarm(
    connection: asyncpg.Connection, tmp_path: Path, torn: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Zeros, too: so a file ends that grew by what a power loss took away again."""
    spool = Spool(tmp_path, OPEN)
    spool.close()
    with spool.path.open("ab") as file:
        file.write(torn)
    await shipped(connection, tmp_path)
    (record,) = caplog.records
    assert f"the log of boot {spool.boot_id} ends torn: {len(torn)} bytes were cut off after record 1" == record.message


async def test_a_boot_that_never_said_when(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Of a file without a readable record the time is that of the file, not the beginning of all time."""
    path = segment_path(tmp_path, "a" * 16, 0)
    path.write_bytes(b"")
    os.utime(path, (1_780_000_000, 1_780_000_000))
    await shipped(connection, tmp_path)
    assert 1_780_000_000 == (await connection.fetchval("SELECT logged_at FROM decision")).timestamp()


async def test_files_roll_and_are_taken_away(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """However many files a boot fills, its records stay in one sequence, and only the one that grows is left."""
    spool = Spool(tmp_path, OPEN, segment_bytes=2000)
    for number in range(40):
        spool.append([answer(number)])
    assert 5 < len(segments(tmp_path)[spool.boot_id])
    assert 41 == await shipped(connection, tmp_path)
    assert [spool.path] == [one.path for one in segments(tmp_path)[spool.boot_id]]
    spool.append([answer(41)])
    spool.close()
    assert 2 == await shipped(connection, tmp_path)
    assert list(range(43)) == [sequence for sequence, _ in await kinds(connection)]


async def test_a_lost_file_is_a_gap(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Records whose file somebody took away are told as lost; nothing closes up over them."""
    spool = Spool(tmp_path, OPEN, segment_bytes=2000)
    for number in range(20):
        spool.append([answer(number)])
    spool.close()
    files = segments(tmp_path)[spool.boot_id]
    files[1].path.unlink()
    await shipped(connection, tmp_path)
    gap = json.loads(await connection.fetchval("SELECT payload FROM decision WHERE kind = 'gap'"))["gap"]
    assert {"from": files[1].first, "to": files[2].first - 1} == gap


async def test_counts_go_with_the_rows(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Answers by day at the site, site, purpose and decision; denials by each reason that denies besides."""
    await connection.execute("INSERT INTO site (code, name, time_zone) VALUES ('NGB', 'x', 'Pacific/Kiritimati')")
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(number, purpose="unlock") for number in range(5)])
    spool.close()
    await shipped(connection, tmp_path)
    rows = await connection.fetch("SELECT day::text, site, purpose, decision, reason, number FROM decision_count ORDER BY 4, 5")
    day = ("2026-11-21", "NGB", "unlock")
    expected = [("allow", "", 3), ("deny", "", 2), ("deny", "certificate_expired", 2), ("deny", "position_not_held", 2)]
    assert [(*day, *each) for each in expected] == [tuple(row) for row in rows]


async def test_a_shipper_that_dies_in_between_leaves_no_double(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Rows and cursor are one: another shipper goes on where the database is, and nothing is there twice."""
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(number) for number in range(10)])
    await connection.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON decision FOR EACH ROW WHEN (NEW.sequence = 7) EXECUTE FUNCTION refuse()"
    )
    assert 0 == await shipped(connection, tmp_path)
    assert [] == await kinds(connection)
    await connection.execute("DROP TRIGGER refuse ON decision")
    assert 11 == await shipped(connection, tmp_path)
    spool.close()
    assert 1 == await shipped(connection, tmp_path)
    assert list(range(12)) == [sequence for sequence, _ in await kinds(connection)]


async def test_one_boot_that_cannot_be_shipped(
    connection: asyncpg.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Keeps no other one waiting, and is told once, not each time it is tried again."""
    spools = [Spool(tmp_path, OPEN) for _ in range(3)]
    for spool in spools:
        spool.append([answer(1)])
    first = min(spool.boot_id for spool in spools)
    await connection.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
        f"CREATE TRIGGER refuse BEFORE INSERT ON decision FOR EACH ROW WHEN (NEW.boot_id = '{first}') EXECUTE FUNCTION refuse()"
    )
    shipper, boots = Shipper(tmp_path, "", KEY), dict[str, Boot]()
    assert [4, 0, 0, 0] == [await shipper.once(connection, boots) for _ in range(4)]
    (record,) = caplog.records
    assert f"what boot {first} answered cannot be shipped: no; it stays on file" == record.message
    await connection.execute("DROP TRIGGER refuse ON decision")
    assert 2 == await shipped(connection, tmp_path)
    for spool in spools:
        spool.close()


async def test_a_boot_refused_for_days(tmp_path: Path) -> None:
    """Is tried again once a minute, however often it was."""
    shipper = Shipper(tmp_path, "", KEY)
    for _ in range(2000):
        shipper._refuse("a" * 16, OSError("no"))
    assert 59 < shipper._refused["a" * 16].again_at - monotonic() <= 60


async def test_a_month_that_was_given_up_meanwhile(connection: asyncpg.Connection, database_url: str, tmp_path: Path) -> None:
    """Its table is made anew for what comes late; the shipper that knew of the old one needs no restart."""
    late = answer(1).replace(b"2026-11-21T03:30", b"2026-03-21T03:30")
    shipper, boots = Shipper(tmp_path, "", KEY), dict[str, Boot]()
    spool = Spool(tmp_path, OPEN)
    spool.append([late])
    await shipper.once(connection, boots)
    assert [1] == [gone.rows async for gone in retain(connection, KEY, 6)]
    spool.append([late, answer(2)])
    assert 2 == sum([await shipper.once(connection, boots) for _ in range(2)])
    spool.close()
    assert 1 == await shipped(connection, tmp_path)
    assert (await verify(database_url, [KEY.public], processes=1)).is_sound


AHEAD = "UPDATE decision_boot SET sequence = sequence + 100"
FORGED = """
INSERT INTO decision SELECT boot_id, 2, logged_at, kind, site, 'E4', equipment, process, 'allow', purpose, key, at, revision,
    reasons, payload, '\\x00' FROM decision WHERE sequence = 1;
UPDATE decision_boot SET sequence = 2, hash = '\\x00'
"""


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (AHEAD, "row 2 of boot {}, which this host has on file, is missing"),
        (FORGED, "row 2 of boot {} is not what this host has on file"),
    ],
)
async def test_a_cursor_that_was_moved(
    connection: asyncpg.Connection,
    database_url: str,
    tmp_path: Path,
    statement: str,
    what: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing on file is taken away by the word of whoever owns the database; the next checkpoint says what they did."""
    keeper = Keeper("", Keeping(KEY, 300))
    shipper, boots = Shipper(tmp_path, "", KEY, keeper.contradict), dict[str, Boot]()
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(1)])
    await shipper.once(connection, boots)
    await keeper.once(connection, 0)
    await connection.execute(statement)
    spool.append([answer(2), answer(3)])
    with pytest.raises(OutOfStep):
        await shipper.once(connection, boots)
    boots.clear()
    spool.close()
    while await shipper.once(connection, boots):
        pass
    await shipper.once(connection, boots)
    expected = what.format(spool.boot_id)
    assert any(expected in record.message for record in caplog.records)
    kept = tmp_path / "quarantine" / spool.path.name
    assert [answer(2), answer(3)] == [entry.payload for entry in read_entries(kept)][2:]
    await keeper.once(connection, 300)
    found = (await verify(database_url, [KEY.public], processes=1)).faults.listed
    assert any(fault.kind == "contradicted" and expected in fault.text for fault in found)


async def test_answers_forged_ahead_of_a_process(
    connection: asyncpg.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Of a process that lives the database cannot have more than is on file; nothing is taken away that says otherwise."""
    found: list[str] = []
    shipper, boots = Shipper(tmp_path, "", KEY, found.append), dict[str, Boot]()
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(1)])
    await shipper.once(connection, boots)
    await connection.execute(FORGED)
    boots.clear()  # somebody ended the connection
    await shipper.once(connection, boots)
    spool.append([answer(2)])
    await shipper.once(connection, boots)
    spool.close()
    while await shipper.once(connection, boots):
        pass
    await shipper.once(connection, boots)
    assert [f"row 2 of boot {spool.boot_id} is there, and this host has answered up to 1 only"] == found
    kept = tmp_path / "quarantine" / spool.path.name
    assert answer(2) in [entry.payload for entry in read_entries(kept)]
    assert any(found[0] in record.message for record in caplog.records)


async def test_a_word_of_strangers_gives_nothing_up(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """What only a tombstone by another key gives up is set aside, and not taken away; it may be a key that was lost."""
    found: list[str] = []
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(1).replace(b"2026-11-21T03:30", b"2026-03-21T03:30")])
    await shipped(connection, tmp_path)
    assert [1] == [gone.rows async for gone in retain(connection, ANOTHER, 6)]
    spool.close()
    shipper, boots = Shipper(tmp_path, "", KEY, found.append), dict[str, Boot]()
    for _ in range(3):
        await shipper.once(connection, boots)
    assert [] == found
    assert [answer(1).replace(b"11-21T03:30", b"03-21T03:30")] == [
        entry.payload for entry in read_entries(tmp_path / "quarantine" / spool.path.name)
    ][1:]


async def test_what_was_lost_is_found_again(
    connection: asyncpg.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that comes back after its records were told as lost is set aside, and accuses nobody."""
    found: list[str] = []
    spool = Spool(tmp_path, OPEN, segment_bytes=1200)
    for number in range(12):
        spool.append([answer(number)])
    spool.close()
    lost = segments(tmp_path)[spool.boot_id][1].path
    content = lost.read_bytes()
    lost.unlink()
    await shipped(connection, tmp_path)
    lost.write_bytes(content)
    shipper, boots = Shipper(tmp_path, "", KEY, found.append), dict[str, Boot]()
    for _ in range(3):
        await shipper.once(connection, boots)
    assert ([], {}) == (found, segments(tmp_path))
    assert content == (tmp_path / "quarantine" / lost.name).read_bytes()
    assert "was told as lost, and is on file again" in caplog.text


async def test_a_file_that_cannot_be_read(
    connection: asyncpg.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Keeps nobody else's answers waiting."""
    segment_path(tmp_path, "a" * 16, 0).mkdir()
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(1)])
    shipper, boots = Shipper(tmp_path, "", KEY), dict[str, Boot]()
    assert [2, 0, 0] == [await shipper.once(connection, boots) for _ in range(3)]
    (record,) = caplog.records
    assert record.message.startswith(f"what boot {'a' * 16} answered cannot be shipped: [Errno 21] Is a directory")
    spool.close()


async def test_what_was_given_up_is_not_missed(
    connection: asyncpg.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A process that answers little has in its file what retention has taken out of the table."""
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(1).replace(b"2026-11-21T03:30", b"2026-03-21T03:30"), answer(2)])
    await shipped(connection, tmp_path)
    assert [1] == [gone.rows async for gone in retain(connection, KEY, 6)]
    spool.append([answer(3)])
    assert 1 == await shipped(connection, tmp_path)
    spool.close()
    await shipped(connection, tmp_path)
    assert ([], {}) == (caplog.records, segments(tmp_path))


async def test_what_is_not_in_the_table_stays_on_file(
    connection: asyncpg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file goes only when all of it is in the table, not when it has been read."""
    monkeypatch.setattr("qualsvc.shipping.boot.BATCH", 5)
    spool = Spool(tmp_path, OPEN, segment_bytes=1200)
    for number in range(30):
        spool.append([answer(number)])
    spool.close()
    await connection.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
        "CREATE TRIGGER refuse BEFORE INSERT ON decision FOR EACH ROW WHEN (NEW.sequence = 12) EXECUTE FUNCTION refuse()"
    )
    assert 10 == await shipped(connection, tmp_path)
    assert list(range(10)) == [sequence for sequence, _ in await kinds(connection)]
    await connection.execute("DROP TRIGGER refuse ON decision")
    assert 22 == await shipped(connection, tmp_path)
    assert [*["open"], *["answer"] * 30, "close"] == [kind for _, kind in await kinds(connection)]


async def test_a_month_begins_while_somebody_reads(connection: asyncpg.Connection, database_url: str, tmp_path: Path) -> None:
    """Who reads the whole log, for hours perhaps, does not keep answers of a month there was no table for from going in."""
    first, other = answer(1), answer(2).replace(b"2026-11-21T03:30", b"2031-02-03T03:30")
    spool = Spool(tmp_path, OPEN)
    spool.append([first])
    await shipped(connection, tmp_path)
    reader = await connect(database_url)
    async with reader.transaction(isolation="repeatable_read", readonly=True):
        assert 2 == await reader.fetchval("SELECT count(*) FROM decision")
        spool.append([other])
        async with asyncio.timeout(5):
            await shipped(connection, tmp_path)
        assert 2 == await reader.fetchval("SELECT count(*) FROM decision")
    await reader.close()
    assert 1 == await connection.fetchval("SELECT count(*) FROM decision_2031_02")
    index = "SELECT count(*) FROM pg_indexes WHERE tablename = $1"
    assert await connection.fetchval(index, "decision_2026_11") == await connection.fetchval(index, "decision_2031_02")
    spool.close()


async def test_a_connection_lost_while_rows_go_in(connection: asyncpg.Connection, database_url: str, tmp_path: Path) -> None:
    """The driver would wait for ever to write on; the shipper notices at once, begins anew, and nothing is lost or double."""
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(number, purpose="x" * 20_000) for number in range(500)])
    spool.close()
    other, shipping = await connect(database_url), await connect(database_url)
    await shipped(connection, tmp_path / "nothing")  # its months are made
    transaction = other.transaction()
    await transaction.start()
    # Who comes to the tenth row in the midst of all of them waits for us.
    await other.execute(
        "INSERT INTO decision (boot_id, sequence, logged_at, kind, payload, hash)"
        f" VALUES ('{spool.boot_id}', 10, '2026-11-21T03:30:00.000009Z', 'answer', '', '')"
    )
    under_way = asyncio.create_task(shipped(shipping, tmp_path))
    waits = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'"
    while not await connection.fetchval(waits, shipping.get_server_pid()):  # noqa: ASYNC110 -- nothing announces it
        await asyncio.sleep(0.01)
    await connection.execute("SELECT pg_terminate_backend($1)", shipping.get_server_pid())
    done, _ = await asyncio.wait([under_way], timeout=10)
    assert done, "still waiting for a database that is gone"
    assert isinstance(under_way.exception(), OSError | asyncpg.PostgresError | asyncpg.InterfaceError)
    await transaction.rollback()
    await other.close()
    assert 502 == await shipped(connection, tmp_path)
    assert [*["open"], *["answer"] * 500, "close"] == [kind for _, kind in await kinds(connection)]


async def test_a_boot_that_was_closed_behind_our_back_loses_nothing(
    connection: asyncpg.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever calls a living boot closed in the database does not make us take its files away; it is an alarm."""
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(1)])
    await shipped(connection, tmp_path)
    await connection.execute("UPDATE decision_boot SET closed = true")
    spool.append([answer(2)])
    assert 0 == await shipped(connection, tmp_path)
    spool.close()
    assert 0 == await shipped(connection, tmp_path)
    assert {f"boot {spool.boot_id} is closed in the database and has more records here: it was altered; they are kept"} == {
        record.message for record in caplog.records if record.levelname == "ERROR"
    }
    await connection.execute("UPDATE decision_boot SET closed = false")
    assert 2 == await shipped(connection, tmp_path)
    assert [(0, "open"), (1, "answer"), (2, "answer"), (3, "close")] == await kinds(connection)
    assert {} == segments(tmp_path)
    assert not life_path(tmp_path, spool.boot_id).exists()


async def test_a_head_that_was_altered_is_an_alarm(connection: asyncpg.Connection, tmp_path: Path) -> None:
    """Whoever ships finds the boot of another hash than it left it, or further back, and does not go on in silence."""
    spool = Spool(tmp_path, OPEN)
    spool.append([answer(1)])
    shipper, boots = Shipper(tmp_path, "", KEY), dict[str, Boot]()
    await shipper.once(connection, boots)
    for altered, said in (("hash = sequence::text::bytea", "is of another hash"), ("sequence = 0", "is at row 0")):
        await connection.execute(f"UPDATE decision_boot SET {altered}")
        spool.append([answer(2)])
        with pytest.raises(
            OutOfStep, match=f"boot {spool.boot_id} was shipped up to row 1, and {said}: the database was altered"
        ):
            await shipper.once(connection, boots)
        boots.clear()
        await connection.execute("UPDATE decision_boot SET sequence = 1, hash = (SELECT hash FROM decision WHERE sequence = 1)")
        boots[spool.boot_id] = Boot(tmp_path, spool.boot_id, await cursor_of(connection, spool.boot_id), KEY, Days(), set())
    spool.close()
