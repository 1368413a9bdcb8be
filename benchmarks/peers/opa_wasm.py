"""OPA's policies compiled to WebAssembly, in Node.js by OPA's own package; the plant is given to it once, as data.

Only an `opa` on the PATH can compile them. Its policies are those of the server: `rego_allow`, and `rego` with reasons.
"""

import base64
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.peers import opa_path, rego, rego_allow
from benchmarks.peers.aside import contestant
from benchmarks.peers.facts import Facts
from benchmarks.peers.install import NODE, node_missing

_PACKAGE = "@open-policy-agent/opa-wasm"
_PROGRAM: list[str | Path] = ["node", Path(__file__).parent / "engines" / "opa_wasm.cjs", NODE / "node_modules" / _PACKAGE]


def compiled(policies: dict[str, str], entrypoint: str) -> bytes:
    """The module. Raises CalledProcessError where the policies do not compile."""
    with TemporaryDirectory(prefix="qualsvc-opa-") as name:
        directory = Path(name)
        policy, bundle = directory / "policy", directory / "bundle.tar.gz"
        policy.mkdir()
        opa_path.written(policy, policies)
        subprocess.run(["opa", "build", "-t", "wasm", "-e", entrypoint, "-o", bundle, policy], check=True)
        with tarfile.open(bundle) as members:
            module = members.extractfile("/policy.wasm")
            assert module is not None
            return module.read()


def _allow(facts: Facts) -> dict[str, Any]:
    return _given(rego_allow.policies(facts), "allow/allow", rego_allow.data(facts))


def _answer(facts: Facts) -> dict[str, Any]:
    return _given(rego.policies(), "answer/answer", rego.data(facts))


def _given(policies: dict[str, str], entrypoint: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"wasm": base64.b64encode(compiled(policies, entrypoint)).decode(), "data": data}


def _missing() -> str | None:
    return opa_path.missing() or node_missing(_PACKAGE)


CONTESTANTS = (
    contestant("opa as WebAssembly", "1.10.0", _allow, _PROGRAM, _missing),
    contestant("opa as WebAssembly with reasons", "1.10.0", _answer, _PROGRAM, _missing, with_reasons=True),
)
