"""What doors and MES ask: mostly persons on the machines of their own trade at their own site."""

from random import Random
from typing import NamedTuple

from benchmarks.plant.people import Who, who
from benchmarks.plant.recipe import Plant
from benchmarks.plant.trades import TRADES, class_of_machine, machine, process, site_of_machine


class Asked(NamedTuple):
    """May the person operate the equipment for the process?"""

    person: str
    equipment: str
    process: str


def questions(of: Plant, n: int, seed: int = 1) -> list[Asked]:
    """So many questions, two thirds of them answered yes; nobody is asked about twice before everybody was once."""
    dice = Random(seed)
    machines = _machines_by_trade_and_site(of)
    asked: list[Asked] = []
    while len(asked) < n:
        some = dice.sample(range(of.persons), min(of.persons, n - len(asked)))
        asked += [_question(of, who(of.seed, number)[0], machines, dice) for number in some]
    return asked


def _machines_by_trade_and_site(of: Plant) -> dict[tuple[str, str], list[int]]:
    machines: dict[tuple[str, str], list[int]] = {}
    for number in range(of.equipment):
        machines.setdefault((class_of_machine(number).split("-")[0], site_of_machine(number)), []).append(number)
    return machines


def _question(of: Plant, one: Who, machines: dict[tuple[str, str], list[int]], dice: Random) -> Asked:
    """One in 25 asks for another trade's machine, as many for a process of another trade, one fitter in two for maintenance."""
    trade = TRADES[dice.randrange(10)] if dice.random() < 0.04 else one.trade
    there = machines.get((trade.code, one.site)) or machines[trade.code, "NB"]
    number = dice.choice(there)
    place = TRADES.index(trade)
    if one.is_fitter and dice.random() < 0.5:
        return Asked(one.code, machine(number), process(place))
    if dice.random() < 0.04:
        place = dice.randrange(10)
    parts = range(10 + place, of.processes, 10)
    part = parts[0] if dice.random() < 0.6 else dice.choice(parts)
    return Asked(one.code, machine(number), process(part))
