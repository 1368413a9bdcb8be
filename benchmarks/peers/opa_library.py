"""OPA in process: its Go library, with the policies of `rego_allow`, and of `rego` for reasons.

It is what an `opa` server runs, without the server. It is called from Python, with JSON both ways, and that costs about a
fifth of what is measured of a yes or no. It cannot be told to keep its data in the form its evaluator reads.
"""

from typing import Any

from benchmarks.peers import rego, rego_allow
from benchmarks.peers.aside import contestant, python_command
from benchmarks.peers.facts import Facts
from benchmarks.peers.install import python_missing

_VERSION = "0.4.4 with OPA 1.20.2"
PROGRAM = python_command("opa_library")


def allow(facts: Facts) -> dict[str, Any]:
    """Policies, data, and which document is wanted: yes or no."""
    return {"policies": rego_allow.policies(facts), "data": rego_allow.data(facts), "wanted": "allow.allow"}


def answer(facts: Facts) -> dict[str, Any]:
    """The same for the whole answer with reasons."""
    return {"policies": rego.policies(), "data": rego.data(facts), "wanted": "answer.answer"}


def _missing() -> str | None:
    return python_missing("opa-golib-python-bindings")


CONTESTANTS = (
    contestant("opa as a library", _VERSION, allow, PROGRAM, _missing, many=500),
    contestant("opa as a library with reasons", _VERSION, answer, PROGRAM, _missing, many=500, with_reasons=True),
)
