"""Following the change log: what was written is answered from, by whomever and however word of it came."""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from qualsvc.access import issuing
from qualsvc.replica.follower import LARGE, POLL_S
from qualsvc.store import feed
from qualsvc.store.feed import PAGE
from tests.serving import PATIENCE_S, PLANT, QUESTION, Running, changed, eventually, load, running

pytestmark = pytest.mark.anyio


async def decision(plant: Running, **question: Any) -> str:
    answer: str = (await plant.ask(**QUESTION | question)).json()["decision"]
    return answer


async def test_own_write_is_answered_from_at_once(plant: Running) -> None:
    """Once a write here is acknowledged, the next answer here is by it: 200 times, revoking and restoring in turn."""
    found, revisions = [], []
    for turn in range(200):
        certificate = {name: value for name, value in changed("C1").items() if name not in ("kind", "code")}
        status = "valid" if turn % 2 else "revoked"
        written = await plant.client.put("/v1/certificates/C1", json=certificate | {"status": status})
        answer = (await plant.ask(**QUESTION)).json()
        found.append(answer["decision"])
        revisions.append((int(written.headers["revision"]), answer["revision"]))
    assert ["deny", "allow"] * 100 == found
    assert [(written, written) for written, _ in revisions] == revisions


async def test_bulk_and_delete_are_answered_from_at_once(plant: Running) -> None:
    """So it is with a bulk request and with a deletion."""
    assert 204 == (await plant.client.delete("/v1/assignments/A1")).status_code
    assert "deny" == await decision(plant)
    line = json.dumps(changed("A1")).encode()
    headers = {"Content-Type": "application/x-ndjson"}
    assert 200 == (await plant.client.post("/v1/bulk", content=line, headers=headers)).status_code
    assert "allow" == await decision(plant)


async def test_two_services(plant: Running, database_url: str, tmp_path: Path) -> None:
    """What one process was told, another answers from as soon as it is asked for that revision."""
    async with running(database_url, tmp_path / "other", plant=()) as other:
        for status, expected in (("revoked", "deny"), ("valid", "allow")):
            written = await plant.client.patch("/v1/certificates/C1", json={"status": status})
            revision = int(written.headers["revision"])
            assert await other.service.replica.reached(revision, PATIENCE_S)
            assert expected == await decision(other, min_revision=revision)


async def test_word_by_notify(plant: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change by another writer arrives by NOTIFY, without waiting for the next poll."""
    monkeypatch.setattr("qualsvc.replica.follower.POLL_S", 10 * PATIENCE_S)
    await eventually(lambda: plant.service.replica.lease.age() > POLL_S)  # the last short poll is over
    before = plant.service.replica.revision
    revision = await load(plant.engine, [changed("C1", status="revoked")])
    await eventually(lambda: plant.service.replica.revision == revision)
    assert (before + 1, "deny") == (revision, await decision(plant))


async def test_word_by_polling(plant: Running, database: asyncpg.Connection) -> None:
    """Where nobody is notified, the change is found by polling."""
    replica = plant.service.replica
    # The change as a write makes it, but for the notice at its end.
    revision = await _without_notice(database, "certificate", "C1", status="revoked")
    await eventually(lambda: replica.revision == revision)
    assert "deny" == await decision(plant)


async def test_lost_connection(plant: Running, database: asyncpg.Connection) -> None:
    """A replica whose connection is cut comes back by itself, and keeps what it held meanwhile."""
    held = plant.service.replica.held
    assert await _cut(database)
    revision = await load(plant.engine, [changed("C1", status="revoked")])
    await eventually(lambda: plant.service.replica.revision == revision)
    assert "deny" == await decision(plant)
    assert held is plant.service.replica.held


async def test_large_change(plant: Running) -> None:
    """Very many changes are applied aside: asks go on meanwhile, and each answer belongs to exactly one revision."""
    replica = plant.service.replica
    before, held = replica.revision, replica.held
    persons = [changed("E3") | {"code": f"P{number}"} for number in range(PAGE + LARGE)]
    loading = asyncio.create_task(load(plant.engine, [changed("C1", status="revoked"), *persons]))
    answers = []
    async with asyncio.timeout(PATIENCE_S):
        while replica.revision == before:
            answers.append((await plant.ask(**QUESTION)).json())
            await asyncio.sleep(0)
    revision = await loading
    answers.append((await plant.ask(**QUESTION)).json())
    assert {(before, "allow"), (revision, "deny")} == {(answer["revision"], answer["decision"]) for answer in answers}
    assert held is not replica.held
    assert (revision, "deny") == (replica.revision, await decision(plant, person=f"P{PAGE + LARGE - 1}"))


async def test_many_revisions_at_once(plant: Running, database: asyncpg.Connection) -> None:
    """Revisions that came while nobody listened are applied in order, the last one winning."""
    async with database.transaction():
        await database.execute("LOCK TABLE head IN ACCESS EXCLUSIVE MODE")
    for status in ("revoked", "valid", "suspended"):
        revision = await load(plant.engine, [changed("C1", status=status)])
    answer = (await plant.ask(**QUESTION, min_revision=revision)).json()
    assert ["certificate_suspended"] == [reason["code"] for reason in answer["reasons"]]


async def test_gap(plant: Running, database: asyncpg.Connection) -> None:
    """Where the log has a gap, everything is loaded anew."""
    held = plant.service.replica.held
    async with database.transaction():
        await database.execute("UPDATE certificate SET status = 'revoked' WHERE code = 'C1'")
        await database.execute("UPDATE head SET revision = revision + 1")
    await eventually(lambda: plant.service.replica.held is not held)
    assert "deny" == await decision(plant)


async def test_another_ledger(plant: Running, database: asyncpg.Connection) -> None:
    """A database put in the place of another is loaded anew, though its revision be the same."""
    replica = plant.service.replica
    held, revision = replica.held, replica.revision
    async with database.transaction():
        await database.execute("UPDATE certificate SET status = 'revoked' WHERE code = 'C1'")
        await database.execute("UPDATE head SET ledger_id = gen_random_uuid()")
    await eventually(lambda: replica.held is not held and replica.is_fresh())
    assert (revision, "deny") == (replica.revision, await decision(plant))


async def test_restored_from_before_an_own_write(plant: Running, database: asyncpg.Connection) -> None:
    """A database restored from before a write made here is answered from again, and does not wait for what is lost."""
    replica = plant.service.replica
    written = await plant.client.patch("/v1/certificates/C1", json={"status": "revoked"})
    revision = int(written.headers["revision"])
    await _restore(database, revision)
    await eventually(lambda: replica.revision == revision - 1 and replica.is_fresh())
    assert "allow" == await decision(plant)


async def test_numbered_anew(plant: Running, database: asyncpg.Connection) -> None:
    """A database that lost a revision and made another of the same number is told from the one that was followed."""
    replica = plant.service.replica
    await load(plant.engine, [changed("C1", status="revoked")])
    lost = replica.revision if await decision(plant) == "deny" else replica.revision + 1
    await eventually(lambda: replica.revision == lost)
    async with database.transaction():
        await database.execute("LOCK TABLE head IN ACCESS EXCLUSIVE MODE")  # nobody looks until all is done
        await database.execute("DELETE FROM change WHERE revision = $1", lost)
        await database.execute("UPDATE revision SET at = clock_timestamp() WHERE revision = $1", lost)
        await database.execute("UPDATE certificate SET status = 'valid' WHERE code = 'C1'")
        await _cut(database)
    await eventually(lambda: replica.is_fresh() and replica.fresh().snapshot.certificates.of("E1")[0].status == "valid")
    assert (lost, "allow") == (replica.revision, await decision(plant))


async def test_revoked_key(plant: Running) -> None:
    """A key revoked anywhere is refused from the revision of its revocation on."""
    token = await plant.key("ask")
    assert 200 == (await plant.ask(key=token, **QUESTION)).status_code
    await issuing.revoke(plant.engine, token.split("_")[1])
    await eventually(lambda: plant.service.replica.keys().find(token.encode()) is None)
    assert 401 == (await plant.ask(key=token, **QUESTION)).status_code


async def test_personal_fields_stay_out(plant: Running) -> None:
    """A replica never holds a name: a change of one is a revision like any other, and changes no fact."""
    assert plant.service.replica.held is not None
    before = plant.service.replica.held.snapshot.persons["E1"]
    assert 200 == (await plant.client.patch("/v1/persons/E1", json={"name": "Wang the Second"})).status_code
    assert before == plant.service.replica.held.snapshot.persons["E1"]
    assert "allow" == await decision(plant)


async def _without_notice(database: asyncpg.Connection, kind: str, code: str, **fields: Any) -> int:
    head = await feed.head(database)
    (line,) = [record for record in PLANT if (record["kind"], record["code"]) == (kind, code)]
    row = await database.fetchval("SELECT after::text FROM change WHERE kind = $1 AND code = $2", kind, code)
    document = json.loads(row)
    assert line["person"] == document["person"]
    revision: int = head.revision + 1
    async with database.transaction():
        for name, value in fields.items():
            await database.execute(f"UPDATE {kind} SET {name} = $1 WHERE code = $2", value, code)
        await database.execute("INSERT INTO revision (revision, actor) VALUES ($1, 'somebody')", revision)
        await database.execute(
            "INSERT INTO change (revision, ordinal, kind, code, before, after) VALUES ($1, 0, $2, $3, $4, $5)",
            *(revision, kind, code, row, json.dumps(document | fields)),
        )
        await database.execute("UPDATE head SET revision = revision + 1")
    return revision


async def _restore(database: asyncpg.Connection, revision: int) -> None:
    """Take the last revision back, as a restored backup would."""
    async with database.transaction():
        await database.execute("UPDATE certificate SET status = 'valid' WHERE code = 'C1'")
        await database.execute("DELETE FROM change WHERE revision = $1", revision)
        await database.execute("DELETE FROM revision WHERE revision = $1", revision)
        await database.execute("UPDATE head SET revision = revision - 1")


async def _cut(database: asyncpg.Connection) -> int:
    """End the connections of everybody else; how many there were."""
    ended = await database.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return len(ended)


async def test_slow_and_fast_writers(plant: Running, database: asyncpg.Connection, database_url: str, tmp_path: Path) -> None:
    """While slow and fast writers write at two processes, a third answers by every revision in turn: none twice, none mixed."""
    replica = plant.service.replica
    async with running(database_url, tmp_path / "other", plant=()) as other:

        async def fast(where: Running, code: str) -> None:
            for turn in range(24):
                status = "valid" if turn % 2 else "revoked"
                assert 200 == (await where.client.patch(f"/v1/certificates/{code}", json={"status": status})).status_code

        async def slow() -> None:
            for turn in range(2):
                lines = [changed("E3") | {"code": f"P{number}", "name": f"{turn}"} for number in range(LARGE + 100)]
                body = "\n".join(json.dumps(line) for line in lines).encode()
                headers = {"Content-Type": "application/x-ndjson"}
                assert 200 == (await other.client.post("/v1/bulk", content=body, headers=headers)).status_code

        writing = asyncio.gather(fast(plant, "C1"), fast(other, "C1"), fast(other, "C2"), slow())
        answers = []
        while not writing.done():
            answers.append((await plant.ask(**QUESTION)).json())
            await asyncio.sleep(0.001)
        await writing
    changes = "SELECT revision, after ->> 'status' FROM change WHERE kind = 'certificate' AND code = 'C1' ORDER BY revision"
    became = dict(await database.fetch(changes))
    revisions = [answer["revision"] for answer in answers]
    assert sorted(revisions) == revisions
    assert len(set(revisions)) > 20
    for answer in answers:
        status = became[max(revision for revision in became if revision <= answer["revision"])]
        assert ("allow" if status == "valid" else "deny") == answer["decision"]
    head = await feed.head(database)
    assert await replica.reached(head.revision, PATIENCE_S)
    assert (head.checksum, {}) == (replica.fresh().checksum, dict(replica.reloads))
