"""py-abac, with a storage that knows the place and a provider of leaves."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from py_abac import PDP, AccessRequest, EvaluationAlgorithm, Policy
from py_abac.provider.base import AttributeProvider
from py_abac.storage.memory import MemoryStorage

from benchmarks.peers.engines.answering import Decide, Question, answer
from benchmarks.peers.engines.leaves import gates, leaf, with_sets


class Places(MemoryStorage):
    """Policies by the place that is the resource."""

    def get_for_target(self, subject_id: str, resource_id: str, action_id: str) -> Iterator[Policy]:  # noqa: ARG002
        known = self.get(resource_id)
        if known is not None:
            yield known


class Leaves(AttributeProvider):
    """Attributes of the subject that is asked about: 1 where a leaf holds."""

    def __init__(self, documents: list[dict[str, Any]]) -> None:
        self._holds = {f"$.leaf_{number}": leaf(each) for number, each in enumerate(documents)}
        self._holds["$.passes"] = lambda person, machine, day: gates(person, machine, day, maintenance=False)
        self._holds["$.passes_maintenance"] = lambda person, machine, day: gates(person, machine, day, maintenance=True)
        self.asked: tuple[Any, Any, int] = ({}, {}, 0)

    def get_attribute_value(self, ace: str, attribute_path: str, ctx: Any) -> int:  # noqa: ARG002
        person, machine, day = self.asked
        return int(self._holds[attribute_path](person, machine, day))


def make(facts: dict[str, Any]) -> Decide:
    """With all policies in its storage."""
    persons, machines, place_of = with_sets(facts["persons"]), facts["equipment"], facts["place_of"]
    storage, leaves = Places(), Leaves(facts["leaves"])
    for document in facts["policies"]:
        if document is not None:
            storage.add(Policy.from_json(document))
    pdp = PDP(storage, EvaluationAlgorithm.DENY_OVERRIDES, [leaves])
    operate: dict[str, Any] = {"id": "operate"}

    def decide(question: Question) -> bool:
        person, machine, process, day = question
        leaves.asked = persons[person], machines[machine], day
        place = str(place_of[machine][process])
        return bool(pdp.is_allowed(AccessRequest({"id": person}, {"id": place}, operate, {})))

    return decide


if __name__ == "__main__":
    answer(version("py_abac"), make)
