"""pycasbin: a row of policy for each way into a place, found by the place through its fast enforcer.

Its expressions cannot go through certificates, so the matcher calls registered functions, as its guide has it for attributes:
one for the gates and one for what a row asks. That favours it: what is measured is its finding and matching of rows.
Its caching enforcers remember an answer whatever the facts have become since, so they do not decide the same.
"""

from typing import Any

from benchmarks.peers.aside import document, in_python, plain
from benchmarks.peers.facts import Facts
from benchmarks.peers.formula import All


def translate(facts: Facts) -> dict[str, Any]:
    """Rows (place, act, name of what is asked), the act of each place, and what is asked by name."""
    rows, formulas = [], {}
    acts = ["maintenance" if place.maintenance else "operation" for place in facts.places]
    for number, place in enumerate(facts.places):
        guards = facts.narrowing(place.guards)
        for order, path in enumerate(place.paths):
            name = f"{number}/{order}"
            formulas[name] = document(All((*guards, facts.way_in(path))))
            rows.append([f"place-{number}", acts[number], name])
    return {**plain(facts), "rows": rows, "acts": acts, "formulas": formulas}


CONTESTANTS = (in_python("casbin", "pycasbin", "2.8.0", translate),)
