"""vakt, with a storage that knows the place."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from vakt import ALLOW_ACCESS, Guard, Inquiry, MemoryStorage, Policy, RulesChecker
from vakt.rules import And, Or
from vakt.rules import Any as Anything
from vakt.rules.base import Rule

from benchmarks.peers.engines.answering import Decide, Question, answer
from benchmarks.peers.engines.leaves import Holds, gates, leaf, with_sets


class Leaf(Rule):
    """Of the subject of an inquiry, with its resource and day."""

    def __init__(self, holds: Holds) -> None:
        self.holds = holds

    def satisfied(self, what: Any, inquiry: Inquiry | None = None) -> bool:
        assert inquiry is not None
        return self.holds(what, inquiry.resource, inquiry.context["day"])


class Never(Rule):
    """Met by nobody: vakt's Or of nothing may not be made."""

    def satisfied(self, what: Any, inquiry: Inquiry | None = None) -> bool:  # noqa: ARG002
        return False


class AtLeast(Rule):
    """So many of the rules: vakt has none."""

    def __init__(self, number: int, rules: Iterable[Rule]) -> None:
        self.number, self.rules = number, tuple(rules)

    def satisfied(self, what: Any, inquiry: Inquiry | None = None) -> bool:
        return sum(bool(rule.satisfied(what, inquiry)) for rule in self.rules) >= self.number


def rule(document: dict[str, Any]) -> Rule:
    """A formula in vakt's rules."""
    parts = [rule(part) for part in document.get("parts", ())]
    match document["kind"]:
        case "all":
            return And(*parts) if parts else Anything()
        case "any":
            return Or(*parts) if parts else Never()
        case "at_least":
            return AtLeast(document["number"], parts)
        case _:
            return Leaf(leaf(document))


class Places(MemoryStorage):
    """Policies by the place that an inquiry names as its action."""

    def __init__(self, by_place: list[list[Policy]]) -> None:
        super().__init__()
        self._by_place = by_place

    def find_for_inquiry(self, inquiry: Inquiry, checker: Any = None) -> list[Policy]:  # noqa: ARG002
        return self._by_place[inquiry.action - 1]


def make(facts: dict[str, Any]) -> Decide:
    """With all policies in its storage."""
    persons, machines, place_of = with_sets(facts["persons"]), facts["equipment"], facts["place_of"]
    by_place = []
    for number, place in enumerate(facts["policies"]):

        def passes(person: Any, machine: Any, day: int, *, maintenance: bool = place["maintenance"]) -> bool:
            return gates(person, machine, day, maintenance=maintenance)

        by_place.append(
            [
                Policy(
                    f"{number}/{order}",
                    effect=ALLOW_ACCESS,
                    subjects=[And(Leaf(passes), rule(path))],
                    resources=[Anything()],
                    actions=[Anything()],
                )
                for order, path in enumerate(place["paths"])
            ]
        )
    guard = Guard(Places(by_place), RulesChecker())

    def decide(question: Question) -> bool:
        person, machine, process, day = question
        place = place_of[machine][process] + 1  # it takes 0 for no action at all
        return bool(guard.is_allowed(Inquiry(machines[machine], place, persons[person], {"day": day})))

    return decide


if __name__ == "__main__":
    answer(version("vakt"), make)
