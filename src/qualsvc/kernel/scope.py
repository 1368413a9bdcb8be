"""Where and when rules apply: to a pair of equipment and process, and two of them together.

Whether two rules can meet is told from the trees of classes and processes alone. So it holds for machines still to come, and no
pair is looked at.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

from qualsvc.kernel.facts import Equipment, Rule
from qualsvc.kernel.instants import BEGINNING


class Plant(Protocol):
    """The machines, and the trees above classes and processes, each line from the one asked for up to its root."""

    @property
    def equipment(self) -> Mapping[str, Equipment]: ...
    def class_line(self, equipment_class: str, /) -> tuple[str, ...]: ...
    def process_line(self, process: str, /) -> tuple[str, ...]: ...


def at_equipment(rules: Iterable[Rule], equipment: Equipment, classes: Collection[str]) -> list[Rule]:
    """The rules that match the equipment, for whichever process; `classes` are its class and the ancestors of that."""
    code, site = equipment.code, equipment.site  # looked up once: a plant may have thousands of rules
    return [
        rule
        for rule in rules
        if (rule.equipment_class is None or rule.equipment_class in classes)
        and (rule.equipment is None or rule.equipment == code)
        and (rule.site is None or rule.site == site)
    ]


def for_process(rules: Iterable[Rule], processes: Collection[str]) -> list[Rule]:
    """The rules that match the process, on whichever equipment; `processes` are it and its ancestors."""
    return [rule for rule in rules if rule.process is None or rule.process in processes]


def in_force(rule: Rule, instant: int) -> bool:
    """Whether the rule is in force at the instant."""
    return rule.effective_from <= instant < rule.effective_until


def meet(one: Rule, other: Rule, plant: Plant, since: int = BEGINNING) -> bool:
    """Whether both can apply to one pair of equipment and process at one instant not before `since`.

    Equipment is taken where it stands; of a class or a site there may always be one more machine.
    """
    return (
        max(one.effective_from, other.effective_from, since) < min(one.effective_until, other.effective_until)
        and _in_line(one.process, other.process, plant.process_line)
        and _meet_on_equipment(one, other, plant)
    )


def _meet_on_equipment(one: Rule, other: Rule, plant: Plant) -> bool:
    named = one.equipment or other.equipment
    if named is None:
        sites_agree = one.site is None or other.site is None or one.site == other.site
        return sites_agree and _in_line(one.equipment_class, other.equipment_class, plant.class_line)
    equipment = plant.equipment.get(named)
    if equipment is None:
        return False
    return len(at_equipment((one, other), equipment, plant.class_line(equipment.equipment_class))) == 2


def _in_line(one: str | None, other: str | None, line: Callable[[str], tuple[str, ...]]) -> bool:
    """Whether one covers the other; what is not named covers everything."""
    return one is None or other is None or one in line(other) or other in line(one)
