"""The rules: who may work on what, what must be brought besides; as many as asked for, the most telling first."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any

from benchmarks.plant.trades import (
    FITTER,
    SCOPES,
    SITES,
    TRADES,
    Trade,
    machine,
    process,
    rating_of_machine,
    trade_of_machine,
)
from qualsvc.sample.days import day
from qualsvc.sample.lines import Line, line
from qualsvc.sample.rules import card, lesson


def rule_lines(today: date, equipment: int, processes: int, rules: int) -> Iterator[Line]:
    """So many rules at most: when the machines run out of guards of their own there are no more."""
    every = (*_grants(), *_guards(today, processes), *_of_one_machine(equipment))
    return islice(iter(every), rules)


def _grants() -> Iterator[Line]:
    """A position's, site by site; maintenance for fitters; and the smallest machines for anybody authorised."""
    for trade in TRADES:
        licence = card(trade.licence, verified=True)
        for site in SITES:
            asked = {"all": [licence, card(trade.fitness)]}
            yield _rule(f"G-{trade.code}-{site}", "grant", asked, trade.position, trade.code, process(_work(trade)), site=site)
        lockout = lesson("LOTO", within_days=365, min_score=80)
        yield _rule(f"G-MAINT-{trade.code}", "grant", lockout, FITTER, process=process(TRADES.index(trade)))
    for trade in TRADES[6:9]:
        asked = {"all": [card(trade.authorisation, min_level="L3"), card(trade.fitness)]}
        yield _rule(f"G-ANY-{trade.code}", "grant", asked, None, f"{trade.code}-C", process(_work(trade)))


def _guards(today: date, processes: int) -> Iterator[Line]:
    for site in SITES:
        yield _rule(f"U-INDUCTION-{site}", "guard", lesson(f"INDUCTION-{site}", within_days=365), site=site)
    for trade in TRADES:
        covered = card(trade.authorisation, covers=[trade.rating])
        yield _rule(f"U-LIMIT-{trade.code}", "guard", covered, trade.position, trade.code)
        again = lesson(trade.refresher, within_days=730)
        yield _rule(f"U-REFRESH-{trade.code}", "guard", again, trade.position, f"{trade.code}-B", waivable=True, risk="medium")
        senior = card(trade.authorisation, min_level="L3")
        fit = {"at_least": 2, "of": [senior, card(trade.fitness), lesson("FIRST-AID", within_days=730)]}
        yield _rule(f"U-FIT-{trade.code}", "guard", fit, None, f"{trade.code}-C", process(_work(trade)), enforcement="confirm")
        either = {"any": [card(trade.authorisation, scope="remote"), lesson(trade.refresher)]}
        yield _rule(f"U-TOLD-{trade.code}", "guard", either, None, f"{trade.code}-A", enforcement="monitor", risk="low")
    for number in range(20, processes):
        trade = TRADES[number % 10]
        yield from _of_part(today, trade, number)


def _of_part(today: date, trade: Trade, number: int) -> Iterator[Line]:
    """Of a part of a trade's work: a level, supervised or confirmed where it is missing; some rules are past or to come."""
    code = process(number)
    level = card(trade.authorisation, min_level="L2" if number < 40 else "L3")
    match number // 10:
        case 2:
            beginner = card(trade.authorisation)
            yield _rule(
                f"U-{code}", "guard", level, trade.position, process=code, supervised_requirement=beginner, risk="medium"
            )
        case 3:
            yield _rule(f"U-{code}", "guard", level, trade.position, process=code, enforcement="confirm", risk="medium")
        case _:
            yield _rule(f"U-{code}", "guard", level, trade.position, process=code)
    soon, past = day(today, 14 + number), day(today, -14 - number)
    refreshed = lesson(trade.refresher, within_days=180)
    yield _rule(f"U-NEXT-{code}", "guard", refreshed, process=code, effective_from=f"{soon}T16:00:00Z")
    yield _rule(f"U-PAST-{code}", "guard", refreshed, process=code, effective_until=f"{past}T16:00:00Z")


def _of_one_machine(equipment: int) -> Iterator[Line]:
    """A machine that asks for a scope; every third machine, the rated ones for whoever comes through the position."""
    for number in range(0, equipment, 3):
        trade = trade_of_machine(number)
        asked = card(trade.authorisation, scope=SCOPES[number // 3 % 2])
        position = trade.position if rating_of_machine(number) > trade.steps[0] else None
        yield _rule(f"U-{machine(number)}", "guard", asked, position, equipment=machine(number))


def _work(trade: Trade) -> int:
    return 10 + TRADES.index(trade)


def _rule(
    code: str,
    effect: str,
    requirement: dict[str, Any],
    position: str | None = None,
    equipment_class: str | None = None,
    process: str | None = None,
    **more: Any,
) -> Line:
    where = {"position": position, "equipment_class": equipment_class, "process": process}
    return line(
        "rule",
        code,
        name=code,
        effect=effect,
        requirement=requirement,
        **where,
        **{"enforcement": "block", "risk": "high", **more},
    )
