"""`qualsvc audit` as it is run, beside a service that runs."""

import asyncio
import json
import os
import signal
from pathlib import Path

from typer.testing import CliRunner, Result

from qualsvc.audit.checkpoints import hand_over
from qualsvc.audit.keeping import Keeper, Keeping
from qualsvc.audit.memory import MEMORY_FILE
from qualsvc.audit.signing import KEY_FILE
from qualsvc.audit.statements import Statement
from qualsvc.audit.witness import witnessed
from qualsvc.cli.program import program
from qualsvc.settings import Settings
from qualsvc.store.engine import connect
from tests.audit.log import ANOTHER, KEY
from tests.cli.commands import free_port, processes_of, run, serving
from tests.serving import ADMIN_KEY
from tests.shipping.asking import Asking
from tests.shipping.evidence import check, fill


def execute(url: str, statement: str) -> str:
    async def executed() -> str:
        connection = await connect(url)
        try:
            return str(await connection.fetchval(statement))
        finally:
            await connection.close()

    return asyncio.run(executed())


def test_from_the_first_answer_to_the_verdict(database_url: str, tmp_path: Path) -> None:
    """A service signs and has witnessed what it logs, to its last row; verifying says so, and whom it was that was touched."""
    witness = tmp_path / "witness"
    secret = {"QUALSVC_SIGNING_KEY": KEY.seed}
    given = {"QUALSVC_DATABASE_URL": database_url, **secret}
    with serving(tmp_path, QUALSVC_BOOTSTRAP_API_KEY=ADMIN_KEY, QUALSVC_WITNESS_FILE=str(witness), **given) as (command, base):
        asyncio.run(fill(database_url))
        client = Asking(base)
        client.start()
        command.until(lambda: len(client.received) > 20)
        client.enough.set()
        client.join()
        asyncio.run(check(database_url, [client]))
        sound = run(tmp_path, "audit", "verify", **given)
        assert (0, "the log is sound") == (sound.returncode, sound.stdout.splitlines()[-1]), sound.stderr
        assert KEY.seed not in " ".join(processes_of(tmp_path))
        assert 0 == command.end(signal.SIGTERM)
        assert KEY.seed not in "\n".join(command.err)
    assert f"{KEY.public}\n" == run(tmp_path, "audit", "key", **given).stdout
    last = json.loads(witness.read_text().splitlines()[-1])
    closed = execute(database_url, "SELECT sequence FROM decision_boot WHERE closed")
    assert [int(closed)] == [head[1] for head in json.loads(last["body"])["heads"]]

    execute(database_url, "UPDATE decision SET decision = 'none' WHERE sequence = 7 RETURNING 1")
    touched = run(tmp_path, "audit", "verify", "--witness", str(witness), "--json", **given)
    (fault,) = json.loads(touched.stdout)["faults"]
    assert (1, 7, "edited") == (touched.returncode, fault["first"], fault["kind"])
    told = run(tmp_path, "audit", "verify", "--public-key", KEY.public, QUALSVC_DATABASE_URL=database_url).stdout.splitlines()
    assert f"fault: {fault['text']}" in told
    assert "the log is NOT sound: 1 fault" == told[-1]


def audit(data_dir: Path, *arguments: str, **given: str) -> Result:
    """The command in this process: starting another one each time would take most of the time."""
    unset = dict.fromkeys(name for name in os.environ if name.startswith("QUALSVC_"))
    return CliRunner().invoke(
        program(["audit"]), ["audit", *arguments], env={**unset, "QUALSVC_DATA_DIR": str(data_dir), **given}
    )


def test_a_key_is_changed(database_url: str, tmp_path: Path) -> None:
    """The old key signs that the new one follows it; either then verifies what both signed."""
    (tmp_path / "old").write_text(KEY.seed)
    (tmp_path / "new").write_text(ANOTHER.seed)
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_SIGNING_KEY_FILE": str(tmp_path / "old")}
    assert f"{KEY.public} hands over to {ANOTHER.public}\n" == audit(tmp_path, "rotate", str(tmp_path / "new"), **given).stdout
    refused = audit(tmp_path, "rotate", str(tmp_path / "old"), **given)
    assert (2, "qualsvc: the key was not changed") == (refused.exit_code, refused.stderr.splitlines()[-3])
    nowhere = audit(tmp_path, "rotate", str(tmp_path / "nowhere"), **given)
    assert (2, "qualsvc: the key was not changed") == (nowhere.exit_code, nowhere.stderr.splitlines()[-3])
    given["QUALSVC_SIGNING_KEY_FILE"] = str(tmp_path / "new")
    assert 0 == audit(tmp_path, "verify", **given).exit_code


def test_the_key_that_is_given_is_the_one_trusted(database_url: str, tmp_path: Path) -> None:
    """Whoever brings the key they noted is not told `sound` because the installation signs with another one by now."""
    (tmp_path / "new").write_text(ANOTHER.seed)
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_SIGNING_KEY": KEY.seed}
    assert 0 == audit(tmp_path, "rotate", str(tmp_path / "new"), **given).exit_code
    assert 0 == audit(tmp_path, "verify", "--public-key", KEY.public, **given).exit_code
    stranger = audit(tmp_path, "verify", "--public-key", "00" * 31 + "01", **given)
    assert (1, "the log is NOT sound: 2 faults") == (stranger.exit_code, stranger.stdout.splitlines()[-1])


def test_all_is_deleted(database_url: str, tmp_path: Path) -> None:
    """Witness and host remember what the database does not: both are held against it unasked; without them it is said."""
    witness = tmp_path / "witness"
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_SIGNING_KEY": KEY.seed, "QUALSVC_WITNESS_FILE": str(witness)}

    async def kept() -> Statement:
        keeper = Keeper(
            database_url, Keeping.configured(Settings(data_dir=tmp_path, signing_key=KEY.seed, witness_file=witness))
        )
        connection = await connect(database_url)
        await hand_over(connection, ANOTHER, KEY)
        await keeper.once(connection, 0)
        await connection.execute("TRUNCATE decision, decision_boot, decision_link, decision_count, checkpoint, tombstone")
        await connection.close()
        return witnessed(witness.read_text())[0][-1]

    last = asyncio.run(kept())
    gone = f"checkpoint 2 of {last.at} is missing; the witness was told of it"
    for arguments in ((), ("--witness", str(witness))):
        done = audit(tmp_path, "verify", *arguments, **given)
        # by the witness twice, for there were two, and once by this host
        assert (1, "the log is NOT sound: 3 faults") == (done.exit_code, done.stdout.splitlines()[-1])
        assert 2 == done.stdout.splitlines().count(f"fault: {gone}")
    witness.unlink()
    assert [f"fault: {gone}"] == [
        line for line in audit(tmp_path, "verify", **given).stdout.splitlines() if line.startswith("fault")
    ]
    (tmp_path / MEMORY_FILE).unlink()
    empty = audit(tmp_path, "verify", **given)
    assert (0, "there is nothing in the log") == (empty.exit_code, empty.stdout.splitlines()[-1])
    assert "warning: there is nothing in the log: where a service ever answered, all of it was deleted" in empty.stdout


def test_what_cannot_be_verified(tmp_path: Path) -> None:
    """Neither sound nor unsound: it leaves with 2, and says why."""
    away = {"QUALSVC_DATABASE_URL": f"postgresql://127.0.0.1:{free_port()}/qualsvc"}
    for arguments, given, what in (
        ((), away, "the database does not answer"),
        (("--public-key", "abc"), away, "the log was not verified"),
        (("--witness", "nowhere"), away, "the log was not verified"),
        ((), {}, "there is no database yet"),
        ((), away | {"QUALSVC_SIGNING_KEY": "x"}, "the settings are not right"),
    ):
        done = audit(tmp_path, "verify", *arguments, **given)
        assert (2, f"qualsvc: {what}") == (done.exit_code, done.stderr.splitlines()[-3])


def test_a_database_without_a_log(empty_database_url: str, tmp_path: Path) -> None:
    """It is brought to this version by those who mean to change it, not by verifying."""
    done = audit(tmp_path, "verify", QUALSVC_DATABASE_URL=empty_database_url)
    assert (2, "qualsvc: there is no decision log to verify") == (done.exit_code, done.stderr.splitlines()[-3])


def test_a_service_does_not_start_with_a_key_it_cannot_read(tmp_path: Path) -> None:
    """The variable is named; nothing was made or started."""
    done = run(tmp_path, "serve", "--port", "0", QUALSVC_SIGNING_KEY_FILE=str(tmp_path / "nowhere"))
    assert 2 == done.returncode
    assert f"  why: QUALSVC_SIGNING_KEY_FILE: `{tmp_path}/nowhere` cannot be read: No such file or directory" in done.stderr
    assert not (tmp_path / KEY_FILE).exists()


def test_retention_is_asked_for(database_url: str, tmp_path: Path) -> None:
    """Only with a number of months set; where none is old enough nothing goes."""
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_SIGNING_KEY": KEY.seed}
    assert 2 == audit(tmp_path, "retain", **given).exit_code
    done = audit(tmp_path, "retain", "--dry-run", QUALSVC_DECISION_RETENTION_MONTHS="12", **given)
    assert (0, "no month is older than those that are kept: this one and the 12 before\n") == (done.exit_code, done.stdout)
