"""Whatever is planted to make verifying stumble is told as a fault, and does not keep it from telling the rest."""

import json

import pytest

from qualsvc.audit.signing import canonical
from qualsvc.audit.walk import Walk
from tests.audit.log import END, KEY, Log
from tests.audit.test_tampering import COPIED, OF_BOOT, edited

pytestmark = pytest.mark.anyio

DEEP = "repeat('[', 100000)"


async def planted(log: Log, sequence: int, **columns: str) -> None:
    """A copy of row 5 under another number, with some columns otherwise."""
    copied = ", ".join(columns.get(name, name) for name in COPIED.split(", "))
    await log.execute(
        f"INSERT INTO decision SELECT boot_id, $2::bigint, {copied} FROM decision {OF_BOOT} AND sequence = 5",
        log.boot,
        sequence,
    )


async def also_edited(log: Log) -> list[str]:
    """The faults, one of them that of a row edited elsewhere; without that one, and without a place that follows from it."""
    await log.execute(f"UPDATE decision SET purpose = 'x' {OF_BOOT} AND sequence = 3", log.boot)
    faults = await log.faults()
    assert edited(3) in faults
    return [fault for fault in faults if fault != edited(3)]


@pytest.mark.parametrize("sequence", [2**63 - 1, 2**63 - 2, 2**63 - 100_000, 2**63 - 99_999])
async def test_the_greatest_numbers(log: Log, sequence: int) -> None:
    """A row under a number that nothing can be added to."""
    await planted(log, sequence)
    (fault,) = await also_edited(log)
    assert fault.startswith(f"boot A: row {sequence} was inserted")


async def test_the_greatest_number_in_a_record(log: Log) -> None:
    """A boot's record that says so."""
    await log.execute(f"UPDATE decision_boot SET sequence = $2 {OF_BOOT}", log.living, 2**63 - 1)
    assert f"boot B: rows 11 to {2**63 - 1} are missing" in await also_edited(log)


async def test_the_greatest_numbers_in_record_and_rows(log: Log) -> None:
    """And one whose rows go up to there, too."""
    await planted(log, 2**63 - 1)
    await log.execute(f"UPDATE decision_boot SET sequence = $2 {OF_BOOT}", log.boot, 2**63 - 1)
    faults = await also_edited(log)
    assert f"boot A: rows {END + 1} to {2**63 - 2} are missing" in [fault.partition(";")[0] for fault in faults]


@pytest.mark.parametrize("time", ["infinity", "-infinity", "4000-01-01 00:00:00+00 BC", "20000-01-01 00:00:00+00"])
async def test_times_that_no_clock_shows(log: Log, time: str) -> None:
    """Before our years, after them, and never."""
    await log.execute("CREATE TABLE decision_before PARTITION OF decision FOR VALUES FROM (MINVALUE) TO ('1900-01-01Z')")
    await log.execute("CREATE TABLE decision_after PARTITION OF decision FOR VALUES FROM ('9999-01-01Z') TO (MAXVALUE)")
    await planted(log, END + 1, logged_at=f"'{time}'")
    out, inserted = await also_edited(log)
    assert f"boot A: row {END + 1} was given a time that no clock shows: {time}" == out
    assert inserted.startswith(f"boot A: row {END + 1} was inserted")


@pytest.mark.parametrize(
    "payload",
    [DEEP, "'[]'", '\'{"gap": {"from": -99999999999999999999999999}}\'', '\'{"gap": {"from": 1e400}}\'', "repeat('9', 9999)"],
)
async def test_a_gap_that_tells_nothing_readable(log: Log, payload: str) -> None:
    """It is a row as any other, and no part of the chain."""
    await planted(log, END + 1, kind="'gap'", payload=payload)
    (fault,) = await also_edited(log)
    assert fault.startswith(f"boot A: row {END + 1} was inserted")


@pytest.mark.parametrize(
    "change", ["at = 'infinity'", "at = '-infinity'", "at = '4000-01-01 BC'", f"body = {DEEP}", "n = 2::bigint^62"]
)
async def test_a_statement(log: Log, change: str) -> None:
    """A checkpoint or a tombstone with it is not believed."""
    made = await log.checkpoint()
    await log.execute("INSERT INTO tombstone SELECT * FROM checkpoint")
    for kind in ("checkpoint", "tombstone"):
        await log.execute(f"UPDATE {kind} SET {change}")
    faults = await also_edited(log)
    n = 2**62 if change.startswith("n ") else 1
    for kind in ("checkpoint", "tombstone"):
        assert any(fault.startswith(f"{kind} {n} was edited: ") for fault in faults)
    assert f"checkpoint 1 of {made.at} is not here as the witness was told of it" in await log.faults(made) or n > 1


@pytest.mark.parametrize(
    "head",
    ["x", None, [], [1, 2, "00"], ["a\x00", 1, "00"], ["\ud800", 1, "00"], ["a", 2**63, "00"], ["a", float("inf"), "00"]],
)
async def test_a_head_that_no_boot_has(log: Log, head: object) -> None:
    """The key in hand, a checkpoint can say anything."""
    made = await log.checkpoint()
    said = json.loads(made.body)
    body = canonical(said | {"heads": [*said["heads"], head]})
    await log.execute("UPDATE checkpoint SET body = $1, signature = $2", body, KEY.sign(body))
    assert [f"checkpoint 1 of {made.at} says nothing readable of a boot"] == await also_edited(log)


@pytest.mark.parametrize("link", [{"n": []}, {"n": "1", "link": "00"}, {"n": 1.5}])
async def test_a_link_that_no_log_has(log: Log, link: object) -> None:
    """Nor need it name a link by a number."""
    made = await log.checkpoint()
    body = canonical(json.loads(made.body) | {"link": link})
    await log.execute("UPDATE checkpoint SET body = $1, signature = $2", body, KEY.sign(body))
    assert [f"checkpoint 1 of {made.at} says nothing readable of a link"] == await also_edited(log)


async def test_a_statement_at_which_nobody_foresaw_what_happens(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not believed, and named."""
    await log.checkpoint()

    def stumbles(*_: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("qualsvc.audit.trust.is_signed", stumbles)
    assert ["checkpoint 1 cannot be read: RecursionError: too deep"] == await also_edited(log)


@pytest.mark.parametrize("runs", [[["a", 0, 2**63, "00", "00"]], [["a", -1, 2, "00", "00"]], [1], "x", [["a", 0, "y", "", ""]]])
async def test_a_tombstone_of_no_rows(log: Log, runs: object) -> None:
    """So can a tombstone."""
    at = "2026-11-21T00:00:00Z"
    body = canonical({"kind": "tombstone", "n": 1, "at": at, "previous": None, "month": "2026-03", "rows": 1, "runs": runs})
    insert = "INSERT INTO tombstone (n, at, body, key, signature) VALUES (1, $1::text::timestamptz, $2, $3, $4)"
    await log.execute(insert, at, body, KEY.public, KEY.sign(body))
    (fault,) = await also_edited(log)
    assert fault.startswith("tombstone 1 does not say which rows were given up: ")


async def test_a_tombstone_of_a_month_that_was_not_over(log: Log) -> None:
    """No service gives up the month that runs: whoever signed this lied of the month."""
    at = "2026-11-21T00:00:00Z"
    body = canonical({"kind": "tombstone", "n": 1, "at": at, "previous": None, "month": "2026-11", "rows": 0, "runs": []})
    insert = "INSERT INTO tombstone (n, at, body, key, signature) VALUES (1, $1::text::timestamptz, $2, $3, $4)"
    await log.execute(insert, at, body, KEY.public, KEY.sign(body))
    said = "tombstone 1 does not say which rows were given up: a month was given up before it was over"
    assert [said] == await log.faults()


async def test_an_incident_that_cannot_be_read(log: Log) -> None:
    """Where the database itself refuses to show it, it is a fault of the incident, and the rest is told."""
    made = await log.checkpoint()
    said = json.loads(made.body)
    body = canonical(said | {"incidents": {"upto": 1, "frozen": [["a\x00", "00"], ["INC-1", "00"]], "concluded": []}})
    await log.execute("UPDATE checkpoint SET body = $1, signature = $2", body, KEY.sign(body))
    unreadable, missing = await also_edited(log)
    assert unreadable.startswith("incident a\x00, which checkpoint 1 of ")
    assert " cannot be read: " in unreadable
    assert missing.startswith("incident INC-1 is missing; ")


@pytest.mark.parametrize("where", ["qualsvc.audit.walk.Walk._look", "qualsvc.audit.rows.diagnosed"])
async def test_what_nobody_foresaw(log: Log, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception of any sort is a fault that names boot and row, and the other boots are told all the same."""
    await log.execute("UPDATE decision_boot SET hash = '\\x00' WHERE boot_id = $1", log.living)
    await log.execute(f"UPDATE decision SET purpose = 'x' {OF_BOOT} AND sequence = 3", log.boot)

    def stumbles(*_: object) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(where, stumbles)
    why = " cannot be read: RecursionError: too deep"
    named = {fault.removesuffix(why) for fault in await log.faults() if fault.endswith(why)}
    of = {"boot A, of which row 31 is the last one there", "boot B, of which row 10 is the last one there"}
    assert named == ({"boot A: after row 2 it"} if where.endswith("_look") else of)


async def test_a_walk_ends_where_it_cannot_go_on() -> None:
    """The rest of what the database sends is taken, and not looked at."""
    walk = Walk("b", -1, b"", {})
    await walk.pass_over(b"b\tnine\n")
    await walk.pass_over(b"b\tten\n")
    assert (walk.walked.unreadable or "").startswith("after row -1 it cannot be read: ")
