"""`qualsvc demo`: what it prints can be pasted, and does what it says."""

import json
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from qualsvc.sample import CAST
from tests.cli.commands import PATIENCE_S, Started, free_port, processes_of, run, short_directory, started

LAST = "Ctrl-C stops it."


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with short_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def demo(data_dir: Path) -> Iterator[Started]:
    """The demo, once it has said everything."""
    # A proxy that is not there: nothing on this machine is to be asked through one.
    proxies = {"http_proxy": f"http://127.0.0.1:{free_port()}", "no_proxy": ""}
    with started(data_dir, "demo", "--port", str(free_port()), **proxies) as demo:
        demo.until(lambda: LAST in demo.out)
        yield demo


def answers(lines: list[str]) -> list[tuple[str, str]]:
    """Each printed `curl` line with the answer printed below it."""
    return [(line, lines[n + 1]) for n, line in enumerate(lines) if line.startswith("curl ")]


def key_in(lines: list[str]) -> str:
    (key,) = {line.partition("Bearer ")[2].partition("'")[0] for line in lines if line.startswith("curl ")}
    return key


def clean(environment: dict[str, str] | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {name: value for name, value in kept.items() if not name.startswith("QUALSVC_")} | (environment or {})


def test_curl_lines(demo: Started) -> None:
    """Every printed `curl` line, pasted into a shell, gives the decision printed below it."""
    printed = answers(demo.out)
    assert [["allow", "deny", "conditional", "allow"]] == [[json.loads(answer)["decision"] for _, answer in printed]]
    for line, answer in printed:
        shown, given = json.loads(answer), json.loads(pasted(line))
        for moving in ("at", "asked_at", "recheck_by", "decision_id", "data_age_ms"):
            assert isinstance(shown.pop(moving), type(given.pop(moving)))
        assert shown == given


def pasted(line: str) -> str:
    """What a shell prints for the line; where there is no curl, what it asks for is asked for otherwise."""
    if shutil.which("curl"):
        done = subprocess.run(
            ["/bin/sh", "-c", line], capture_output=True, text=True, check=True, env=clean(), timeout=PATIENCE_S
        )
        return done.stdout
    _, _, _, header, url = shlex.split(line)
    name, _, value = header.partition(": ")
    return httpx.get(url, headers={name: value}, trust_env=False).text


def test_ask_lines(demo: Started) -> None:
    """The printed `qualsvc ask` lines run as printed: yes leaves with 0, no with 4."""
    lines = [line for line in demo.out if line.startswith("QUALSVC_API_KEY=")]
    done = [
        subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False, env=clean(), timeout=PATIENCE_S)
        for line in lines
    ]
    assert [0, 4] == [each.returncode for each in done]
    assert ["YES", "NO"] == [each.stdout.split()[0] for each in done]


def test_ask_json_and_obligations(demo: Started, tmp_path: Path) -> None:
    """`--json` gives the answer as the service gave it; a conditional one leaves with 3."""
    member = next(member for member in CAST if member.outcome == "trainee_alone")
    url = answers(demo.out)[0][0].split("'")[3].partition("/can-operate")[0]
    asked = ("ask", member.person, member.equipment, member.process, "--url", url)
    done = run(tmp_path, *asked, "--json", QUALSVC_API_KEY=key_in(demo.out))
    assert (3, "conditional") == (done.returncode, json.loads(done.stdout)["decision"])
    supervised = run(tmp_path, *asked, "--supervisor", "E1092", "--lang", "zh-CN", QUALSVC_API_KEY=key_in(demo.out))
    assert supervised.returncode in (0, 3)
    malformed = run(tmp_path, *asked, "--until", "noon", QUALSVC_API_KEY=key_in(demo.out))
    assert (5, "qualsvc: no answer (400), so: no") == (malformed.returncode, malformed.stderr.splitlines()[0])
    refused = run(tmp_path, *asked, "--at", "2026-11-21T03:30:00Z", QUALSVC_API_KEY=key_in(demo.out))
    assert (5, "qualsvc: no answer (403), so: no") == (refused.returncode, refused.stderr.splitlines()[0])


def test_whole_cast(demo: Started) -> None:
    """Everybody of the cast is listed with the decision that the service gives."""
    base = answers(demo.out)[0][0].split("'")[3].partition("/can-operate")[0]
    headers = {"Authorization": f"Bearer {key_in(demo.out)}"}
    listed = [line.split() for line in demo.out if line.startswith("  ") and line.split()[0] in {m.outcome for m in CAST}]
    assert len(CAST) == len(listed)
    assert not any("the data were changed since" in line for line in demo.out)
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=PATIENCE_S) as client:
        for _, person, equipment, process, *rest in listed:
            named = dict(word.split("=") for word in rest if "=" in word)
            question = {"person": person, "equipment": equipment, "process": process, **named}
            given = client.get("/can-operate", params=question).json()["decision"]
            assert given == rest[len(named)]


def test_not_wrapped(demo: Started) -> None:
    """Into a pipe nothing is wrapped at 80 columns: a line to paste is one line."""
    assert all(line.startswith("curl -s -H 'Authorization: Bearer qk_") for line, _ in answers(demo.out))
    assert all(len(line) > 120 and line.endswith("'") for line, _ in answers(demo.out))
    assert [] == [line for line in demo.out if "\x1b" in line]


def test_door_key_only_asks(demo: Started) -> None:
    """The key in the lines to paste is a door's: it cannot write; the admin's, printed apart, can read."""
    base = answers(demo.out)[0][0].split("'")[3].partition("/can-operate")[0]
    (admin,) = [line.rpartition(" ")[2] for line in demo.out if line.startswith("admin key")]
    found = [
        httpx.get(f"{base}/v1/persons?limit=1", headers={"Authorization": f"Bearer {key}"}, trust_env=False).status_code
        for key in (key_in(demo.out), admin)
    ]
    assert [403, 200] == found


def test_port_taken(demo: Started, data_dir: Path) -> None:
    """A second demo beside the first takes a free port, and the plant and the database of the first."""
    port = answers(demo.out)[0][0].split("'")[3].split(":")[2].partition("/")[0]
    with started(data_dir, "demo", "--port", port) as beside:
        beside.until(lambda: LAST in beside.out)
        assert f"  port {port} is taken; using a free one" in beside.out
        assert key_in(demo.out) == key_in(beside.out)
        beside.end(signal.SIGINT)
    assert None is demo.process.poll()
    assert "allow" == json.loads(pasted(answers(demo.out)[0][0]))["decision"]


def test_again_and_again(demo: Started, data_dir: Path) -> None:
    """Ctrl-C leaves no process; another start keeps plant and keys; a plant that is out of date is made anew, keys kept."""
    key = key_in(demo.out)
    assert 0 == demo.end(signal.SIGINT)
    assert "stopped" == demo.out[-1]
    assert [] == processes_of(data_dir)
    note = data_dir / "demo" / "demo.json"
    made_on = json.loads(note.read_text())["made_on"]
    assert 0o600 == note.stat().st_mode & 0o777
    seen = []
    for change in ({}, {"made_on": "2020-01-01"}):
        note.write_text(json.dumps(json.loads(note.read_text()) | change))
        with started(data_dir, "demo", "--port", str(free_port())) as again:
            again.until(lambda: LAST in again.out)
            (plant,) = [line for line in again.out if line.startswith("  plant")]
            seen.append(("kept as made" in plant, made_on in plant, key == key_in(again.out)))
            again.end(signal.SIGTERM)
    assert [(True, True, True), (False, True, True)] == seen
    assert [] == processes_of(data_dir)


def test_refused_with_a_database(tmp_path: Path) -> None:
    """The sample plant never goes into somebody's own database."""
    done = run(tmp_path, "demo", QUALSVC_DATABASE_URL="postgresql://plant/qualsvc")
    assert (2, "qualsvc: the demo was not started") == (done.returncode, done.stderr.splitlines()[0])
    assert "QUALSVC_DATABASE_URL is set" in done.stderr
    assert [] == list(tmp_path.iterdir())
