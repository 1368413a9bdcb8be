"""vakt: a policy for each way into a place, its rules made of vakt's own And and Or over leaves.

It has no rule for "one of these certificates counts on the day", so leaves are rules of ours, as its guide has it. Its memory
storage would try every policy; a storage may choose, and this one gives those of the place.
"""

from typing import Any

from benchmarks.peers.aside import document, in_python, plain
from benchmarks.peers.facts import Facts
from benchmarks.peers.formula import All


def translate(facts: Facts) -> dict[str, Any]:
    """By place: whether it is for maintenance, and the formula of each way in."""
    policies = [
        {
            "maintenance": place.maintenance,
            "paths": [document(All((*facts.narrowing(place.guards), facts.way_in(path)))) for path in place.paths],
        }
        for place in facts.places
    ]
    return {**plain(facts), "policies": policies}


CONTESTANTS = (in_python("vakt", "vakt", "1.6.0", translate),)
