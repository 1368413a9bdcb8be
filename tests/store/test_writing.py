"""The one write function over a real PostgreSQL."""

import asyncio
import contextlib
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.records.kinds import KINDS
from qualsvc.store import feed, reading
from qualsvc.store.engine import connect
from qualsvc.store.errors import AdminRequired, RecordNotFound, StillReferenced, WriteRefused
from qualsvc.store.operations import Operation, Outcome
from qualsvc.store.writing import write
from tests.store.world import ADMIN, BLOCK, CLERK, RECORDS, delete, patch, plant, put

pytestmark = pytest.mark.anyio


async def refused(engine: AsyncEngine, *operations: Operation, actor: Any = CLERK) -> set[tuple[str, str]]:
    """What a write is refused for, as (pointer, code); and that nothing has changed by it."""
    before = await dump(engine)
    with pytest.raises(WriteRefused) as caught:
        await write(engine, actor, operations)
    assert await dump(engine) == before
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


async def dump(engine: AsyncEngine) -> list[Any]:
    return [await reading.page(engine, kind, 1000) for kind in KINDS.values()] + [await reading.head_revision(engine)]


@pytest.fixture
async def plant_engine(engine: AsyncEngine) -> AsyncEngine:
    await write(engine, CLERK, plant())
    return engine


async def changes_since(connection: Any, revision: int) -> list[feed.Change]:
    return [change async for rows in feed.change_pages(connection, revision) for change in feed.read_changes(rows)]


async def test_a_plant_is_written_in_any_order_and_read_back(engine: AsyncEngine) -> None:
    """Every kind comes back with all fields, whatever came first in the write."""
    written = await write(engine, CLERK, plant())
    assert written.revision == 1
    assert {step.outcome for step in written.steps} == {Outcome.CREATED}
    for step in written.steps:
        stored = await reading.get(engine, step.kind, step.code)
        assert stored == step.after
        assert list(stored) == [name for name in step.kind.fields if name not in step.kind.optional]


async def test_writing_the_same_again_makes_no_revision(plant_engine: AsyncEngine) -> None:
    """An unchanged write answers the current revision and leaves the log alone."""
    written = await write(plant_engine, CLERK, plant())
    assert written.revision == 1
    assert {step.outcome for step in written.steps} == {Outcome.UNCHANGED}


async def test_numbers_have_one_form(plant_engine: AsyncEngine) -> None:
    """60.0 and 60 are one value, in columns, maps and requirements."""
    written = await write(
        plant_engine,
        CLERK,
        [put("training_record", hours=40.0), put("equipment", ratings={"load_t": 3.5, "lift_m": 6.0})],
    )
    assert written.revision == 1


async def test_revisions_are_dense_under_many_writers(plant_engine: AsyncEngine) -> None:
    """Twenty writers at once get twenty revisions without a gap, in the order of the log."""
    done = await asyncio.gather(
        *(write(plant_engine, CLERK, [put("site", code=f"S{i}"), put("position", name=f"n{i}")]) for i in range(20))
    )
    assert sorted(written.revision for written in done) == list(range(2, 22))
    assert await reading.head_revision(plant_engine) == 21


async def test_the_log_tells_before_and_after(plant_engine: AsyncEngine, database_url: str) -> None:
    """A change is logged with both documents, a deletion with the last one."""
    await write(plant_engine, CLERK, [patch("site", "SH", name="New")], request_id="req-1")
    await write(plant_engine, CLERK, [delete("restriction", "X1")])
    connection = await connect(database_url)
    try:
        changed, deleted = await changes_since(connection, 1)
        actor = await connection.fetchrow("SELECT actor, request_id FROM revision WHERE revision = 2")
    finally:
        await connection.close()
    assert (changed.revision, changed.kind, changed.code) == (2, "site", "SH")
    assert (changed.before, changed.after) == (RECORDS["site"], RECORDS["site"] | {"name": "New"})
    assert deleted.after is None
    assert tuple(actor) == ("clerk", "req-1")


async def test_personal_fields_stay_out_of_the_log(plant_engine: AsyncEngine) -> None:
    """A change of a personal field is a change that names it and nothing more."""
    written = await write(plant_engine, CLERK, [patch("person", "E1001", phone="999-secret")])
    assert written.revision == 2
    await write(plant_engine, CLERK, [put("person", code="E2", badges=[]), delete("waiver", "W1")])
    await write(plant_engine, CLERK, [delete("person", "E2")])
    async with plant_engine.connect() as connection:
        log = (await connection.execute(text("SELECT c::text FROM change c"))).scalars().all()
        named = (await connection.execute(text("SELECT personal FROM change WHERE revision = 2"))).scalar_one()
        left = (await connection.execute(text("SELECT count(*) FROM person_personal"))).scalar_one()
    assert [row for row in log if "secret" in row] == []
    assert (named, left) == (["phone"], 1)


@pytest.mark.usefixtures("plant_engine")
async def test_the_feed_loads_what_was_written(database_url: str) -> None:
    """A load and the log's fold agree, record by record, both without personal fields."""
    connection = await connect(database_url)
    try:
        loaded = await feed.load(connection)
        changes = await changes_since(connection, 0)
        head = await feed.head(connection)
    finally:
        await connection.close()
    assert {(kind, code): document for kind, code, document in loaded.records} == {
        (change.kind, change.code): change.after for change in changes
    }
    assert (loaded.revision, loaded.ledger_id) == (head.revision, head.ledger_id)
    assert not any("name" in document for kind, _, document in loaded.records if kind == "person")


async def test_changes_come_in_pages(plant_engine: AsyncEngine, database_url: str) -> None:
    """However many changes there are they come in order, each once and a page at a time, up to the revision asked for."""
    codes = [f"S{number}" for number in range(feed.PAGE + 1)]
    await write(plant_engine, CLERK, [put("site", code=code) for code in codes])
    await write(plant_engine, CLERK, [put("site", code="LAST")])
    connection = await connect(database_url)
    try:
        pages = [list(feed.read_changes(rows)) async for rows in feed.change_pages(connection, 1)]
        earlier = [len(rows) async for rows in feed.change_pages(connection, 0, upto=1)]
        none = [rows async for rows in feed.change_pages(connection, 3)]
        async with contextlib.aclosing(feed.change_pages(connection, 1)) as left_early:
            await anext(left_early)
        again = await changes_since(connection, 2)
    finally:
        await connection.close()
    assert ([feed.PAGE, 2], [len(RECORDS)], [[]]) == ([len(page) for page in pages], earlier, none)
    assert [(2, code) for code in codes] + [(3, "LAST")] == [(one.revision, one.code) for page in pages for one in page]
    assert ["LAST"] == [one.code for one in again], "who leaves early leaves the connection free"


async def test_the_ends_of_time_come_back_as_they_were(plant_engine: AsyncEngine) -> None:
    """0001-01-01 and 9999-12-31 pass PostgreSQL's infinities unharmed."""
    ends = {"valid_from": "0001-01-01T00:00:00Z", "valid_until": "9999-12-31T23:59:59.999999Z"}
    days = {"valid_from": "0001-01-01", "valid_until": "9999-12-31"}
    await write(plant_engine, CLERK, [put("restriction", **ends), put("certificate", **days)])
    restriction = await reading.get(plant_engine, KINDS["restriction"], "X1")
    certificate = await reading.get(plant_engine, KINDS["certificate"], "C1")
    assert {field: restriction[field] for field in ends} == ends
    assert {field: certificate[field] for field in days} == days
    assert (await write(plant_engine, CLERK, [put("restriction", **ends), put("certificate", **days)])).revision == 2


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (put("equipment", site="NO"), {("/site", "unknown_reference")}),
        (put("certificate_type", equivalents=["N1", "NO"]), {("/equivalents/1", "unknown_reference")}),
        (
            put("rule", requirement={"any": [{"training": {"course": "NO"}}, {"certificate": {"type": "NO"}}]}),
            {("/requirement/any/0/training/course", "unknown_reference"),
             ("/requirement/any/1/certificate/type", "unknown_reference")},
        ),
        (put("equipment_class", parent="TRUCKS"), {("/parent", "tree_cycle")}),
        (put("person", code="E2"), {("/badges/0", "badge_taken"), ("/badges/1", "badge_taken")}),
        (
            put("rule", requirement={"certificate": {"type": "N1", "min_level": "top"}}),
            {("/requirement/certificate/min_level", "unknown_level")},
        ),
        (put("certificate_type", levels=["high"]), {("/levels", "unknown_level")}),
        (put("certificate_type", category="statutory"), {("/category", "statutory_rule")}),
        (patch("rule", "R1", requirement=None), {("/requirement", "missing")}),
        (patch("rule", "R1", nmae=None), {("/nmae", "unknown_field")}),
        (patch("rule", "R1", code="R2"), {("/code", "code_mismatch")}),
        (patch("rule", "R1", effective_until="2026-01-01T07:59:59+08:00"), {("/effective_until", "end_before_start")}),
    ],
)  # fmt: skip
async def test_what_must_hold_is_checked(
    plant_engine: AsyncEngine, operation: Operation, expected: set[tuple[str, str]]
) -> None:
    """A write that breaks what must hold is refused, naming the field, and changes nothing."""
    assert await refused(plant_engine, operation) == expected


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("site", "SH"),
        ("certificate_type", "N1"),
        ("course", "SAFETY"),
        ("person", "E1001"),
        ("rule", "R1"),
        ("position", "DRIVER"),
    ],
)
async def test_what_is_referred_to_stays(plant_engine: AsyncEngine, kind: str, code: str) -> None:
    """A record something refers to is not deleted, and the refusal says what does."""
    with pytest.raises(StillReferenced, match="still referred to by"):
        await write(plant_engine, CLERK, [delete(kind, code)])


async def test_a_whole_plant_can_be_deleted_at_once(plant_engine: AsyncEngine) -> None:
    """References among what is deleted together are no obstacle, whatever the order."""
    await write(plant_engine, CLERK, [delete(step.kind.name, step.code) for step in plant()])
    assert [page for page in await dump(plant_engine) if page not in ([], 2)] == []


async def test_deleting_nothing_is_said(engine: AsyncEngine) -> None:
    """One deletion of nothing is not found; on a line of a bulk it is a fault of that line."""
    with pytest.raises(RecordNotFound):
        await write(engine, CLERK, [delete("site", "NO")])
    assert await refused(engine, delete("site", "NO", line=3)) == {("/code", "record_not_found")}


async def test_trees_are_checked_across_lines(plant_engine: AsyncEngine) -> None:
    """A cycle that no line has alone is found, and turning a tree round in one write is not one."""
    assert await refused(plant_engine, put("process", code="A", parent="B"), put("process", code="B", parent="A")) == {
        ("/parent", "tree_cycle")
    }
    await write(plant_engine, CLERK, [put("process", code="A"), put("process", code="B", parent="A")])
    await write(plant_engine, CLERK, [put("process", code="A", parent="B"), put("process", code="B")])


async def test_badges_can_be_swapped_in_one_write(plant_engine: AsyncEngine) -> None:
    """Two persons swap badges; a badge of a deleted person is free."""
    await write(plant_engine, CLERK, [put("person", code="E2", badges=["B3"])])
    await write(plant_engine, CLERK, [put("person", badges=["B3"]), put("person", code="E2", badges=["B1", "B2"])])
    await write(plant_engine, CLERK, [delete("person", "E2"), put("person", code="E3", badges=["B2"])])
    assert (await reading.get(plant_engine, KINDS["person"], "E3"))["badges"] == ["B2"]


async def test_statutory_rules_are_checked_from_both_sides_at_once(plant_engine: AsyncEngine) -> None:
    """Hardening the rule and making its type statutory may happen in one write, softening may not."""
    harden = put("rule", waivable=False)
    await write(plant_engine, CLERK, [delete("waiver", "W1")])
    await write(plant_engine, CLERK, [put("certificate_type", category="statutory"), harden])
    softened = put("rule", enforcement="confirm", waivable=True, supervised_requirement={"training": {"course": "SAFETY"}})
    assert await refused(plant_engine, softened) == {
        ("/enforcement", "statutory_rule"), ("/waivable", "statutory_rule"), ("/supervised_requirement", "statutory_rule")
    }  # fmt: skip
    await write(plant_engine, CLERK, [put("certificate_type"), softened])


async def test_waivers_need_a_rule_that_can_be_waived(plant_engine: AsyncEngine) -> None:
    """A rule that is not waivable takes no waiver, but an old one can still be ended."""
    await write(plant_engine, CLERK, [put("rule", waivable=False)])
    assert await refused(plant_engine, put("waiver", code="W2")) == {("/rule", "rule_not_waivable")}
    assert await refused(plant_engine, patch("waiver", "W1", reason="more")) == {("/rule", "rule_not_waivable")}
    await write(plant_engine, CLERK, [patch("waiver", "W1", status="revoked")])


async def test_who_asked_for_a_waiver_is_kept(plant_engine: AsyncEngine) -> None:
    """The first caller has requested it; others replacing it do not take that over."""
    await write(plant_engine, ADMIN, [put("waiver", reason="else")])
    assert (await reading.get(plant_engine, KINDS["waiver"], "W1"))["requested_by"] == "clerk"


async def test_only_admins_write_approvals(plant_engine: AsyncEngine) -> None:
    """Without `admin` nobody writes an approved waiver, nor who asked or approved."""
    for fields in ({"status": "approved"}, {"requested_by": "boss"}, {"approved_by": "boss"}):
        with pytest.raises(AdminRequired):
            await write(plant_engine, CLERK, [put("waiver", **fields)])
    approved = put("waiver", status="approved", requested_by="a", approved_by="b")
    await write(plant_engine, ADMIN, [approved])
    assert (await write(plant_engine, CLERK, [approved])).revision == 2
    with pytest.raises(AdminRequired):
        await write(plant_engine, CLERK, [patch("waiver", "W1", reason="other")])
    await write(plant_engine, CLERK, [patch("waiver", "W1", status="revoked")])
    assert (await reading.get(plant_engine, KINDS["waiver"], "W1"))["approved_by"] == "b"


async def test_admins_do_not_approve_for_themselves(plant_engine: AsyncEngine) -> None:
    """Even an admin's approved waiver names two different ones, and not the beneficiary."""
    assert await refused(plant_engine, put("waiver", code="W2", status="approved", approved_by="root"), actor=ADMIN) == {
        ("/approved_by", "approved_by_requester")
    }
    assert await refused(plant_engine, patch("waiver", "W1", status="approved", approved_by="E1001"), actor=ADMIN) == {
        ("/approved_by", "approved_by_beneficiary")
    }


async def test_merging_follows_rfc_7396(plant_engine: AsyncEngine) -> None:
    """Null removes, objects merge, anything else replaces; an empty patch changes nothing."""
    written = await write(plant_engine, CLERK, [patch("equipment", "FORK-07", ratings={"load_t": None, "x": 1}, name="N")])
    assert written.steps[0].after is not None
    assert (written.steps[0].after["ratings"], written.steps[0].after["name"]) == ({"lift_m": 6, "x": 1}, "N")
    assert (await write(plant_engine, CLERK, [patch("equipment", "FORK-07")])).revision == written.revision


async def test_statements_do_not_grow_with_the_records(plant_engine: AsyncEngine) -> None:
    """A list takes one statement; two hundred records of one kind take as many as three do."""
    counted: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        counted.append(statement)

    event.listen(plant_engine.sync_engine, "before_cursor_execute", count)
    lengths = []
    for number in (3, 200):
        counted.clear()
        await write(
            plant_engine, CLERK, [put("person", code=f"P{number}-{i}", badges=[f"{number}-{i}"]) for i in range(number)]
        )
        lengths.append(len(counted))
    counted.clear()
    assert len(await reading.page(plant_engine, KINDS["person"], 200)) == 200
    assert (lengths[0], len(counted)) == (lengths[1], 1)


async def test_a_write_tells_the_followers(plant_engine: AsyncEngine, database_url: str) -> None:
    """A commit notifies with its revision."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    connection = await connect(database_url)
    try:
        await connection.add_listener(feed.CHANNEL, lambda *notice: heard.put_nowait(notice[3]))
        await write(plant_engine, CLERK, [put("rule", name="other", **BLOCK)])
        assert await asyncio.wait_for(heard.get(), 5) == "2"
    finally:
        await connection.close()
