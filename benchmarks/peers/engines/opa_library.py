"""OPA's own evaluator, as the Go library, called from Python.

The library says neither what version of OPA is in it nor how long it took inside, so the time is that of a call.
"""

from importlib.metadata import version
from typing import Any

from opa_bindings import OpaEngine

from benchmarks.peers.engines.answering import Decide, Question, answer


def make(facts: dict[str, Any]) -> Decide:
    """With all policies and data in it."""
    engine = OpaEngine()
    for name, text in facts["policies"].items():
        engine.add_policy(name, text)
    engine.add_data(facts["data"])
    wanted = facts["wanted"]

    def decide(question: Question) -> Any:
        person, machine, process, day = question
        return engine.eval_document(wanted, {"person": person, "equipment": machine, "process": process, "day": day})

    return decide


if __name__ == "__main__":
    answer(version("opa-golib-python-bindings"), make)
