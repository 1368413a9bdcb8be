"""Lint the document, build both clients, and run each against a service of its own with the sample plant."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from tests.cli.commands import serving, short_directory

from qualsvc.sample import plant_day, records

HERE = Path(__file__).parent
ROOT = HERE.parent
DOCUMENT = ROOT / "openapi" / "openapi.json"
BUILD = HERE / "build"
KEY = "clients-" + "k" * 32
TOOLS = HERE / "node_modules" / ".bin"
LEAST_NODE = (20, 19)


def main() -> None:
    """Each step says what it does and how long it took; the first that fails ends it all with what it printed."""
    began = time.monotonic()
    _require_node()
    shutil.rmtree(BUILD, ignore_errors=True)
    with _step("npm: the tools of package-lock.json"):
        _run("npm", "ci", "--no-progress")
    with _step("lint by openapi/redocly.yaml"):
        _lint()
    with _step("TypeScript: generate"):
        _run(str(TOOLS / "openapi-typescript"), str(DOCUMENT), "--output", str(BUILD / "schema.ts"))
    with _step("TypeScript: type-check and compile"):
        _run(str(TOOLS / "tsc"), "--project", "tsconfig.json")
    with _step("Python: the generator of requirements/clients.txt, in an environment of its own"):
        _install_generator()
    with _step("Python: generate"):
        generate = ("generate", "--path", str(DOCUMENT), "--config", "python.yaml", "--meta", "none", "--fail-on-warning")
        _run(str(BUILD / "venv/bin/openapi-python-client"), *generate, "--output-path", str(BUILD / "python/qualsvc_client"))
    with _service() as base:
        _smoke("TypeScript", "node", str(BUILD / "typescript/smoke.js"), base, KEY)
        _smoke("Python", str(BUILD / "venv/bin/python"), "smoke.py", base, KEY, PYTHONPATH=str(BUILD / "python"))
    print(f"Both clients build and work ({time.monotonic() - began:.0f} s).")


def _require_node() -> None:
    try:
        said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        said = "none"
    if said == "none" or tuple(map(int, said.removeprefix("v").split(".")[:2])) < LEAST_NODE:
        least = ".".join(map(str, LEAST_NODE))
        sys.exit(f"clients: cannot build the TypeScript client\n  why: node is {said}\n  do:  install Node.js {least} or later")


def _lint() -> None:
    """Redocly ends well with warnings; here each counts."""
    command = [
        str(TOOLS / "redocly"),
        "lint",
        "--config",
        str(ROOT / "openapi/redocly.yaml"),
        "--format",
        "json",
        str(DOCUMENT),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE)
    told = json.loads(ended.stdout[ended.stdout.index("{") :])
    for problem in told["problems"]:
        if not problem.get("ignored"):
            print(f"  {problem['severity']} {problem['ruleId']} {problem['location'][0].get('pointer')}: {problem['message']}")
    if told["totals"]["errors"] or told["totals"]["warnings"]:
        sys.exit("clients: the document is not clean; a rule is switched off in openapi/redocly.yaml only with a reason")


def _install_generator() -> None:
    _run(sys.executable, "-m", "venv", str(BUILD / "venv"))
    lock = str(ROOT / "requirements/clients.txt")
    _run(str(BUILD / "venv/bin/python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock)


@contextmanager
def _service() -> Iterator[str]:
    """The service with the sample plant, on a free port, until the end of the block."""
    with short_directory() as directory:
        began = time.monotonic()
        with serving(directory, QUALSVC_BOOTSTRAP_API_KEY=KEY) as (_, base):
            lines = "\n".join(json.dumps(line) for line in records(plant_day(datetime.now(UTC))))
            headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"}
            httpx.post(f"{base}/v1/bulk", content=lines, headers=headers, timeout=60, trust_env=False).raise_for_status()
            print(f"Serving the sample plant at {base} ({time.monotonic() - began:.1f} s).", flush=True)
            yield base


def _smoke(language: str, *command: str, **environment: str) -> None:
    print(f"{language}: run", flush=True)
    ended = subprocess.run(command, check=False, cwd=HERE, env=_quiet() | environment)
    if ended.returncode:
        sys.exit(f"clients: the {language} client met an answer it did not expect")


@contextmanager
def _step(what: str) -> Iterator[None]:
    began = time.monotonic()
    print(what, end=" ", flush=True)
    yield
    print(f"({time.monotonic() - began:.1f} s)", flush=True)


def _run(*command: str) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE, env=_quiet())
    if ended.returncode:
        print(f"\n{ended.stdout}{ended.stderr}")
        sys.exit(f"clients: `{' '.join(command)}` failed")


def _quiet() -> dict[str, str]:
    return dict(os.environ) | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "NODE_NO_WARNINGS": "1"}


if __name__ == "__main__":
    main()
