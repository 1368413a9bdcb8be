"""pycasbin, with its fast enforcer."""

from importlib.metadata import version
from typing import Any

from casbin import FastEnforcer
from casbin.model import FastModel

from benchmarks.peers.engines.answering import Decide, Question, answer
from benchmarks.peers.engines.leaves import formula, gates, with_sets

MODEL = """
[request_definition]
r = place, act, person, machine, day
[policy_definition]
p = place, act, asked
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = passes(r.person, r.machine, r.day, p.act) && meets(r.person, r.machine, r.day, p.asked)
"""
"""No `r.place == p.place`: the fast enforcer has picked the rows by place and act already."""
_NOTHING: dict[str, Any] = {"kind": "any", "parts": []}


def make(facts: dict[str, Any]) -> Decide:
    """With all rows and functions in it."""
    persons, machines, place_of = with_sets(facts["persons"]), facts["equipment"], facts["place_of"]
    formulas = {name: formula(asked) for name, asked in facts["formulas"].items()}
    formulas[""] = formula(_NOTHING)  # what it asks of the functions where a place has no rows
    acts = facts["acts"]
    model = FastModel([0, 1])
    model.load_model_from_text(MODEL)
    enforcer = FastEnforcer(model, cache_key_order=[0, 1])
    enforcer.add_policies(facts["rows"])
    enforcer.add_function(
        "passes", lambda person, machine, day, act: gates(person, machine, day, maintenance=act == "maintenance")
    )
    enforcer.add_function("meets", lambda person, machine, day, asked: formulas[asked](person, machine, day))

    def decide(question: Question) -> bool:
        person, machine, process, day = question
        place = place_of[machine][process]
        return bool(enforcer.enforce(f"place-{place}", acts[place], persons[person], machines[machine], day))

    return decide


if __name__ == "__main__":
    answer(version("pycasbin"), make)
