"""What is kept beside the log by itself: checkpoints, witnesses, through outages of either."""

import asyncio
import json
import logging
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from qualsvc.audit.checkpoints import hand_over
from qualsvc.audit.keeping import Keeper, Keeping
from qualsvc.audit.memory import Memory
from qualsvc.audit.signing import KEY_FILE, SigningKey, canonical, configured_key, is_signed, public_keys, read_key
from qualsvc.audit.statements import last
from qualsvc.audit.witness import WitnessError, tell, witnessed, witnesses
from qualsvc.settings import Settings, SettingsError
from tests.audit.log import ANOTHER, KEY, Log

pytestmark = pytest.mark.anyio


class Webhook(HTTPServer):
    """A witness that keeps what it is told, while it is willing."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: list[dict[str, Any]] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/witness"


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.status == 200:
            self.server.told.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not on the terminal."""


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Webhook() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


async def test_a_witness_is_told_everything_once(log: Log, tmp_path: Path, webhook: Webhook) -> None:
    """File and webhook, each statement once and in order; what they were told verifies."""
    file = tmp_path / "witness"
    keeper = Keeper(log.url, Keeping(KEY, 300, file, webhook.url))
    await keeper.once(log.connection, 0)
    await keeper.once(log.connection, 0)
    await log.goes_on()
    await keeper.once(log.connection, 0)
    statements, unreadable = witnessed(file.read_text())
    assert ([1, 2], []) == ([each.n for each in statements], unreadable)
    assert [1, 2] == [each["n"] for each in webhook.told]
    assert all(is_signed(each["body"], KEY.public, each["signature"]) for each in webhook.told)
    assert [] == await log.faults(*statements)


async def test_a_witness_away_is_told_later(log: Log, tmp_path: Path, webhook: Webhook) -> None:
    """What it did not take it is told when it is back, and nothing else waits for it."""
    webhook.status = 503
    file = tmp_path / "not-there-yet" / "witness"
    keeper = Keeper(log.url, Keeping(KEY, 300, file, webhook.url))
    await keeper.once(log.connection, 0)
    await log.goes_on()
    await keeper.once(log.connection, 0)
    with pytest.raises(WitnessError, match=r"QUALSVC_WITNESS_FILE: `.*` cannot be written: No such file"):
        await tell(log.connection, witnesses(file, None, Memory()))
    with pytest.raises(WitnessError, match="QUALSVC_WITNESS_URL: the witness answers 503"):
        await tell(log.connection, witnesses(None, webhook.url, Memory()))
    file.parent.mkdir()
    webhook.status = 200
    await keeper.once(log.connection, 0)
    assert [1, 2] == [each.n for each in witnessed(file.read_text())[0]]
    assert [1, 2] == [each["n"] for each in webhook.told]


async def test_since_when_a_witness_is_away_is_known(
    log: Log, tmp_path: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    """To whoever asks this host, and by whatever process: from the first failure on, until it was told all of it."""
    memory = tmp_path / "remembered"
    keeper = Keeper(log.url, Keeping(KEY, 300, None, webhook.url, memory=memory))
    await keeper._turn(0)
    assert Memory(memory).failing_since is None
    webhook.status = 503
    await log.goes_on()
    await keeper._turn(0)
    since = Memory(memory).failing_since
    assert since is not None
    await Keeper("postgresql://nobody@127.0.0.1:1/x", Keeping(KEY, 300, None, webhook.url, memory=memory))._turn(0)
    assert since == Memory(memory).failing_since
    webhook.status = 200
    with caplog.at_level(logging.INFO):
        await keeper._turn(0)
    assert Memory(memory).failing_since is None
    assert "statements are witnessed again" in [record.message for record in caplog.records]


async def test_what_was_found_is_said_whatever_comes_between(log: Log, tmp_path: Path) -> None:
    """By the next process too, should this one die; and beside whatever else the signer finds."""
    memory = tmp_path / "remembered"
    keeper = Keeper(log.url, Keeping(KEY, 300, memory=memory))
    await keeper.once(log.connection, 0)
    keeper.contradict("row 7 of boot x is missing")
    keeper.contradict("row 7 of boot x is missing")
    await log.execute("DELETE FROM checkpoint")
    again = Keeper(log.url, Keeping(KEY, 300, memory=memory))
    await again.once(log.connection, 300)
    made = await last(log.connection, "checkpoint")
    assert made is not None
    told = json.loads(made.body)["contradicted"]
    assert told.startswith("row 7 of boot x is missing; checkpoint 1 of ")
    await log.goes_on()
    await again.once(log.connection, 0)
    made = await last(log.connection, "checkpoint")
    assert made is not None
    assert "contradicted" not in json.loads(made.body)


async def test_one_witness_away_does_not_keep_the_other_from_being_told(log: Log, tmp_path: Path, webhook: Webhook) -> None:
    """A disk that is not mounted is no reason for the webhook to hear nothing."""
    keeper = Keeper(log.url, Keeping(KEY, 300, tmp_path / "nowhere" / "witness", webhook.url))
    await keeper.once(log.connection, 0)
    assert [1] == [each["n"] for each in webhook.told]


async def test_what_an_auditor_would_find_out_too_late_is_said_at_once(
    log: Log, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A witness that cannot be written, before there is anything to tell; and a key to whom nobody handed over."""
    await Keeper(log.url, Keeping(KEY, 0, tmp_path / "nowhere" / "witness")).once(log.connection, 0)
    await log.checkpoint()
    await Keeper(log.url, Keeping(KEY, 0)).once(log.connection, 0)
    assert ["statements will not be witnessed"] == [record.message.partition(":")[0] for record in caplog.records]
    caplog.clear()
    await Keeper(log.url, Keeping(ANOTHER, 0)).once(log.connection, 0)
    said = f"checkpoints are signed by {ANOTHER.public} from now on, to whom {KEY.public} did not hand over"
    assert [("ERROR", said)] == [(record.levelname, record.message) for record in caplog.records]
    caplog.clear()
    await hand_over(log.connection, KEY, ANOTHER)
    await Keeper(log.url, Keeping(ANOTHER, 0)).once(log.connection, 0)
    assert [] == caplog.records


async def test_of_two_hosts_with_keys_of_their_own_each_says_so(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever comes first, and whoever signed last: once for each key, and again after a start."""
    one, other = Keeper(log.url, Keeping(KEY, 300)), Keeper(log.url, Keeping(ANOTHER, 300))
    await one.once(log.connection, 0)
    await log.goes_on()
    for keeper in (other, one, other, one):
        await keeper.once(log.connection, 0)
    await Keeper(log.url, Keeping(KEY, 300)).once(log.connection, 0)
    said = "checkpoints are signed by {} from now on, to whom {} did not hand over"
    pairs = [(ANOTHER, KEY), (KEY, ANOTHER), (KEY, ANOTHER)]
    assert [said.format(mine.public, of.public) for mine, of in pairs] == [record.message for record in caplog.records]


async def test_the_database_does_not_say_what_a_witness_was_told(
    log: Log, tmp_path: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    """Statements taken back and made anew are told, too: then the witness has both pasts, and an alarm is in the log."""
    file = tmp_path / "witness"
    keeper = Keeper(log.url, Keeping(KEY, 0, file, webhook.url))
    first = await log.checkpoint()
    await log.goes_on()
    second = await log.checkpoint()
    await keeper.once(log.connection, 0)
    await log.execute("DELETE FROM checkpoint WHERE n = 2")
    again = await log.checkpoint()
    await keeper.once(log.connection, 0)
    other = f"checkpoint 2, which `{file}` was told of, is another one now"
    said = f"a witness was told otherwise: {other}; {other.replace(f'`{file}`', 'the webhook')}; all that is here is told anew"
    assert [("ERROR", said)] == [(record.levelname, record.message) for record in caplog.records]
    assert [first, second, again] == witnessed(file.read_text())[0]
    assert [each.signature for each in (first, second, first, again)] == [each["signature"] for each in webhook.told]
    await keeper.once(log.connection, 0)
    await log.execute("DELETE FROM checkpoint")
    caplog.clear()
    for _ in range(2):
        await keeper.once(log.connection, 0)
    gone = f"checkpoint 2, which `{file}` was told of, is missing"
    (record,) = caplog.records
    assert gone in record.message
    assert 4 == len(webhook.told)


async def test_one_witness_away_does_not_hide_what_the_other_was_told(
    log: Log, tmp_path: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told once, and then the witness has been told anew: the alarm must not be lost beside another one."""
    keeper = Keeper(log.url, Keeping(KEY, 0, tmp_path / "witness", webhook.url))
    await log.checkpoint()
    await keeper.once(log.connection, 0)
    webhook.status = 503
    await log.execute("DELETE FROM checkpoint")
    await log.checkpoint()
    await keeper.once(log.connection, 0)
    assert ["WARNING", "ERROR"] == [record.levelname for record in caplog.records]
    assert f"checkpoint 1, which `{tmp_path}/witness` was told of, is another one now" in caplog.records[1].message


async def test_what_was_told_is_known_after_a_start(log: Log, tmp_path: Path, webhook: Webhook) -> None:
    """By the file itself, and of a webhook by what this host remembers; another webhook is told everything."""
    keeping = Keeping(KEY, 300, tmp_path / "witness", webhook.url, memory=tmp_path / "memory")
    for _ in range(2):
        await Keeper(log.url, keeping).once(log.connection, 0)
    assert 1 == len((tmp_path / "witness").read_text().splitlines()) == len(webhook.told)
    assert 0o600 == stat.S_IMODE((tmp_path / "memory").stat().st_mode)
    for url, number in ((webhook.url, 1), (f"{webhook.url}/other", 2)):
        await Keeper(log.url, replace(keeping, witness_url=url)).once(log.connection, 0)
        assert number == len(webhook.told)
    (tmp_path / "witness").unlink()
    await Keeper(log.url, keeping).once(log.connection, 0)
    assert 1 == len((tmp_path / "witness").read_text().splitlines())


async def test_a_memory_that_cannot_be_read_or_kept(
    log: Log, tmp_path: Path, webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said, and costs no more than that a witness is told twice."""
    (tmp_path / "memory").write_text("{")
    for memory in (tmp_path / "memory", tmp_path / "nowhere" / "memory"):
        await Keeper(log.url, Keeping(KEY, 300, None, webhook.url, memory=memory)).once(log.connection, 0)
    assert 2 == len(webhook.told)
    forgotten, not_kept = [record.message for record in caplog.records]
    assert forgotten.startswith(f"what was signed and told is forgotten: `{tmp_path}/memory` cannot be read: ")
    assert not_kept.startswith("what was signed and told is not kept for the next start: ")


async def rewritten(log: Log) -> None:
    await log.execute("UPDATE decision SET decision = 'allow' WHERE boot_id = $1 AND sequence = 5", log.living)
    await log.rehash(log.living)


@pytest.mark.parametrize(
    ("done", "wrong"),
    [
        ("DELETE FROM checkpoint", "checkpoint 1 of {at}, which was signed here, is missing"),
        ("UPDATE checkpoint SET body = '{}'", "checkpoint 1 of {at} is not the one that was signed here"),
        ("DELETE FROM decision_link WHERE n = 3", "link 3 between boots is not as checkpoint 1 of {at} saw it"),
        (None, "row 10 of boot {boot} is not as checkpoint 1 of {at} saw it"),
        (
            "TRUNCATE decision, decision_boot, decision_link, decision_count, checkpoint",
            "checkpoint 1 of {at}, which was signed here, is missing",
        ),
    ],
)
async def test_a_contradiction_is_not_signed_over_in_silence(
    log: Log, tmp_path: Path, caplog: pytest.LogCaptureFixture, done: str | None, wrong: str
) -> None:
    """What this host signed is remembered over a start: the next checkpoint comes at once and says what is not so any more."""
    keeping = Keeping(KEY, 300, memory=tmp_path / "memory")
    await Keeper(log.url, keeping).once(log.connection, 300)
    signed = await last(log.connection, "checkpoint")
    assert signed is not None
    await (rewritten(log) if done is None else log.execute(done))
    for _ in range(2):
        await Keeper(log.url, keeping).once(log.connection, 300)
    found = await last(log.connection, "checkpoint")
    assert found is not None
    text = wrong.format(at=signed.at, boot=log.living)
    alarm = f"what was signed is not there any more: {text}; checkpoint {found.n} says so"
    assert [("ERROR", alarm)] == [(record.levelname, record.message) for record in caplog.records]
    by = f"checkpoint {found.n} of {found.at}"
    faults = [fault.text for fault in (await log.verdict()).faults.listed]
    assert f"{by}: whoever signed it found that {text}" in faults


async def test_what_another_host_signed_with_our_key_is_remembered(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    """It need not be this host that signed last; a checkpoint by a stranger's key is nothing to remember."""
    keeper = Keeper(log.url, Keeping(KEY, 300))
    await log.checkpoint()
    await keeper.once(log.connection, 0)
    await log.goes_on()
    await log.checkpoint(ANOTHER)
    await keeper.once(log.connection, 300)
    await log.execute("DELETE FROM checkpoint WHERE n = 2")
    caplog.clear()
    await keeper.once(log.connection, 300)
    assert [] == caplog.records
    await log.execute("DELETE FROM checkpoint")
    await keeper.once(log.connection, 300)
    assert "checkpoint 1 of " in caplog.text


async def test_what_is_planted_does_not_silence_the_witness(log: Log, tmp_path: Path) -> None:
    """A checkpoint that nothing can follow on keeps us from signing; what is there is told all the same."""
    await log.checkpoint()
    await log.execute(
        "INSERT INTO checkpoint SELECT 9223372036854775807, now() - interval '1 day', '[', key, '' FROM checkpoint"
    )
    keeper = Keeper(log.url, Keeping(KEY, 300, tmp_path / "witness"))
    with pytest.raises(asyncpg.DataError):
        await keeper.once(log.connection, 0)
    assert [1, 2**63 - 1] == [each.n for each in witnessed((tmp_path / "witness").read_text())[0]]


async def test_a_planted_checkpoint_does_not_say_what_the_next_one_leaves_out(log: Log) -> None:
    """Only what our key signed counts for told."""
    body = canonical({"heads": "x", "incidents": {}, "link": {"n": 99}})
    await log.execute("INSERT INTO checkpoint SELECT 1, now(), $1, $2, $3", body, ANOTHER.public, ANOTHER.sign(body))
    assert sorted([log.boot, log.living]) == [head[0] for head in json.loads((await log.checkpoint()).body)["heads"]]


async def test_half_a_line(log: Log, tmp_path: Path) -> None:
    """A write that was cut off is told anew on a line of its own; verifying says which line it cannot read."""
    file = tmp_path / "witness"
    keeper = Keeper(log.url, Keeping(KEY, 300, file))
    await keeper.once(log.connection, 0)
    file.write_text(file.read_text()[:-20])
    await keeper.once(log.connection, 0)
    statements, unreadable = witnessed(file.read_text())
    assert ([1], [1]) == ([each.n for each in statements], unreadable)


async def test_checkpoints_come_when_due_and_say_something_new(log: Log) -> None:
    """One in each interval at most, and none that would say what the last one said."""
    keeper = Keeper(log.url, Keeping(KEY, 300))
    counts = []
    for interval, goes_on in ((300, False), (300, True), (0, False), (0, False)):
        if goes_on:
            await log.goes_on()
        await keeper.once(log.connection, interval)
        counts.append(await log.connection.fetchval("SELECT count(*) FROM checkpoint"))
    assert [1, 1, 2, 2] == counts


async def test_a_checkpoint_from_the_future_silences_nobody(log: Log) -> None:
    """The clock of the database was wrong, and was set right: the next checkpoint does not wait until then."""
    made = await log.checkpoint()
    await log.execute("UPDATE checkpoint SET at = at + interval '1 year'")
    await log.goes_on()
    await Keeper(log.url, Keeping(KEY, 300)).once(log.connection, 300)
    assert made.n + 1 == await log.connection.fetchval("SELECT max(n) FROM checkpoint")


async def test_no_checkpoints_are_wanted(log: Log) -> None:
    """With an interval of 0 none are made."""
    await Keeper(log.url, Keeping(KEY, 0)).once(log.connection, 0)
    assert 0 == await log.connection.fetchval("SELECT count(*) FROM checkpoint")


async def test_it_runs_through_failures(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that nobody can use, and a database that is away, do not end it; the last checkpoint is made at the end."""
    for name in ("_TURN_S", "_LEAST_S"):
        monkeypatch.setattr(f"qualsvc.audit.keeping.{name}", 0.01)
    keeper = Keeper(log.url, Keeping(KEY, 300))
    await log.execute("ALTER TABLE checkpoint RENAME TO elsewhere")
    running = asyncio.create_task(keeper.run())
    await asyncio.sleep(0.2)
    await log.execute("ALTER TABLE elsewhere RENAME TO checkpoint")
    while not await log.connection.fetchval("SELECT count(*) FROM checkpoint"):
        assert not running.done()
        await asyncio.sleep(0.02)
    running.cancel()
    await log.goes_on()
    await keeper.finish()
    assert 2 == await log.connection.fetchval("SELECT count(*) FROM checkpoint")
    await Keeper("postgresql://127.0.0.1:1/nowhere", Keeping(KEY, 300)).finish()


def test_what_is_told_to_the_process_that_ships() -> None:
    """All of it, on one line; shown, a key is its public half."""
    keeping = Keeping(KEY, 300, Path("w"), "https://w", 12, Path("m"))
    assert keeping.line() == Keeping.read(keeping.line()).line()
    assert (Path("w"), Path("m")) == (Keeping.read(keeping.line()).witness_file, Keeping.read(keeping.line()).memory)
    assert 1 == keeping.line().count(b"\n")
    assert KEY.seed not in repr(keeping)


def settings(directory: Path, **given: Any) -> Settings:
    return Settings(data_dir=directory, **given)


def test_a_key_of_its_own(tmp_path: Path) -> None:
    """Where none is given, one is made once in the data directory, for its owner only."""
    assert configured_key(settings(tmp_path)) is None
    made = configured_key(settings(tmp_path), making=True)
    again = configured_key(settings(tmp_path), making=True)
    assert made is not None
    assert again is not None
    assert made.public == again.public
    assert 0o600 == stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode)


PEM = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
"""


def test_forms_of_a_key(tmp_path: Path) -> None:
    """Base64 or PEM, from the environment or a file; of public ones hexadecimal."""
    assert KEY.public == read_key(PEM).public == read_key(KEY.seed).public
    (tmp_path / "key").write_text(PEM)
    found = configured_key(settings(tmp_path, signing_key_file=tmp_path / "key"))
    assert found is not None
    assert KEY.public == found.public
    other = SigningKey(bytes(32)).public
    assert [KEY.public, other] == public_keys(f"{KEY.public}\n{other.upper()}\n")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"signing_key": "short"}, "QUALSVC_SIGNING_KEY: neither Base64 of 32 bytes"),
        ({"signing_key": PEM.replace("MC4C", "MC5C")}, "QUALSVC_SIGNING_KEY: "),
        ({"signing_key_file": Path("/nowhere/key")}, "QUALSVC_SIGNING_KEY_FILE: `/nowhere/key` cannot be read: No such file"),
        ({"signing_key_file": Path("/dev/null")}, "QUALSVC_SIGNING_KEY_FILE: `/dev/null`: neither Base64"),
        ({"signing_key": KEY.seed, "signing_key_file": Path("x")}, "are both set"),
    ],
)
def test_a_key_that_cannot_be_used(tmp_path: Path, given: dict[str, Any], why: str) -> None:
    """The variable is named, the key never."""
    with pytest.raises(SettingsError, match=why) as refused:
        configured_key(settings(tmp_path, **given))
    assert KEY.seed not in str(refused.value)
