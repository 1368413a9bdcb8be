"""Laws of reasons: there are some where there must be, and what each says is so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from qualsvc.kernel.answer import answer
from qualsvc.kernel.messages import Language, wording
from qualsvc.kernel.question import Answer, Question
from qualsvc.kernel.reasons import Reason, ReasonCode
from tests.kernel.drawn import Drawn, at_once
from tests.reference import evaluator
from tests.reference.documents import Document, Plant, has_come, in_force, instant, not_past, ordinal
from tests.reference.evaluator import begins, date_at
from tests.reference.requirements import leaves

REMARKS = frozenset(
    {
        "waived",
        "monitored",
        "expiring_soon",
        "recommended_missing",
        "supervision_given",
        "confirmation_given",
        "supervisor_not_qualified",
        "confirmer_not_entitled",
    }
)
_LANGUAGES: tuple[Language, ...] = ("en", "zh-CN")
_ORDER = {code: rank for rank, code in enumerate(get_args(ReasonCode))}


@dataclass(frozen=True)
class Said:
    """A reason, about whom it is said, and the instant at which it must be so."""

    plant: Plant
    question: Question
    who: str
    t: int
    reason: Reason

    @property
    def day(self) -> int:
        return date_at(self.zone, self.t)

    @property
    def zone(self) -> str:
        return self.plant.time_zone(self.question.equipment)

    def record(self, kind: str, code: str | None) -> Document:
        """The record named, which must be that of the person it is said of."""
        assert code is not None
        found: Document = self.plant.documents[kind][code]
        assert found.get("person", self.who) == self.who
        return found

    def rule(self) -> Document:
        assert self.reason.rule is not None
        rule = self.plant.documents["rule"][self.reason.rule]
        assert in_force(self.t, rule["effective_from"], rule["effective_until"])
        return rule

    def ended(self, last: str | None) -> bool:
        """Whether the date is past, and the reason says since when."""
        assert last is not None
        since = begins(self.zone, ordinal(last) + 1)
        return not not_past(self.day, last) and (self.reason.since, self.reason.date) == (since, ordinal(last))


def _certificate(field: str, value: Any) -> Callable[[Said], bool]:
    def so(said: Said) -> bool:
        return bool(said.record("certificate", said.reason.certificate)[field] == value)

    return so


def _not_yet_valid(said: Said) -> bool:
    first = said.record("certificate", said.reason.certificate)["valid_from"]
    return not has_come(said.day, first) and said.reason.until == begins(said.zone, ordinal(first))


def _scope_missing(said: Said) -> bool:
    return said.reason.detail not in said.record("certificate", said.reason.certificate)["scopes"]


def _level_too_low(said: Said) -> bool:
    return (said.record("certificate", said.reason.certificate)["level"] or "") == said.reason.detail


def _limit_exceeded(said: Said) -> bool:
    name = str(said.reason.detail).split()[0]
    limit = said.record("certificate", said.reason.certificate)["limits"].get(name)
    rating = said.plant.equipment[said.question.equipment]["ratings"].get(name)
    return limit is None or rating is None or limit < rating


def _certificate_missing(said: Said) -> bool:
    asked = str(said.reason.requirement).split()[1]
    serving = {asked, *said.plant.certificate_types[asked]["equivalents"]}
    return not any(held["type"] in serving for held in said.plant.facts("certificate", said.who))


def _training_missing(said: Said) -> bool:
    if said.reason.training_record is None:
        course = str(said.reason.requirement).split()[1]
        records = said.plant.facts("training_record", said.who)
        return not any(one["course"] == course and has_come(said.day, one["completed_on"]) for one in records)
    record = said.record("training_record", said.reason.training_record)
    return not has_come(said.day, record["completed_on"])


def _training_failed(said: Said) -> bool:
    record = said.record("training_record", said.reason.training_record)
    return not record["passed"] and has_come(said.day, record["completed_on"])


def _training_lapsed(said: Said) -> bool:
    record = said.record("training_record", said.reason.training_record)
    rule = said.rule()
    asked = leaves(rule["requirement"], rule["supervised_requirement"], rule.get("recommended"))
    terms = {
        leaf["training"].get("within_days") for leaf in asked if leaf.get("training", {}).get("course") == record["course"]
    }
    past = {ordinal(record["completed_on"]) + term for term in terms if term is not None}
    return bool(record["passed"]) and said.reason.date in past and said.day > int(said.reason.date or 0)


def _training_insufficient(said: Said) -> bool:
    return bool(said.record("training_record", said.reason.training_record)["passed"])


def _position_not_held(said: Said) -> bool:
    held = [one for one in said.plant.facts("assignment", said.who) if in_force(said.t, one["valid_from"], one["valid_until"])]
    if said.reason.detail == "may_confirm":
        return not any(one["basis"] == "regular" and said.plant.positions[one["position"]]["may_confirm"] for one in held)
    return said.reason.position not in {one["position"] for one in held}


def _supervision(said: Said) -> bool:
    if said.reason.detail != "trial":
        rule = said.rule()
        return rule["supervised_requirement"] is not None or bool(rule["waivable"])
    held = said.plant.facts("assignment", said.who)
    return any(
        one["position"] == said.reason.position
        and one["basis"] == "trial"
        and in_force(said.t, one["valid_from"], one["valid_until"])
        for one in held
    )


def _waived(said: Said) -> bool:
    waiver = said.record("waiver", said.reason.waiver)
    assert said.reason.causes
    lasts = in_force(said.t, waiver["valid_from"], waiver["valid_until"])
    named = (waiver["rule"], instant(waiver["valid_until"])) == (said.reason.rule, said.reason.until)
    return lasts and named and waiver["status"] == "approved" and bool(said.rule()["waivable"])


def _expiring_soon(said: Said) -> bool:
    certificate = said.record("certificate", said.reason.certificate)
    last = min(ordinal(text) for text in (certificate["valid_until"], certificate["next_review_on"]) if text is not None)
    days = max(said.plant.certificate_types[certificate["type"]]["warning_days"])
    told = (said.reason.date, said.reason.until) == (last, begins(said.zone, last + 1))
    return told and last - days <= said.day <= last


def _recommended_missing(said: Said) -> bool:
    assert said.reason.causes
    return not evaluator._met(said.plant, said.rule()["recommended"], said.who, said.question.equipment, said.day)


def _restricted(said: Said) -> bool:
    ban = said.record("restriction", said.reason.restriction)
    until = None if ban["valid_until"] is None else instant(ban["valid_until"])
    told = (said.reason.since, said.reason.until) == (instant(ban["valid_from"]), until)
    return told and in_force(said.t, ban["valid_from"], ban["valid_until"])


def _not_employed(said: Said) -> bool:
    person = said.plant.persons[said.who]
    if not has_come(said.day, person["employed_from"]):
        return said.reason.until == begins(said.zone, ordinal(person["employed_from"]))
    return said.ended(person["employed_until"])


def _company_not_approved(said: Said) -> bool:
    person = said.plant.persons[said.who]
    if said.reason.detail == "none":
        return person["company"] is None and person["employment"] == "contractor"
    company = said.plant.companies[person["company"]]
    if said.reason.detail == "lapsed":
        return said.ended(company["approved_until"])
    return bool(company["status"] == "suspended")


def _no_grant(said: Said) -> bool:
    asked = (said.question.equipment, said.question.process)
    return not any(
        rule["effect"] == "grant"
        and evaluator._covers(said.plant, rule, *asked)
        and in_force(said.t, rule["effective_from"], rule["effective_until"])
        for rule in said.plant.rules
    )


def _equipment(said: Said) -> Document:
    return said.plant.equipment[said.question.equipment]


def _operator(said: Said) -> bool:
    return bool(said.reason.subject) and (said.reason.detail == "not_qualified") == bool(said.reason.causes)


SO: Mapping[ReasonCode, Callable[[Said], bool]] = {
    "person_unknown": lambda said: said.reason.subject not in said.plant.persons,
    "equipment_unknown": lambda said: said.reason.subject not in said.plant.equipment,
    "process_unknown": lambda said: said.reason.subject not in said.plant.processes,
    "person_inactive": lambda said: said.plant.persons[said.who]["status"] == said.reason.detail != "active",
    "not_employed": _not_employed,
    "company_not_approved": _company_not_approved,
    "restricted": _restricted,
    "equipment_not_in_service": lambda said: _equipment(said)["status"] == said.reason.detail != "in_service",
    "inspection_overdue": lambda said: said.ended(_equipment(said)["inspection_valid_until"]),
    "no_grant": _no_grant,
    "certificate_revoked": _certificate("status", "revoked"),
    "certificate_suspended": _certificate("status", "suspended"),
    "certificate_pending": _certificate("status", "pending"),
    "certificate_renewing": _certificate("status", "renewing"),
    "certificate_unverified": _certificate("verified", value=False),
    "certificate_expired": lambda said: said.ended(said.record("certificate", said.reason.certificate)["valid_until"]),
    "certificate_review_overdue": lambda said: said.ended(
        said.record("certificate", said.reason.certificate)["next_review_on"]
    ),
    "certificate_not_yet_valid": _not_yet_valid,
    "level_too_low": _level_too_low,
    "scope_missing": _scope_missing,
    "limit_exceeded": _limit_exceeded,
    "certificate_missing": _certificate_missing,
    "training_failed": _training_failed,
    "training_lapsed": _training_lapsed,
    "training_insufficient": _training_insufficient,
    "training_missing": _training_missing,
    "position_not_held": _position_not_held,
    "supervision_required": _supervision,
    "supervision_given": _supervision,
    "confirmation_required": lambda said: said.rule()["enforcement"] == "confirm",
    "confirmation_given": lambda said: said.rule()["enforcement"] == "confirm",
    "supervisor_not_qualified": _operator,
    "confirmer_not_entitled": _operator,
    "waived": _waived,
    "monitored": lambda said: said.rule()["enforcement"] == "monitor" and bool(said.reason.causes),
    "expiring_soon": _expiring_soon,
    "recommended_missing": _recommended_missing,
}


def _all_so(plant: Plant, question: Question, who: str, reasons: tuple[Reason, ...]) -> None:
    for reason in reasons:
        said = Said(plant, question, who, question.at, reason)
        assert SO[reason.code](said), (question, reason)
        about = str(reason.subject) if reason.code in {"supervisor_not_qualified", "confirmer_not_entitled"} else who
        _all_so(plant, question, about, reason.causes)


def _instants_of(drawn: Drawn) -> list[tuple[Question, Answer]]:
    found = [at_once(question) for question in drawn.questions]
    for question, _, instants in drawn.cases():
        found += [at_once(question, t) for t in drawn.rng.sample(instants, min(4, len(instants)))]
    return [(question, answer(drawn.snapshot, question)) for question in found]


def reasons_are_so(drawn: Drawn) -> None:
    """Each reason names records, dates and bounds that are so at the instant asked about."""
    for question, found in _instants_of(drawn):
        _all_so(drawn.plant, question, str(question.person), found.reasons)


def reasons_fit_the_decision(drawn: Drawn) -> None:
    """A no has a cause, a condition says what it asks for, a yes has nothing but remarks; in order, each once."""
    for question, found in _instants_of(drawn):
        codes = {reason.code for reason in found.reasons}
        if found.decision == "allow":
            assert codes <= REMARKS, question
        else:
            assert codes - REMARKS, question
        asked = {name for given in found.obligations for name in given}
        assert "supervisor_present" not in asked or "supervision_required" in codes
        assert "confirmation" not in asked or "confirmation_required" in codes
        assert [_ORDER[reason.code] for reason in found.reasons] == sorted(_ORDER[reason.code] for reason in found.reasons)
        assert len(set(found.reasons)) == len(found.reasons)


def reasons_can_be_told(drawn: Drawn) -> None:
    """Every reason reads as a sentence in both languages, with nothing left open in it."""
    for question in drawn.questions:
        found = answer(drawn.snapshot, question)
        for reason in [told for one in found.reasons for told in (one, *one.causes)]:
            for language in _LANGUAGES:
                said = wording(reason, language)
                told = f"{said.message} {said.remedy}"
                assert said.message
                assert said.remedy
                assert not [left for left in ("None", "{", "()") if left in told], told
                if reason.code not in {"limit_exceeded", "level_too_low"}:  # these say `–` for what was never recorded
                    assert "–" not in told, told
