"""`qualsvc serve`: its settings, its port, and its end."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from qualsvc.settings import SettingsError, load_settings
from tests.cli.commands import processes_of, run, serving, short_directory
from tests.serving import ADMIN_KEY


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with short_directory() as directory:
        yield directory


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals(data_dir: Path, number: signal.Signals) -> None:
    """Told to stop, or its terminal closed, the service ends and leaves no process: neither its own nor a PostgreSQL."""
    with serving(data_dir) as (command, base):
        assert 2 <= len(processes_of(data_dir))
        assert 200 == httpx.get(f"{base}/livez", trust_env=False).status_code
        code = command.end(number)
    assert (130 if number == signal.SIGINT else 0) == code
    assert [] == processes_of(data_dir)


def test_first_start_shows_a_key_once(database_url: str, tmp_path: Path) -> None:
    """The first start without a given key makes an admin key and prints it, on standard error; the second start does not."""
    shown = []
    for _ in range(2):
        with serving(tmp_path, QUALSVC_DATABASE_URL=database_url) as (command, base):
            keys = [line.rpartition(" ")[2] for line in command.err if line.startswith("admin API key")]
            shown.append(len(keys))
            for key in keys:
                headers = {"Authorization": f"Bearer {key}"}
                assert 200 == httpx.get(f"{base}/v1/persons", headers=headers, trust_env=False).status_code
            command.end(signal.SIGTERM)
            assert [] == command.out
    assert [1, 0] == shown


def test_structured_logs(database_url: str, tmp_path: Path) -> None:
    """Logs are a JSON object a line, on standard error, and hold no key."""
    with serving(tmp_path, QUALSVC_DATABASE_URL=database_url, QUALSVC_BOOTSTRAP_API_KEY=ADMIN_KEY) as (command, base):
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        httpx.get(f"{base}/can-operate", params={"person": "E1"}, headers=headers, trust_env=False)
        command.end(signal.SIGTERM)
    events = [json.loads(line) for line in command.err]
    assert "loaded" in [event["event"] for event in events]
    assert all({"event", "level", "logger", "timestamp"} <= set(event) for event in events)
    assert [] == [line for line in command.err if ADMIN_KEY in line]


@pytest.mark.faults
def test_two_processes(database_url: str, tmp_path: Path) -> None:
    """With `--workers 2` it serves as well, and ends as cleanly."""
    with serving(tmp_path, "--workers", "2", QUALSVC_DATABASE_URL=database_url) as (command, _):
        assert 0 == command.end(signal.SIGTERM)
    assert [] == processes_of(tmp_path)


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.faults)])
def test_served_the_quick_way(database_url: str, tmp_path: Path, workers: str) -> None:
    """However it is started, a plain ask is answered at once, on the event loop that is quickest."""
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY}
    with serving(tmp_path, "--workers", workers, **given) as (command, base):
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        question = {"person": "E1", "equipment": "FORK-07", "process": "LOADING"}
        with httpx.Client(base_url=base, headers=headers, trust_env=False) as door:  # one connection, so one worker
            for _ in range(3):
                assert 200 == door.get("/can-operate", params=question).status_code
            assert "qualsvc_asks_at_once_total 3.0" in door.get("/metrics").text
        parent = command.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
        maps = [Path(f"/proc/{process}/maps").read_text(encoding="utf-8") for process in (parent, *children)]
        assert int(workers) <= sum("/uvloop/" in each for each in maps)


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.faults)])
def test_port_taken(database_url: str, tmp_path: Path, workers: str) -> None:
    """A port that is taken is told in three lines: what, why, what to do."""
    given = {"QUALSVC_DATABASE_URL": database_url}
    with serving(tmp_path, **given) as (_, base):
        port = base.rpartition(":")[2]
        done = run(tmp_path, "serve", "--port", port, "--workers", workers, **given)
    assert 1 == done.returncode
    assert [
        f"qualsvc: cannot listen on 127.0.0.1:{port}",
        "  why: Address already in use",
        "  do:  stop what listens there, or choose another with --port",
    ] == done.stderr.splitlines()


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:a%23b@[::1]:5432/d", "postgresql://h1:5432,h2/d?target_session_attrs=any", "postgres:///d?host=/run"],
)
def test_database_urls(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Whatever libpq takes for a URL is taken: several hosts, IPv6, a socket, a password in percent form."""
    monkeypatch.setenv("QUALSVC_DATABASE_URL", url)
    assert url == load_settings({}).database_url


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"QUALSVC_LOG_LEVL": "info"}, "QUALSVC_LOG_LEVL: unknown; is `QUALSVC_LOG_LEVEL` meant?"),
        ({"QUALSVC_COLOUR": "red"}, "QUALSVC_COLOUR: unknown; unset it, or see docs/settings.md"),
        ({"qualsvc_colour": "red"}, "qualsvc_colour: unknown; unset it, or see docs/settings.md"),
        ({"QUALSVC_MAX_STALENESS_S": "soon"}, "QUALSVC_MAX_STALENESS_S: input should be a valid number"),
        ({"QUALSVC_MAX_STALENESS_S": "0"}, "QUALSVC_MAX_STALENESS_S: input should be greater than 0"),
        ({"QUALSVC_MAX_ANSWER_AGE_S": "nan"}, "QUALSVC_MAX_ANSWER_AGE_S: input should be"),
        ({"QUALSVC_DECISION_LOG_SYNC": "yes"}, "QUALSVC_DECISION_LOG_SYNC: input should be 'write' or 'fsync'"),
        ({"QUALSVC_DATABASE_URL": "mysql://x/y"}, "QUALSVC_DATABASE_URL: must begin with `postgresql://`"),
        ({"QUALSVC_DATABASE_URL": ""}, "QUALSVC_DATABASE_URL: must begin with `postgresql://`"),
        ({"QUALSVC_DATABASE_URL": "postgresql://u:a#b@h/d"}, "QUALSVC_DATABASE_URL: cannot be read; write `@ : / ? # %` in"),
        ({"QUALSVC_DATABASE_URL": "postgresql://u:5/b@h/d"}, "QUALSVC_DATABASE_URL: cannot be read"),
        ({"QUALSVC_DATABASE_URL": "postgresql://h:high/d"}, "QUALSVC_DATABASE_URL: cannot be read"),
        ({"QUALSVC_DATABASE_URL": "postgresql://[::1/d"}, "QUALSVC_DATABASE_URL: cannot be read"),
        ({"QUALSVC_BOOTSTRAP_API_KEY": "short"}, "QUALSVC_BOOTSTRAP_API_KEY: string should have at least 32 characters"),
        ({"QUALSVC_BOOTSTRAP_API_KEY": "with space " * 4}, "QUALSVC_BOOTSTRAP_API_KEY: must be printable ASCII without space"),
    ],
)
def test_settings(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], why: str) -> None:
    """A setting that is unknown or wrong is refused by name, and secrets are not repeated."""
    for name in [name for name in os.environ if name.upper().startswith("QUALSVC_")]:
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings(os.environ)
    assert str(refused.value).startswith(why)
    assert given.get("QUALSVC_BOOTSTRAP_API_KEY", "a secret") not in str(refused.value)


def test_all_wrong_settings_at_once(tmp_path: Path) -> None:
    """Everything that is wrong with the settings is told at once, before anything is made or started."""
    done = run(tmp_path, "serve", QUALSVC_A="1", QUALSVC_LOG_LEVL="2", QUALSVC_LOG_LEVEL="loud")
    assert 2 == done.returncode
    assert [
        "qualsvc: the settings are not right",
        "  why: QUALSVC_A: unknown; unset it, or see docs/settings.md",
        "       QUALSVC_LOG_LEVL: unknown; is `QUALSVC_LOG_LEVEL` meant?",
        "       QUALSVC_LOG_LEVEL: input should be 'debug', 'info', 'warning' or 'error'",
        "  do:  mend or unset them",
    ] == done.stderr.splitlines()
    assert [] == list(tmp_path.iterdir())
