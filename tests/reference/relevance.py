"""What drawn plants exercise: how answers fall, and for each feature how many answers would differ without it.

A feature matters when taking it out changes answers. So each is taken out of the documents, all else equal, and the questions
are asked again; a generator under which a feature changes nothing could not tell a right kernel from one that ignores it.
"""

import copy
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .documents import Document, Plant
from .evaluator import answer, residual, state
from .requirements import leaves

Documents = dict[str, dict[str, Document]]
Drawn = list[tuple[Documents, list[Document]]]
_EARLY, _LATE = "0001-01-01", "9999-12-31"


def _set(kind: str, field: str, value: Any, where: Callable[[Document], bool] = lambda _: True) -> Callable[[Documents], None]:
    def change(documents: Documents) -> None:
        for document in documents[kind].values():
            if where(document):
                document[field] = copy.deepcopy(value)

    return change


def _drop(kind: str, where: Callable[[Document], bool] = lambda _: True) -> Callable[[Documents], None]:
    def change(documents: Documents) -> None:
        documents[kind] = {code: document for code, document in documents[kind].items() if not where(document)}

    return change


def _requirements(documents: Documents) -> Iterator[Document]:
    pending = [rule[field] for rule in documents["rule"].values() for field in ("requirement", "supervised_requirement")]
    while pending:
        requirement = pending.pop()
        if requirement is not None:
            yield requirement
            pending += requirement.get("all", []) + requirement.get("any", []) + requirement.get("of", [])


def _ask_nothing(kind: str, *keys: str) -> Callable[[Documents], None]:
    def change(documents: Documents) -> None:
        for leaf in leaves(*_requirements(documents)):
            for key in keys:
                leaf.get(kind, {}).pop(key, None)

    return change


def _each_at_least(count: Callable[[int], int]) -> Callable[[Documents], None]:
    def change(documents: Documents) -> None:
        for requirement in _requirements(documents):
            if "at_least" in requirement:
                requirement["at_least"] = count(len(requirement["of"]))

    return change


def _both_ways(documents: Documents) -> None:
    types = documents["certificate_type"]
    before = {code: list(document["equivalents"]) for code, document in types.items()}
    for code, document in types.items():
        document["equivalents"] += [other for other, theirs in before.items() if code in theirs]


def _two_steps(documents: Documents) -> None:
    types = documents["certificate_type"]
    before = {code: list(document["equivalents"]) for code, document in types.items()}
    for document in types.values():
        document["equivalents"] += [further for other in list(document["equivalents"]) for further in before[other]]


def _levels_reversed(documents: Documents) -> None:
    for document in documents["certificate_type"].values():
        document["levels"].reverse()


def _failures_forgotten(documents: Documents) -> None:
    _drop("training_record", lambda record: not record["passed"])(documents)


def _is(field: str, *values: Any) -> Callable[[Document], bool]:
    return lambda document: document[field] in values


FEATURES: dict[str, Callable[[Documents], None]] = {
    "time zones (all UTC)": _set("site", "time_zone", "UTC"),
    "person.status": _set("person", "status", "active"),
    "employed_from": _set("person", "employed_from", None),
    "employed_until": _set("person", "employed_until", None),
    "contractors": _set("person", "employment", "employee"),
    "employees' companies ignored": _set("person", "employment", "contractor"),
    "contractor without company": _set("person", "employment", "employee", _is("company", None)),
    "company.status": _set("company", "status", "approved"),
    "company.approved_until": _set("company", "approved_until", None),
    "restrictions": _drop("restriction"),
    "restriction.site": _set("restriction", "site", None),
    "restriction.equipment_class": _set("restriction", "equipment_class", None),
    "restriction.equipment": _set("restriction", "equipment", None),
    "restriction.process": _set("restriction", "process", None),
    "locked out": _set("equipment", "status", "in_service", _is("status", "locked_out")),
    "retired": _set("equipment", "status", "locked_out", _is("status", "retired")),
    "inspection": _set("equipment", "inspection_valid_until", None),
    "maintenance processes": _set("process", "maintenance", False),
    "class tree": _set("equipment_class", "parent", None),
    "process tree": _set("process", "parent", None),
    "rule.site": _set("rule", "site", None),
    "rule.equipment": _set("rule", "equipment", None),
    "rule.equipment_class": _set("rule", "equipment_class", None),
    "rule.process": _set("rule", "process", None),
    "rule.effective_from": _set("rule", "effective_from", None),
    "rule.effective_until": _set("rule", "effective_until", None),
    "confirm": _set("rule", "enforcement", "block", _is("enforcement", "confirm")),
    "monitor": _set("rule", "enforcement", "block", _is("enforcement", "monitor")),
    "supervised_requirement": _set("rule", "supervised_requirement", None),
    "guards without position": _drop("rule", lambda rule: rule["effect"] == "guard" and rule["position"] is None),
    "guards of a position": _drop("rule", lambda rule: rule["effect"] == "guard" and rule["position"] is not None),
    "guards of a position bind all": _set("rule", "position", None, _is("effect", "guard")),
    "grants' positions": _set("rule", "position", None, _is("effect", "grant")),
    "trial": _set("assignment", "basis", "regular"),
    "assignment.valid_from": _set("assignment", "valid_from", "0001-01-01T00:00:00Z"),
    "assignment.valid_until": _set("assignment", "valid_until", None),
    "waivers": _drop("waiver"),
    "waiver.supervised": _set("waiver", "supervised", False),
    "waiver.status": _set("waiver", "status", "approved"),
    "waiver.equipment": _set("waiver", "equipment", None),
    "waiver.process": _set("waiver", "process", None),
    "at_least (as any)": _each_at_least(lambda _: 1),
    "at_least (as all)": _each_at_least(lambda length: length),
    "min_level": _ask_nothing("certificate", "min_level"),
    "level order": _levels_reversed,
    "scope": _ask_nothing("certificate", "scope"),
    "verified": _ask_nothing("certificate", "verified"),
    "covers": _ask_nothing("certificate", "covers"),
    "covers, rating missing": _set(
        "equipment", "ratings", {"tonnes": 0, "volts": 0}, lambda document: len(document["ratings"]) < 2
    ),
    "equivalents": _set("certificate_type", "equivalents", []),
    "equivalents one way": _both_ways,
    "equivalents one step": _two_steps,
    "renewing usable": _set("certificate_type", "usable_while_renewing", False),
    "renewing not usable": _set("certificate_type", "usable_while_renewing", True),
    "suspended, revoked, pending": _set("certificate", "status", "valid", _is("status", "suspended", "revoked", "pending")),
    "certificate.valid_from": _set("certificate", "valid_from", _EARLY),
    "certificate.valid_until": _set("certificate", "valid_until", None),
    "certificate.next_review_on": _set("certificate", "next_review_on", None),
    "failed training": _failures_forgotten,
    "within_days": _ask_nothing("training", "within_days"),
    "min_score": _ask_nothing("training", "min_score"),
    "min_hours": _ask_nothing("training", "min_hours"),
    "min_attendance": _ask_nothing("training", "min_attendance"),
    "may_confirm": _set("position", "may_confirm", True),
}


def print_statistics(drawn: Drawn, out: Callable[[str], None]) -> None:
    """How answers fall over all drawn, and what each feature changes over the first three hundred questions or so."""
    plants = [(Plant(documents), questions) for documents, questions in drawn]
    answers = [[answer(plant, question) for question in questions] for plant, questions in plants]
    total = sum(len(questions) for _, questions in plants)
    out(f"{len(plants)} plants, {total} questions")
    _print_shares("decision", (found["decision"] for each in answers for found in each), out)
    residuals = [
        residual(plant, *(question[key] for key in ("person", "equipment", "process", "at", "supervisor", "confirmed_by")))
        for plant, questions in plants
        for question in questions
    ]
    _print_shares("residual at `at`", residuals, out)
    _print_shares("valid_until", ("null" if found["valid_until"] is None else "set" for each in answers for found in each), out)
    aimed = sum(found["decision"] == "conditional" or found["valid_until"] is not None for each in answers for found in each)
    out(f"conditional or time-bound: {aimed / total:.1%}")
    _print_relevance(plants, answers, out)
    _print_speed(plants, out)


def _print_shares(title: str, values: Iterable[Any], out: Callable[[str], None]) -> None:
    counts = Counter(values)
    total = sum(counts.values())
    out(f"{title}: " + ", ".join(f"{value} {count / total:.1%}" for value, count in sorted(counts.items(), key=str)))


def _print_relevance(
    plants: list[tuple[Plant, list[Document]]], answers: list[list[Document]], out: Callable[[str], None]
) -> None:
    few = range(min(len(plants), 150))
    asked = sum(len(plants[number][1]) for number in few)
    out(f"answers that would differ without a feature, of {asked}:")
    shares: Counter[str] = Counter()
    for name, take_out in FEATURES.items():
        for number in few:
            documents = copy.deepcopy(plants[number][0].documents)
            take_out(documents)
            without = Plant(documents)
            shares[name] += sum(
                answer(without, question) != found for question, found in zip(plants[number][1], answers[number], strict=True)
            )
    for field in ("supervisor", "confirmed_by", "until"):
        for number in few:
            for question, found in zip(plants[number][1], answers[number], strict=True):
                without_field = answer(plants[number][0], question | {field: None})
                shares[f"question.{field}"] += any(
                    without_field[key] != found[key] for key in ("decision", "obligations", "valid_until")
                )
    for name, count in shares.most_common():
        out(f"  {count / asked:6.2%}  {name}")


def _print_speed(plants: list[tuple[Plant, list[Document]]], out: Callable[[str], None]) -> None:
    asked = [(plant, question) for plant, questions in plants for question in questions]
    start = time.perf_counter()
    for plant, question in asked:
        state(plant, question["person"], question["equipment"], question["process"], question["at"])
    middle = time.perf_counter()
    for plant, question in asked:
        answer(plant, question)
    end = time.perf_counter()
    out(f"state {(middle - start) / len(asked) * 1e6:.0f} µs, answer {(end - middle) / len(asked) * 1e6:.0f} µs")
