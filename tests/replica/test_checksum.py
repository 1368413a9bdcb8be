"""The checksum: what is held is what the database has, at every revision, or nothing is answered."""

import json
from hashlib import sha256

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualsvc.records import checksum
from qualsvc.records.kinds import KINDS
from qualsvc.store import feed, migrate
from qualsvc.store.engine import connect, make_engine
from qualsvc.store.reckoning import accept, altered, reckon
from tests.serving import PLANT, QUESTION, Running, changed, eventually, load

DOCUMENTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(-5, 5) | st.text(max_size=3), min_size=1)
RECORDS = st.lists(st.tuples(st.sampled_from(("site", "person")), DOCUMENTS), unique_by=json.dumps)


def of(records: list[tuple[str, dict[str, object]]]) -> int:
    total = checksum.EMPTY
    for kind, document in records:
        total = checksum.changed(total, kind, None, document)
    return total


@given(RECORDS, st.randoms())
def test_order_does_not_matter(records: list[tuple[str, dict[str, object]]], random: object) -> None:
    """The same records sum up to the same, in whatever order they come and their fields stand."""
    turned = [(kind, dict(reversed(document.items()))) for kind, document in records]
    random.shuffle(turned)  # type: ignore[attr-defined]
    assert of(records) == of(turned)


@given(RECORDS, DOCUMENTS, DOCUMENTS)
def test_a_change_is_the_difference(
    records: list[tuple[str, dict[str, object]]], before: dict[str, object], after: dict[str, object]
) -> None:
    """Changing a record leads to the sum of what is there then, and to no other unless nothing changed."""
    moved = checksum.changed(of([*records, ("course", before)]), "course", before, after)
    assert of([*records, ("course", after)]) == moved
    assert (before == after) == (moved == of([*records, ("course", before)]))


def test_kind_is_part_of_it() -> None:
    """The same fields are another record of another kind."""
    assert of([("site", {"code": "A"})]) != of([("company", {"code": "A"})])


def test_written_and_read() -> None:
    """In the database it is the form and 32 hexadecimal digits; of another form nothing is known, and of revision 0 all."""
    total = of([("site", {"code": "A"})])
    assert (34, total) == (len(checksum.written(total)), checksum.read(1, checksum.written(total)))
    assert "1:" + "0" * 32 == checksum.written(checksum.EMPTY)
    assert (None, None, 0) == (checksum.read(1, None), checksum.read(1, f"2:{total:032x}"), checksum.read(0, None))


def test_the_form_is_counted_up_with_the_documents() -> None:
    """What documents of replicated kinds say belongs to the form: who changes it counts FORM up, with the new digest here."""
    said = {name: list(kind.fields) for name, kind in KINDS.items() if kind.replicated}
    assert (1, "a39391c79a4c") == (checksum.FORM, sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12])


async def reloads(plant: Running) -> dict[str, float]:
    """Times that all was loaded anew, by why, as the metrics say."""
    lines = (await plant.client.get("/metrics")).text.splitlines()
    told = (line.split('"')[1::2] + line.split()[-1:] for line in lines if line.startswith("qualsvc_reloads_total{"))
    return {why: float(number) for why, number in told if float(number)}


@pytest.mark.anyio
async def test_writer_follower_and_tables_agree(plant: Running, database: asyncpg.Connection) -> None:
    """Whatever is written: the writer's running sum, that of who follows, and that of the tables are one."""
    person, certificate, rule = (
        {name: value for name, value in changed(code).items() if name not in ("kind", "code")} for code in ("E1", "C1", "R1")
    )
    odd = {"limits": {"t": 2.50, "m": 1e14}, "attributes": {"z": 0.1, "a": "叉", "b": True}, "scopes": ["b", "a"]}
    for path, body in (
        ("persons/E1", person | {"name": "Renamed", "badges": ["B-9", "B-1"]}),
        ("persons/E4", person | {"name": "New", "badges": [], "employed_from": "2026-01-01", "phone": "1"}),
        ("certificates/C1", certificate | odd),
        ("certificate-types/N2", {"name": "N2", "category": "internal", "levels": ["a", "b"], "equivalents": ["N1"]}),
        ("rules/R1", rule | {"risk": "low"}),
    ):
        written = await plant.client.put(f"/v1/{path}", json=body)
        assert written.status_code in (200, 201), written.text
    assert 204 == (await plant.client.delete("/v1/persons/E3")).status_code
    held = plant.service.replica.fresh()
    head, loaded = await feed.head(database), await feed.load(database)
    total = of([(kind, document) for kind, _, document in loaded.records])
    assert (held.snapshot.revision, held.checksum, held.altered_by) == (head.revision, head.checksum, 0)
    assert total == head.checksum
    assert {} == await reloads(plant)


@pytest.mark.anyio
async def test_a_lost_change_is_noticed(plant: Running) -> None:
    """A follower that got a change wrong drops what it holds before anybody is answered, and loads it anew."""
    replica = plant.service.replica
    held = replica.fresh()
    held.checksum += 1  # as it would be had one change come twice, or not at all
    await load(plant.engine, [changed("C1", status="revoked")])
    await eventually(lambda: replica.held is not held and replica.is_fresh())
    assert "deny" == (await plant.ask(**QUESTION)).json()["decision"]
    assert ({"checksum": 1.0}, False) == (await reloads(plant), replica.is_altered)


@pytest.mark.anyio
async def test_tables_written_past_the_service(plant: Running, database: asyncpg.Connection) -> None:
    """Answers go by the tables, as they were loaded, and it is told as long as they are not what was written here."""
    replica = plant.service.replica
    held = replica.fresh()
    await database.execute("UPDATE certificate SET status = 'revoked' WHERE code = 'C1'")
    held.checksum += 1  # any reason to load anew
    await eventually(lambda: replica.held is not held and replica.is_fresh())
    assert "deny" == (await plant.ask(**QUESTION)).json()["decision"]
    assert ["tables_altered"] == (await plant.client.get("/readyz")).json()["warnings"]
    assert "qualsvc_tables_altered 1.0" in (await plant.client.get("/metrics")).text
    (told,) = (await plant.client.get("/v1/replicas")).json()["items"]
    assert told["agrees"] is False
    again = replica.held
    await plant.client.patch("/v1/certificates/C2", json={"status": "revoked"})
    assert again is replica.held, "what was told once is no reason to load at every write"


@pytest.mark.anyio
async def test_tables_taken_as_they_are(plant: Running, database: asyncpg.Connection) -> None:
    """What was written past the service is named, and can be taken into the history: all follow it like any other write."""
    replica = plant.service.replica
    assert [] == await altered(database)
    await database.execute("UPDATE certificate SET status = 'revoked' WHERE code = 'C1'")
    await database.execute("DELETE FROM assignment WHERE code = 'A2'")
    await database.execute("INSERT INTO course (code, name) VALUES ('K', 'K')")
    named = [("assignment", "A2"), ("certificate", "C1"), ("course", "K")]
    assert named == await altered(database)
    held, before = replica.held, replica.revision
    assert (named, before + 1) == await accept(database)
    await eventually(lambda: replica.revision == before + 1)
    assert ("deny", False) == ((await plant.ask(**QUESTION)).json()["decision"], replica.is_altered)
    assert (held, {}) == (replica.held, await reloads(plant)), "who held what the log said has nothing to load"
    (*_, last) = (await plant.client.get("/v1/certificates/C1/history")).json()["items"]
    told = (last["revision"], last["before"]["status"], last["after"]["status"], last["key"])
    assert (before + 1, "valid", "revoked", "command line") == told
    assert ([], before + 1) == await accept(database)


@pytest.mark.anyio
async def test_accepted_after_it_was_loaded(
    plant: Running, database: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who answers by the altered tables already goes on as before, and finds at the next look that nothing is altered."""
    monkeypatch.setattr("qualsvc.replica.follower.ALTERED_S", 0.2)
    replica = plant.service.replica
    await database.execute("UPDATE certificate SET status = 'revoked' WHERE code = 'C1'")
    replica.fresh().checksum += 1  # any reason to load anew
    await eventually(lambda: replica.is_altered and replica.is_fresh())
    _, revision = await accept(database)
    await eventually(lambda: replica.revision == revision and replica.is_fresh() and not replica.is_altered)
    assert "deny" == (await plant.ask(**QUESTION)).json()["decision"]
    assert {"checksum", "altered"} == set(await reloads(plant))


@pytest.mark.anyio
async def test_undone_by_sql(plant: Running, database: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done by SQL can be undone by SQL: as long as tables are altered, they are looked at again and again."""
    monkeypatch.setattr("qualsvc.replica.follower.ALTERED_S", 0.2)
    replica = plant.service.replica
    await database.execute("UPDATE certificate SET status = 'revoked' WHERE code = 'C1'")
    replica.fresh().checksum += 1
    await eventually(lambda: replica.is_altered and replica.is_fresh())
    await database.execute("UPDATE certificate SET status = 'valid' WHERE code = 'C1'")
    await eventually(lambda: replica.is_fresh() and not replica.is_altered)
    assert "allow" == (await plant.ask(**QUESTION)).json()["decision"]


@pytest.mark.anyio
async def test_a_ledger_without_one(empty_database_url: str) -> None:
    """What an older version wrote is reckoned at the next start; until then nothing is compared, and writes go on."""
    await migrate.upgrade(empty_database_url)
    connection = await connect(empty_database_url)
    engine = make_engine(empty_database_url)
    try:
        await load(engine, PLANT)
        expected = (await feed.head(connection)).checksum
        await connection.execute("UPDATE revision SET checksum = NULL")
        assert (await feed.head(connection)).checksum is None
        await load(engine, [changed("C1", status="revoked")])
        assert (await feed.head(connection)).checksum is None
        await load(engine, [changed("C1")])
        assert await reckon(connection)
        assert expected == (await feed.head(connection)).checksum
        assert not await reckon(connection)
    finally:
        await engine.dispose()
        await connection.close()
