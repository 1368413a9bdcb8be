"""oso, with its rules in Polar."""

from importlib.metadata import version
from typing import Any

from oso import Oso

from benchmarks.peers.engines.answering import Decide, Question, answer
from benchmarks.peers.engines.leaves import Holds, Json, gates, leaf, with_sets


class Machine:
    """A machine, opaque to Polar."""

    def __init__(self, facts: Json) -> None:
        self.facts = facts


class Person:
    """A person, of whom Polar asks whether a leaf holds."""

    leaves: tuple[Holds, ...] = ()

    def __init__(self, facts: Json) -> None:
        self.facts = facts

    def meets(self, number: int, machine: Machine, day: int) -> bool:
        return self.leaves[number](self.facts, machine.facts, day)

    def passes(self, machine: Machine, day: int, maintenance: bool) -> bool:
        return gates(self.facts, machine.facts, day, maintenance=maintenance)


def make(facts: dict[str, Any]) -> Decide:
    """With all rules loaded."""
    persons = {code: Person(one) for code, one in with_sets(facts["persons"]).items()}
    machines = {code: Machine(one) for code, one in facts["equipment"].items()}
    place_of = facts["place_of"]
    Person.leaves = tuple(leaf(each) for each in facts["leaves"])
    oso = Oso()
    oso.register_class(Person)
    oso.register_class(Machine)
    oso.load_str(facts["polar"])

    def decide(question: Question) -> bool:
        person, machine, process, day = question
        place = place_of[machine][process]
        answers = oso.query_rule("opens", place, persons[person], machines[machine], day)
        return next(answers, None) is not None

    return decide


if __name__ == "__main__":
    answer(version("oso"), make)
