"""Cedar through cedarpy, with policy sets and entities parsed beforehand."""

import json
from importlib.metadata import version
from typing import Any

from cedarpy import Decision, Entities, PolicySet, is_authorized

from benchmarks.peers.engines.answering import Decide, Question, answer


def make(facts: dict[str, Any]) -> Decide:
    """With all policies and entities in it."""
    sets = [PolicySet.from_str(text) for text in facts["policies"]]
    entities = Entities.from_json_str(json.dumps(facts["entities"]))
    place_of = facts["place_of"]
    operate = {"type": "Action", "id": "operate"}

    def decide(question: Question) -> bool:
        person, machine, process, day = question
        request = {
            "principal": {"type": "Person", "id": person},
            "action": operate,
            "resource": {"type": "Machine", "id": machine},
            "context": f'{{"day":{day}}}',
        }
        said = is_authorized(request, sets[place_of[machine][process]], entities)
        return bool(said.decision == Decision.Allow)

    return decide


if __name__ == "__main__":
    answer(version("cedarpy"), make)
