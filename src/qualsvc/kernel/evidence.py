"""Evidence: when a certificate or a training record counts towards what a requirement asks."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TypeVar

from qualsvc.kernel.algebra import Carrier
from qualsvc.kernel.case import Cases
from qualsvc.kernel.facts import Certificate, TrainingRecord
from qualsvc.kernel.instants import BEGINNING, FOREVER
from qualsvc.kernel.reasons import Because, Reason, ReasonCode
from qualsvc.kernel.requirements import CertificateRequirement, TrainingRequirement
from qualsvc.kernel.view import View

T = TypeVar("T", bound=Carrier)

_STATUS_REASONS: dict[str, ReasonCode] = {
    "renewing": "certificate_renewing",
    "suspended": "certificate_suspended",
    "revoked": "certificate_revoked",
    "pending": "certificate_pending",
}


def certificate_held(view: View[T], case: Cases, rule: str, asked: CertificateRequirement) -> T:
    """Any one certificate of the asked type, or of a type it lists as equivalent (one way, one step), that counts."""
    snapshot = case.place.snapshot
    asked_type = snapshot.certificate_types.get(asked.type)
    accepted = frozenset({asked.type} | (asked_type.equivalents if asked_type else frozenset()))
    candidates = [
        view.among(members, _certificate_counts(view, case, rule, asked, held))
        for members, held in case.certificates(accepted, asked)
    ]
    if not candidates:
        return view.when(False, lambda: Reason(code="certificate_missing", rule=rule, requirement=str(asked)))
    counted = candidates[0]
    for candidate in candidates[1:]:
        counted |= candidate
    return counted


def _certificate_counts(view: View[T], case: Cases, rule: str, asked: CertificateRequirement, held: Certificate) -> T:
    calendar = case.place.calendar
    own_type = case.place.snapshot.certificate_types.get(held.type)

    def because(code: ReasonCode, date: int | None = None, detail: str | None = None) -> Because:
        return lambda: Reason(code=code, rule=rule, requirement=str(asked), certificate=held.code, date=date, detail=detail)

    expiry, review = calendar.ends(held.valid_until), calendar.ends(held.next_review_on)
    not_yet = because("certificate_not_yet_valid", held.valid_from)
    counted = view.during(
        calendar.begins(held.valid_from), expiry, early=not_yet, late=because("certificate_expired", held.valid_until)
    )
    if held.next_review_on is not None:
        overdue = because("certificate_review_overdue", held.next_review_on)
        counted &= view.during(BEGINNING, review, early=overdue, late=overdue)
    if held.status != "valid":
        usable = held.status == "renewing" and own_type is not None and own_type.usable_while_renewing
        counted &= view.when(usable, because(_STATUS_REASONS[held.status]))
    if asked.verified:
        counted &= view.when(held.verified, because("certificate_unverified"))
    if asked.min_level is not None:
        enough = _level_reached(case, asked, held)
        counted &= view.when(enough, because("level_too_low", detail=held.level or ""))
    if asked.scope is not None:
        counted &= view.when(asked.scope in held.scopes, because("scope_missing", detail=asked.scope))
    for name in asked.covers:
        covered = _limit_covers(case, name, held)
        counted &= view.when(covered, because("limit_exceeded", detail="" if covered else _limit(case, name, held)))
    if own_type is not None and own_type.warning_days is not None:
        first = min(review, expiry)
        if first < FOREVER:
            last = min(date for date in (held.valid_until, held.next_review_on) if date is not None)
            warned = calendar.begins(max(last - own_type.warning_days, 1))
            counted &= view.remark(warned, first, because("expiring_soon", last))
    return counted


def _level_reached(case: Cases, asked: CertificateRequirement, held: Certificate) -> bool:
    """Levels are those of the asked type, low to high; no level or one it does not list is below all of them."""
    asked_type = case.place.snapshot.certificate_types.get(asked.type)
    levels = asked_type.levels if asked_type else ()
    if held.level not in levels or asked.min_level not in levels:
        return False
    return levels.index(held.level) >= levels.index(asked.min_level)


def _limit_covers(case: Cases, name: str, held: Certificate) -> bool:
    rating, limit = case.place.equipment.ratings.get(name), held.limits.get(name)
    return rating is not None and limit is not None and limit >= rating


def _limit(case: Cases, name: str, held: Certificate) -> str:
    rating, limit = case.place.equipment.ratings.get(name), held.limits.get(name)
    return f"{name} {'–' if limit is None else limit} < {'–' if rating is None else rating}"


def training_held(view: View[T], case: Cases, rule: str, asked: TrainingRequirement) -> T:
    """Any one passed record of the course that counts: old enough, not lapsed, good enough, not undone by a later failure."""
    histories = case.histories(asked)
    return reduce(
        or_, [view.among(members, _training_counts(view, case, rule, asked, records)) for members, records in histories]
    )


def _training_counts(view: View[T], case: Cases, rule: str, asked: TrainingRequirement, records: Sequence[TrainingRecord]) -> T:
    calendar = case.place.calendar

    def because(code: ReasonCode, record: TrainingRecord | None = None, date: int | None = None) -> Because:
        return lambda: Reason(
            code=code, rule=rule, requirement=str(asked), training_record=record.code if record else None, date=date
        )

    missing = because("training_missing")
    passes = [r for r in records if r.passed]
    failures = [r for r in records if not r.passed]
    if failures:
        failures.sort(key=lambda r: (r.completed_on, r.code))
    if not passes:
        if not failures:
            return view.when(False, missing)
        failed_from = calendar.begins(failures[0].completed_on)
        failed = because("training_failed", failures[0], failures[0].completed_on)
        # Never both at once: before the failure the training is missing, from then on it is failed.
        return view.during(BEGINNING, failed_from, early=missing, late=failed) & view.during(
            failed_from, FOREVER, early=missing, late=missing
        )
    counted: T | None = None
    for record in passes:
        lapse = None if asked.within_days is None else record.completed_on + asked.within_days
        undone = next((r for r in failures if r.completed_on > record.completed_on), None)
        one = view.during(
            calendar.begins(record.completed_on),
            calendar.ends(lapse),
            early=because("training_missing", record, record.completed_on),
            late=because("training_lapsed", record, lapse),
        )
        if undone is not None:
            failed = because("training_failed", undone, undone.completed_on)
            one &= view.during(BEGINNING, calendar.begins(undone.completed_on), early=failed, late=failed)
        if not _good_enough(asked, record):
            one &= view.when(False, because("training_insufficient", record))
        counted = one if counted is None else counted | one
    assert counted is not None
    return counted


def _good_enough(asked: TrainingRequirement, record: TrainingRecord) -> bool:
    """Each minimum that is asked is recorded and reached."""
    return (
        _reached(asked.min_score, record.score)
        and _reached(asked.min_hours, record.hours)
        and _reached(asked.min_attendance, record.attendance)
    )


def _reached(least: float | None, recorded: float | None) -> bool:
    return least is None or (recorded is not None and recorded >= least)
