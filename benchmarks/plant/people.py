"""The persons, each from a number: their trade and site, posts, certificates, training, and what is amiss with some."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from benchmarks.plant.trades import FITTER, LEADER, LEVELS, SCOPES, SITE_OF_TEN, SITES, TRADES, WITH_FORMER, Trade
from qualsvc.sample.days import day
from qualsvc.sample.lines import Line

_AMISS = 0.14
"""The share of persons with one thing wrong with a certificate of their own trade."""
_FAULTS = ("expired", "missing", "level", "scope", "limit", "review", "suspended", "revoked", "pending", "unverified", "later")
_NOT_SAID: dict[str, Any] = dict.fromkeys(("phone", "email", "id_number", "language", "employed_until"))


@dataclass(frozen=True, slots=True)
class Who:
    """What follows from a person's number alone."""

    code: str
    trade: Trade
    site: str
    basis: str
    is_fitter: bool
    fault: str | None


def who(seed: int, number: int) -> tuple[Who, Random]:
    """And the dice for all else about them."""
    dice = Random(seed * 1_000_003 + number)
    trade, site = TRADES[dice.randrange(10)], SITE_OF_TEN[dice.randrange(10)]
    basis = "trial" if dice.random() < 0.04 else "regular"
    is_fitter = dice.random() < 0.1
    fault = _FAULTS[dice.randrange(len(_FAULTS))] if dice.random() < _AMISS else None
    return Who(f"P{number:07d}", trade, site, basis, is_fitter, fault), dice


def person_lines(seed: int, number: int, certificates: int, today: date) -> Iterator[Line]:
    """The person and all that hangs on them."""
    one, dice = who(seed, number)
    company = f"CO{dice.randrange(20):02d}" if dice.random() < 0.1 else None
    yield {
        "kind": "person",
        "code": one.code,
        "name": f"person {number}",
        "employment": "contractor" if company else "employee",
        "company": company,
        "site": one.site,
        "org_unit": f"{one.site}-{one.trade.code}",
        "supervisor": f"P{number // 50 * 50:07d}" if number % 50 else None,
        "status": ("suspended", "left")[number % 2] if dice.random() < 0.01 else "active",
        "employed_from": day(today, -dice.randrange(100, 5000)),
        **_NOT_SAID,
        "badges": [f"B{number:07d}"],
    }
    yield from _posts(one, dice, number, today)
    yield from _certificates(one, dice, certificates, today)
    yield from _training(one, dice, today)
    yield from _exceptions(one, dice, today)


def _posts(one: Who, dice: Random, number: int, today: date) -> Iterator[Line]:
    def post(place: int, position: str, basis: str, ended: int | None) -> Line:
        since, until = day(today, -dice.randrange(400, 3000)), day(today, ended)
        return {
            "kind": "assignment",
            "code": f"A{one.code}-{place}",
            "person": one.code,
            "position": position,
            "basis": basis,
            "valid_from": f"{since}T00:00:00Z",
            "valid_until": f"{until}T00:00:00Z" if until else None,
        }

    ended = -dice.randrange(5, 300) if dice.random() < 0.02 else None
    yield post(0, one.trade.position, one.basis, ended)
    if number % 50 == 0:
        yield post(1, LEADER, "regular", None)
    if one.is_fitter:
        yield post(2, FITTER, "regular", None)


def _certificates(one: Who, dice: Random, many: int, today: date) -> Iterator[Line]:
    """The licence, the authorisation, the fitness; then those of former times and other trades."""
    wrong = dice.randrange(3)
    for place in range(many):
        fault = one.fault if one.fault and place == _place_of(one.fault, wrong) else None
        if fault == "missing":
            continue
        other = TRADES[dice.randrange(10)] if place >= 3 else one.trade
        held = (other.licence, other.authorisation, other.fitness)[place % 3]
        if place == 0 and one.trade in WITH_FORMER and dice.random() < 0.2:
            held = one.trade.former
        yield _certificate(one, f"{one.code}-{place}", held, other, dice, fault, today)


def _place_of(fault: str, wrong: int) -> int:
    """Which of the first three has the fault: some faults only one of them can have."""
    return 1 if fault in {"level", "scope", "limit"} else 0 if fault in {"review", "unverified"} else wrong


def _certificate(one: Who, code: str, held: str, of: Trade, dice: Random, fault: str | None, today: date) -> Line:
    ours, licence = held == of.authorisation, held.startswith(of.licence)
    from_, until = -dice.randrange(40, 900), dice.randrange(3, 1100)
    if fault == "expired":
        until = -dice.randrange(3, 39)
    elif fault == "later":
        from_, until = dice.randrange(3, 30), until + 60
    review = dice.randrange(3, 700) if licence else None
    limits = {of.rating: of.steps[3 if dice.random() < 0.9 else 2]} if ours else {}
    status = (
        fault if fault in {"suspended", "revoked", "pending"} else "renewing" if licence and dice.random() < 0.03 else "valid"
    )
    verified = licence and fault not in {"unverified", "pending"}
    return {
        "kind": "certificate",
        "code": code,
        "person": one.code,
        "type": held,
        "number": f"{held}-{code}",
        "issuer": "authority" if licence else None,
        "level": LEVELS[0 if fault == "level" else 2 if dice.random() < 0.75 else 1 + 2 * dice.randrange(2)] if ours else None,
        "scopes": list(SCOPES[:1] if fault == "scope" else SCOPES[: 2 + dice.randrange(2)]) if ours else [],
        "limits": {of.rating: of.steps[0]} if fault == "limit" else limits,
        "status": status,
        "valid_from": day(today, from_),
        "valid_until": day(today, until),
        "next_review_on": day(today, -dice.randrange(3, 39)) if fault == "review" else day(today, review),
        "verified": verified,
        "verified_at": f"{day(today, -35)}T08:00:00Z" if verified else None,
        "verified_by": "P0000000" if verified else None,
        "attributes": {},
    }


def _training(one: Who, dice: Random, today: date) -> Iterator[Line]:
    taken = [(f"INDUCTION-{one.site}", 350 if dice.random() < 0.98 else 900)]
    if dice.random() < 0.8:
        taken.append((one.trade.refresher, 700))
    if one.is_fitter:
        taken.append(("LOTO", 350))
    for place, (course, longest) in enumerate(taken):
        score = dice.randrange(78, 101)
        yield _record(one.code, place, course, day(today, -dice.randrange(3, longest)), score)


def _record(person: str, place: int, course: str, completed: Any, score: int) -> Line:
    return {
        "kind": "training_record",
        "code": f"T{person}-{place}",
        "person": person,
        "course": course,
        "completed_on": completed,
        "passed": True,
        "score": score,
        "hours": 8,
        "attendance": 1.0,
    }


def _exceptions(one: Who, dice: Random, today: date) -> Iterator[Line]:
    """A few are kept from work, and a few let off their refresher."""
    what = dice.random()
    since, until = f"{day(today, -20)}T00:00:00Z", f"{day(today, 9)}T00:00:00Z"
    if what < 0.01:
        site = tuple(SITES)[dice.randrange(3)] if dice.random() < 0.5 else one.site
        where = {"site": site, "equipment_class": one.trade.code, "equipment": None, "process": None}
        yield (
            {"kind": "restriction", "code": f"R{one.code}", "person": one.code, "reason": "under inquiry"}
            | where
            | {
                "valid_from": since,
                "valid_until": None if dice.random() < 0.5 else until,
            }
        )
    elif what < 0.03:
        yield {"kind": "waiver", "code": f"W{one.code}", "person": one.code, "rule": f"U-REFRESH-{one.trade.code}"} | {
            "equipment": None,
            "process": None,
            "valid_from": since,
            "valid_until": until,
            "supervised": dice.random() < 0.5,
            "reason": "course put off",
            "status": "approved" if dice.random() < 0.8 else "requested",
            "requested_by": one.code,
            "approved_by": "P0000000" if one.code != "P0000000" else "P0000001",
        }
