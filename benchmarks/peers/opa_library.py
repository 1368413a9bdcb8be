"""OPA in process: its Go library, with the policies of `rego_allow` and `rego`.

It is what an `opa` server runs, without the server. Calling it from Python, with JSON both ways, costs much of what is measured.
"""

from typing import Any

from benchmarks.peers import rego, rego_allow
from benchmarks.peers.aside import in_python
from benchmarks.peers.facts import Facts

_DISTRIBUTION, _VERSION = "opa-golib-python-bindings", "0.4.4 with OPA 1.20.2"


def allow(facts: Facts) -> dict[str, Any]:
    """Policies, data, and which document is wanted: yes or no."""
    return {"policies": rego_allow.policies(facts), "data": rego_allow.data(facts), "wanted": "allow.allow"}


def answer(facts: Facts) -> dict[str, Any]:
    """The same for the whole answer with reasons."""
    return {"policies": rego.policies(), "data": rego.data(facts), "wanted": "answer.answer"}


CONTESTANTS = (in_python("opa_library", _DISTRIBUTION, _VERSION, allow),)
