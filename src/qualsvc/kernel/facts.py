"""The facts the kernel decides from: each record kind as the contract gives it, dates and instants as integers.

`FACTS` reads a record's document (the contract's JSON form) into its fact. Kinds that no decision depends on (`org_unit`,
`course`) are not here.

A large plant has a million of them, so equal values are one object: codes and words are interned, dates, lists and measures
shared. What a person has by the dozen costs little more than its own code then.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from sys import intern
from types import MappingProxyType
from typing import Any, TypeVar

from qualsvc.kernel.instants import BEGINNING, FOREVER, parse_date, parse_instant
from qualsvc.kernel.requirement_reader import parse_requirement
from qualsvc.kernel.requirements import Requirement
from qualsvc.kernel.value import value

Document = Mapping[str, Any]
T = TypeVar("T")

_SHARED = 8192
"""So many dates, instants, lists and measures are known, least recently read out first: those of twenty years, say."""


@dataclass(frozen=True, slots=True)
class Site:
    code: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Company:
    code: str
    status: str
    approved_until: int | None


@dataclass(frozen=True, slots=True)
class Position:
    code: str
    may_confirm: bool


@dataclass(frozen=True, slots=True)
class EquipmentClass:
    code: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Equipment:
    code: str
    equipment_class: str
    site: str
    status: str
    inspection_valid_until: int | None
    ratings: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Process:
    code: str
    parent: str | None
    maintenance: bool


@dataclass(frozen=True, slots=True)
class CertificateType:
    code: str
    levels: tuple[str, ...]
    usable_while_renewing: bool
    accepted: frozenset[str]
    """Certificates of these types serve where it is asked: itself and its equivalents, one way, one step."""
    warning_days: int | None
    """The longest of the contract's `warning_days`, None when there are none."""
    statutory: bool
    """Decides nothing here: rules that name such a type are kept from softening it when they are written."""


@value()
class Person:
    code: str
    employment: str
    company: str | None
    status: str
    employed_from: int | None
    employed_until: int | None
    badges: tuple[str, ...]


@value()
class Assignment:
    code: str
    person: str
    position: str
    basis: str
    valid_from: int
    valid_until: int


@value()
class Certificate:
    code: str
    person: str
    type: str
    level: str | None
    scopes: tuple[str, ...]
    limits: Mapping[str, float]
    status: str
    valid_from: int
    valid_until: int | None
    next_review_on: int | None
    verified: bool


@value()
class TrainingRecord:
    code: str
    person: str
    course: str
    completed_on: int
    passed: bool
    score: float | None
    hours: float | None
    attendance: float | None


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    effect: str
    position: str | None
    equipment: str | None
    equipment_class: str | None
    process: str | None
    site: str | None
    requirement: Requirement
    supervised_requirement: Requirement | None
    recommended: Requirement | None
    """What is reported where it is not met, and never decides."""
    enforcement: str
    waivable: bool
    effective_from: int
    effective_until: int


@dataclass(frozen=True, slots=True)
class Waiver:
    code: str
    person: str
    rule: str
    equipment: str | None
    process: str | None
    valid_from: int
    valid_until: int
    supervised: bool
    status: str


@dataclass(frozen=True, slots=True)
class Restriction:
    code: str
    person: str
    site: str | None
    equipment_class: str | None
    equipment: str | None
    process: str | None
    valid_from: int
    valid_until: int


Fact = (
    Site
    | Company
    | Position
    | EquipmentClass
    | Equipment
    | Process
    | CertificateType
    | Person
    | Assignment
    | Certificate
    | TrainingRecord
    | Rule
    | Waiver
    | Restriction
)


_day = lru_cache(_SHARED)(parse_date)
_instant = lru_cache(_SHARED)(parse_instant)


def _date(text: str | None) -> int | None:
    return None if text is None else _day(text)


def _from(text: str | None) -> int:
    return BEGINNING if text is None else _instant(text)


def _until(text: str | None) -> int:
    return FOREVER if text is None else _instant(text)


def _word(text: str | None) -> str | None:
    return None if text is None else intern(text)


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    return _same_words(*texts) if texts else ()


@lru_cache(_SHARED)
def _same_words(*texts: str) -> tuple[str, ...]:
    return tuple(map(intern, texts))


_NO_MEASURES: Mapping[str, float] = MappingProxyType({})


def _measures(named: Mapping[str, float]) -> Mapping[str, float]:
    return _same_measures(*chain.from_iterable(named.items())) if named else _NO_MEASURES


@lru_cache(_SHARED, typed=True)  # 7 and 7.0 are equal, and are said differently
def _same_measures(*flat: Any) -> Mapping[str, float]:
    names, values = flat[::2], flat[1::2]
    return MappingProxyType(dict(zip(map(intern, names), values, strict=True)))


def _certificate_type(d: Document) -> CertificateType:
    return CertificateType(
        code=d["code"],
        levels=tuple(d["levels"]),
        usable_while_renewing=d["usable_while_renewing"],
        accepted=frozenset((d["code"], *d["equivalents"])),
        warning_days=max(d["warning_days"], default=None),
        statutory=d["category"] == "statutory",
    )


def _person(d: Document) -> Person:
    return Person(
        intern(d["code"]),
        intern(d["employment"]),
        _word(d["company"]),
        intern(d["status"]),
        _date(d["employed_from"]),
        _date(d["employed_until"]),
        tuple(d["badges"]),
    )


def _equipment(d: Document) -> Equipment:
    return Equipment(
        code=d["code"],
        equipment_class=d["equipment_class"],
        site=d["site"],
        status=d["status"],
        inspection_valid_until=_date(d["inspection_valid_until"]),
        ratings=d["ratings"],
    )


# These by position, in the order of the fields: naming each takes as long again.
def _certificate(d: Document) -> Certificate:
    return Certificate(
        d["code"],
        intern(d["person"]),
        intern(d["type"]),
        _word(d["level"]),
        _words(d["scopes"]),
        _measures(d["limits"]),
        intern(d["status"]),
        _day(d["valid_from"]),
        _date(d["valid_until"]),
        _date(d["next_review_on"]),
        d["verified"],
    )


def _training_record(d: Document) -> TrainingRecord:
    return TrainingRecord(
        d["code"],
        intern(d["person"]),
        intern(d["course"]),
        _day(d["completed_on"]),
        d["passed"],
        d["score"],
        d["hours"],
        d["attendance"],
    )


def _assignment(d: Document) -> Assignment:
    return Assignment(
        d["code"],
        intern(d["person"]),
        intern(d["position"]),
        intern(d["basis"]),
        _instant(d["valid_from"]),
        _until(d["valid_until"]),
    )


def _rule(d: Document) -> Rule:
    supervised = d["supervised_requirement"]
    recommended = d.get("recommended")  # beyond the contract: there only where it is used
    return Rule(
        code=d["code"],
        effect=d["effect"],
        position=d["position"],
        equipment=d["equipment"],
        equipment_class=d["equipment_class"],
        process=d["process"],
        site=d["site"],
        requirement=parse_requirement(d["requirement"]),
        supervised_requirement=None if supervised is None else parse_requirement(supervised),
        recommended=None if recommended is None else parse_requirement(recommended),
        enforcement=d["enforcement"],
        waivable=d["waivable"],
        effective_from=_from(d["effective_from"]),
        effective_until=_until(d["effective_until"]),
    )


def _waiver(d: Document) -> Waiver:
    return Waiver(
        code=d["code"],
        person=d["person"],
        rule=d["rule"],
        equipment=d["equipment"],
        process=d["process"],
        valid_from=parse_instant(d["valid_from"]),
        valid_until=parse_instant(d["valid_until"]),
        supervised=d["supervised"],
        status=d["status"],
    )


def _restriction(d: Document) -> Restriction:
    return Restriction(
        code=d["code"],
        person=d["person"],
        site=d["site"],
        equipment_class=d["equipment_class"],
        equipment=d["equipment"],
        process=d["process"],
        valid_from=parse_instant(d["valid_from"]),
        valid_until=_until(d["valid_until"]),
    )


FACTS: Mapping[str, Callable[[Document], Fact]] = {
    "site": lambda d: Site(code=d["code"], time_zone=d["time_zone"]),
    "company": lambda d: Company(code=d["code"], status=d["status"], approved_until=_date(d["approved_until"])),
    "position": lambda d: Position(code=d["code"], may_confirm=d["may_confirm"]),
    "equipment_class": lambda d: EquipmentClass(code=d["code"], parent=d["parent"]),
    "equipment": _equipment,
    "process": lambda d: Process(code=d["code"], parent=d["parent"], maintenance=d["maintenance"]),
    "certificate_type": _certificate_type,
    "person": _person,
    "assignment": _assignment,
    "certificate": _certificate,
    "training_record": _training_record,
    "rule": _rule,
    "waiver": _waiver,
    "restriction": _restriction,
}
