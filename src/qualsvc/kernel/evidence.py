"""Evidence: when a certificate or a training record counts towards what a requirement asks."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from qualsvc.kernel.algebra import Carrier
from qualsvc.kernel.case import Cases
from qualsvc.kernel.facts import Certificate, CertificateType, TrainingRecord
from qualsvc.kernel.instants import BEGINNING, FOREVER
from qualsvc.kernel.reasons import Reason, ReasonCode
from qualsvc.kernel.requirements import CertificateRequirement, TrainingRequirement
from qualsvc.kernel.view import Bound, View, never

T = TypeVar("T", bound=Carrier)
_OfCertificate = tuple[ReasonCode, int | None, str | None]
"""What is wrong with a certificate: the code, the date behind it, the detail."""
_OfTraining = tuple[ReasonCode, TrainingRecord | None, int | None]
"""What is wrong with the training: the code, the record, the date behind it."""

_STATUS_REASONS: dict[str, ReasonCode] = {
    "renewing": "certificate_renewing",
    "suspended": "certificate_suspended",
    "revoked": "certificate_revoked",
    "pending": "certificate_pending",
}


def certificate_held(view: View[T], case: Cases, rule: str, asked: CertificateRequirement) -> T:
    """Any one certificate of the asked type, or of a type it accepts, that counts."""
    asked_type = case.place.snapshot.certificate_types.get(asked.type)
    accepted = frozenset((asked.type,)) if asked_type is None else asked_type.accepted
    candidates = case.certificates(accepted, asked)
    if not candidates:
        return view.when(False, lambda: Reason(code="certificate_missing", rule=rule, requirement=str(asked)))
    counted = None
    for members, held in candidates:
        one = view.among(members, _certificate_counts(view, case, rule, asked, held))
        counted = one if counted is None else counted | one
    assert counted is not None
    return counted


def _certificate_counts(view: View[T], case: Cases, rule: str, asked: CertificateRequirement, held: Certificate) -> T:
    def told(cause: _OfCertificate) -> Reason:
        code, date, detail = cause
        return Reason(code=code, rule=rule, requirement=str(asked), certificate=held.code, date=date, detail=detail)

    own_type = case.place.snapshot.certificate_types.get(held.type)
    counted = view.throughout(_bounds_of_certificate(case, asked, held, own_type), told)
    if own_type is None or own_type.warning_days is None:
        return counted
    last = held.valid_until
    if held.next_review_on is not None and (last is None or held.next_review_on < last):
        last = held.next_review_on
    calendar = case.place.calendar
    end = calendar.ends(last)
    if last is None or end == FOREVER:
        return counted
    warned = calendar.begins(max(last - own_type.warning_days, 1))
    return view.remark(counted, warned, end, lambda: told(("expiring_soon", last, None)))


def _bounds_of_certificate(
    case: Cases, asked: CertificateRequirement, held: Certificate, own_type: CertificateType | None
) -> list[Bound[_OfCertificate]]:
    """It counts within all of them."""
    calendar = case.place.calendar
    not_yet: _OfCertificate = ("certificate_not_yet_valid", held.valid_from, None)
    expired: _OfCertificate = ("certificate_expired", held.valid_until, None)
    bounds = [(calendar.begins(held.valid_from), calendar.ends(held.valid_until), not_yet, expired)]
    if held.next_review_on is not None:
        overdue: _OfCertificate = ("certificate_review_overdue", held.next_review_on, None)
        bounds.append((BEGINNING, calendar.ends(held.next_review_on), overdue, overdue))
    if held.status != "valid":
        usable = held.status == "renewing" and own_type is not None and own_type.usable_while_renewing
        if not usable:
            bounds.append(never((_STATUS_REASONS[held.status], None, None)))
    if asked.verified and not held.verified:
        bounds.append(never(("certificate_unverified", None, None)))
    if asked.min_level is not None and not _level_reached(case, asked, held):
        bounds.append(never(("level_too_low", None, held.level or "")))
    if asked.scope is not None and asked.scope not in held.scopes:
        bounds.append(never(("scope_missing", None, asked.scope)))
    missed = [name for name in asked.covers if not _limit_covers(case, name, held)]
    bounds += [never(("limit_exceeded", None, _limit(case, name, held))) for name in missed]
    return bounds


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

    def told(cause: _OfTraining) -> Reason:
        code, record, date = cause
        return Reason(code=code, rule=rule, requirement=str(asked), training_record=record.code if record else None, date=date)

    counted = None
    for members, records in case.histories(asked):
        one = view.among(members, _training_counts(view, case, asked, records, told))
        counted = one if counted is None else counted | one
    assert counted is not None
    return counted


def _training_counts(
    view: View[T],
    case: Cases,
    asked: TrainingRequirement,
    records: Sequence[TrainingRecord],
    told: Callable[[_OfTraining], Reason],
) -> T:
    failures = [record for record in records if not record.passed]
    if len(failures) > 1:
        failures.sort(key=_completed)
    counted: T | None = None
    for record in records:
        if record.passed:
            one = view.throughout(_bounds_of_training(case, asked, record, failures), told)
            counted = one if counted is None else counted | one
    if counted is not None:
        return counted
    missing: _OfTraining = ("training_missing", None, None)
    if not failures:
        return view.throughout([never(missing)], told)
    failed: _OfTraining = ("training_failed", failures[0], failures[0].completed_on)
    failed_from = case.place.calendar.begins(failures[0].completed_on)
    # Never both at once: before the failure the training is missing, from then on it is failed.
    return view.throughout(
        [(BEGINNING, failed_from, missing, failed), (failed_from, FOREVER, missing, missing)],
        told,
    )


def _bounds_of_training(
    case: Cases, asked: TrainingRequirement, record: TrainingRecord, failures: Sequence[TrainingRecord]
) -> list[Bound[_OfTraining]]:
    """The passed record counts within all of them."""
    calendar, done = case.place.calendar, record.completed_on
    lapse = None if asked.within_days is None else done + asked.within_days
    missing: _OfTraining = ("training_missing", record, done)
    lapsed: _OfTraining = ("training_lapsed", record, lapse)
    bounds = [(calendar.begins(done), calendar.ends(lapse), missing, lapsed)]
    undone = next((failure for failure in failures if failure.completed_on > done), None) if failures else None
    if undone is not None:
        failed: _OfTraining = ("training_failed", undone, undone.completed_on)
        bounds.append((BEGINNING, calendar.begins(undone.completed_on), failed, failed))
    if not _good_enough(asked, record):
        bounds.append(never(("training_insufficient", record, None)))
    return bounds


def _completed(record: TrainingRecord) -> tuple[int, str]:
    return record.completed_on, record.code


def _good_enough(asked: TrainingRequirement, record: TrainingRecord) -> bool:
    """Each minimum that is asked is recorded and reached."""
    return (
        _reached(asked.min_score, record.score)
        and _reached(asked.min_hours, record.hours)
        and _reached(asked.min_attendance, record.attendance)
    )


def _reached(least: float | None, recorded: float | None) -> bool:
    return least is None or (recorded is not None and recorded >= least)
