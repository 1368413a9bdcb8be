"""Everybody else: 174 persons who mostly have what their work asks for, spread evenly and never at random.

One in twelve has something amiss, so that lists of who falls out next month are not empty.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from qualsvc.sample.days import midnight
from qualsvc.sample.figures import LEADER, LEADER_HAM
from qualsvc.sample.kits import INDUCTION, KITS, Card
from qualsvc.sample.lines import Line, line
from qualsvc.sample.names import name
from qualsvc.sample.persons import Figure, Post, person_lines

GANGS = (
    # site, org unit, position, company, heads
    ("NGB", "NGB-LIFT", "CRANE-DRIVER", None, 22),
    ("NGB", "NGB-LIFT", "SLINGER", None, 10),
    ("NGB", "NGB-LOG", "TRUCK-DRIVER", None, 18),
    ("NGB", "NGB-WELD", "WELDER", None, 20),
    ("NGB", "NGB-POWER", "BOILER-OPERATOR", None, 6),
    ("NGB", "NGB-POWER", "HV-ELECTRICIAN", None, 6),
    ("NGB", "NGB-POWER", "LV-ELECTRICIAN", None, 8),
    ("NGB", "NGB-MACH", "MACHINIST", None, 18),
    ("NGB", "NGB-MAINT", "MEWP-OPERATOR", None, 6),
    ("NGB", "NGB-MAINT", "FITTER", None, 10),
    ("NGB", "NGB-WELD", "SHIFT-LEADER", None, 3),
    ("NGB", "NGB-EHS", "SAFETY-OFFICER", None, 2),
    ("NGB", "NGB-LIFT", "CRANE-DRIVER", "DONGHAI", 6),
    ("NGB", "NGB-MAINT", "CONTRACT-FITTER", "DONGHAI", 6),
    ("NGB", "NGB-MAINT", "CONTRACT-FITTER", "YONGAN", 7),
    ("HAM", "HAM-YARD", "CRANE-DRIVER", None, 5),
    ("HAM", "HAM-YARD", "TRUCK-DRIVER", None, 5),
    ("HAM", "HAM-SHOP", "WELDER", None, 3),
    ("HAM", "HAM-SHOP", "MACHINIST", None, 3),
    ("HAM", "HAM-SHOP", "FITTER", None, 2),
    ("HAM", "HAM-SHOP", "MEWP-OPERATOR", None, 1),
    ("HAM", "HAM-SHOP", "SHIFT-LEADER", None, 1),
    ("HAM", "HAM-SHOP", "WELDER", "ELBE", 3),
    ("HAM", "HAM-SHOP", "CONTRACT-FITTER", "ELBE", 3),
)


def crowd() -> Iterator[Figure]:
    """The figures, the same on every day."""
    number = 0
    for site, unit, position, company, heads in GANGS:
        for _ in range(heads):
            yield _figure(number, site, unit, position, company)
            number += 1


def crowd_lines(today: date) -> Iterator[Line]:
    """Their lines, and one waiver that nobody has decided on and that therefore counts for nothing."""
    for figure in crowd():
        yield from person_lines(figure, today)
    yield line(
        "waiver",
        "W-REACH-1140",
        person="E1140",
        rule="REACH-REFRESHER",
        valid_from=midnight(today, "NGB"),
        valid_until=midnight(date.fromordinal(today.toordinal() + 10), "NGB"),
        supervised=True,
        reason="申请延期复训 / refresher to be put off",
        status="requested",
        requested_by="E1140",
    )


def _figure(number: int, site: str, unit: str, position: str, company: str | None) -> Figure:
    prefix = "C2" if company else "E1" if site == "NGB" else "E3"
    since = -120 - number * 41 % 1500
    posts = [Post(position, since, basis="trial" if number % 25 == 24 and site == "NGB" else "regular")]
    if position == "CRANE-DRIVER" and number % 9 == 0:
        posts.append(Post("SLINGER", since // 2))
    return Figure(
        f"{prefix}{100 + number:03d}",
        name(number, site),
        site,
        unit,
        position,
        _changes(number, site, position),
        tuple(posts),
        company,
        LEADER if site == "NGB" else LEADER_HAM,
    )


def _changes(number: int, site: str, position: str) -> Mapping[str, Mapping[str, Any]]:
    kit = KITS[site, position]
    changes: dict[str, dict[str, Any]] = {}
    for place, (tag, card) in enumerate(kit.cards.items()):
        changes[tag] = _spread(number * 37 + place * 61, card)
    for place, (tag, lesson) in enumerate({**INDUCTION[site], **kit.lessons}.items()):
        changes[tag] = {"ago": 5 + (number * 29 + place * 17) % (2 * lesson.ago)}
    if number % 12 == 5:
        _something_amiss(number // 12, next(iter(kit.cards), "INDUCTION"), kit.cards, changes)
    return changes


def _spread(step: int, card: Card) -> dict[str, Any]:
    """Ends and reviews between 100 days and nearly the whole span away; levels and limits as a gang has them."""
    spread: dict[str, Any] = {}
    if card.months is not None:
        spread["until"] = 100 + step % (card.months * 30 - 130)
    if card.review is not None:
        spread["review"] = 60 + step % card.review
    match card.type:
        case "IA-CRANE":
            spread |= {"level": ("standard", "senior")[step % 4 == 0], "limits": {"lifting_t": (32, 50, 100)[step % 3]}}
            spread["scopes"] = card.scopes if step % 5 < 2 else ("bridge", "gantry")
        case "IA-TRUCK":
            spread["limits"] = {"capacity_t": (3, 5, 10)[step % 3]}
        case "IA-MACHINE":
            spread["level"] = ("L2", "L2", "L3")[step % 3]
        case "VQ-WELDER":
            spread["level"] = ("四级", "三级", "二级")[step % 3]
        case "IA-CONFINED":
            spread["level"] = ("entrant", "lead")[step % 4 == 0]
    return spread


def _something_amiss(turn: int, tag: str, cards: Mapping[str, Card], changes: dict[str, dict[str, Any]]) -> None:
    card = cards.get(tag)
    if card is None or turn % 6 == 5:
        changes["INDUCTION"] = {"ago": 370 + turn}
    elif turn % 6 == 2:
        changes[tag]["status"] = "suspended"
    elif turn % 6 == 3:
        changes[tag]["status"] = "pending"
    elif turn % 6 == 4 and card.review is not None:
        changes[tag]["review"] = -turn
    elif card.months is not None:
        changes[tag]["until"] = (12 + turn) if turn % 2 == 0 else -(3 + turn)
