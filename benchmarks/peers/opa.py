"""OPA as a server, where an `opa` is on the PATH: yes or no by `rego_allow`, the whole answer with reasons by `rego`.

Data is kept in the form that its evaluator reads where its version can do that; decisions are not logged.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.contestant import OverHttp, Said, Serving, Verdict
from benchmarks.peers import opa_path, rego, rego_allow
from benchmarks.peers.facts import Facts
from benchmarks.peers.server import noon, posted
from benchmarks.plant import Asked, Plant
from benchmarks.processes import free_port, running

_WANTED_FLAGS = ("--read-ast-values-from-store", "--disable-telemetry", "--skip-version-check")


@contextmanager
def _serving(
    plant: Plant, policies: Callable[[Facts], dict[str, str]], data: Callable[[Facts], dict[str, Any]], path: str
) -> Iterator[Serving]:
    facts = Facts(plant, noon(plant))
    read = _yes if path == "/v1/data/allow/allow" else verdict

    def request(asked: Asked) -> bytes:
        return posted(path, {"input": facts.put(asked)._asdict()})

    with TemporaryDirectory(prefix="qualsvc-opa-") as directory:
        opa_path.written(Path(directory), policies(facts), data(facts))
        port = free_port()
        flags = [flag for flag in _WANTED_FLAGS if opa_path.can(flag)]
        command = ["opa", "run", "--server", f"--addr=127.0.0.1:{port}", "--log-level=error", *flags, "--bundle", directory]
        with running(command, port, "/health") as process:
            yield Serving(port, [process.pid], request, read)


def _allow(plant: Plant) -> AbstractContextManager[Serving]:
    return _serving(plant, rego_allow.policies, rego_allow.data, "/v1/data/allow/allow")


def _answer(plant: Plant) -> AbstractContextManager[Serving]:
    return _serving(plant, lambda _: rego.policies(), rego.data, "/v1/data/answer/answer")


def _yes(body: bytes) -> Said:
    return bool(json.loads(body)["result"])


def verdict(body: bytes) -> Said:
    """Of an answer with reasons, the decision."""
    decision: Verdict = json.loads(body)["result"]["decision"]
    return decision


CONTESTANTS = (
    OverHttp("opa", opa_path.version(), _allow, opa_path.missing, rate=500),
    OverHttp("opa with reasons", opa_path.version(), _answer, opa_path.missing, rate=500),
)
