"""Evidence: when a certificate or a training record counts towards what a requirement asks."""

from collections.abc import Sequence
from typing import TypeVar

from qualsvc.kernel.algebra import Carrier
from qualsvc.kernel.case import Cases
from qualsvc.kernel.causes import Asked, Bound, Cause, never, told
from qualsvc.kernel.facts import Certificate, CertificateType, TrainingRecord
from qualsvc.kernel.instants import BEGINNING, FOREVER
from qualsvc.kernel.reasons import ReasonCode
from qualsvc.kernel.requirements import AllOf, AnyOf, CertificateRequirement, Requirement, TrainingRequirement
from qualsvc.kernel.view import View

T = TypeVar("T", bound=Carrier)

_STATUS_REASONS: dict[str, ReasonCode] = {
    "renewing": "certificate_renewing",
    "suspended": "certificate_suspended",
    "revoked": "certificate_revoked",
    "pending": "certificate_pending",
}


def met(view: View[T], case: Cases, rule: str, requirement: Requirement) -> T:
    """ALLOW if the persons bring what the rule of this code requires, else DENY."""
    if isinstance(requirement, CertificateRequirement):
        return view.leaf(case, (rule, requirement), _certificate_held)
    if isinstance(requirement, TrainingRequirement):
        return view.leaf(case, (rule, requirement), _training_held)
    parts = requirement.parts
    whole = met(view, case, rule, parts[0])
    if isinstance(requirement, AllOf):
        for part in parts[1:]:
            whole &= met(view, case, rule, part)
    elif isinstance(requirement, AnyOf):
        for part in parts[1:]:
            whole |= met(view, case, rule, part)
    else:
        whole = whole.at_least(requirement.number, [whole, *(met(view, case, rule, part) for part in parts[1:])])
    return whole


def _certificate_held(view: View[T], case: Cases, asked: Asked[CertificateRequirement]) -> T:
    """Any one certificate of the asked type, or of a type it accepts, that counts."""
    leaf = asked[1]
    types = case.place.snapshot.certificate_types
    asked_type = types.get(leaf.type)
    accepted = frozenset((leaf.type,)) if asked_type is None else asked_type.accepted
    candidates = case.certificates(accepted, leaf)
    if not candidates:
        return view.when(False, lambda: told(asked, ("certificate_missing", None, None, None)))
    counted = None
    for members, held in candidates:
        own_type = asked_type if held.type == leaf.type else types.get(held.type)
        one = view.among(members, _certificate_counts(view, case, asked, held, own_type))
        counted = one if counted is None else counted | one
    assert counted is not None
    return counted


def _certificate_counts(
    view: View[T],
    case: Cases,
    asked: Asked[CertificateRequirement],
    held: Certificate,
    own_type: CertificateType | None,
) -> T:
    counted = view.throughout(_bounds_of_certificate(case, asked[1], held, own_type), asked)
    last, review = held.valid_until, held.next_review_on
    if review is not None and (last is None or review < last):
        last = review
    if last is None or own_type is None or own_type.warning_days is None:
        return counted
    calendar = case.place.calendar
    warned, end = max(last - own_type.warning_days, 1), calendar.ends(last)
    if end == FOREVER:
        return counted
    return view.remark(counted, calendar.begins(warned), end, asked, ("expiring_soon", held, last, None))


def _bounds_of_certificate(
    case: Cases, leaf: CertificateRequirement, held: Certificate, own_type: CertificateType | None
) -> list[Bound]:
    """It counts within all of them."""
    calendar = case.place.calendar
    not_yet: Cause = ("certificate_not_yet_valid", held, held.valid_from, None)
    expired: Cause = ("certificate_expired", held, held.valid_until, None)
    bounds = [(calendar.begins(held.valid_from), calendar.ends(held.valid_until), not_yet, expired)]
    if held.next_review_on is not None:
        overdue: Cause = ("certificate_review_overdue", held, held.next_review_on, None)
        bounds.append((BEGINNING, calendar.ends(held.next_review_on), overdue, overdue))
    if held.status != "valid":
        usable = held.status == "renewing" and own_type is not None and own_type.usable_while_renewing
        if not usable:
            bounds.append(never((_STATUS_REASONS[held.status], held, None, None)))
    if leaf.verified and not held.verified:
        bounds.append(never(("certificate_unverified", held, None, None)))
    if leaf.min_level is not None and not _level_reached(case, leaf, held):
        bounds.append(never(("level_too_low", held, None, held.level or "")))
    if leaf.scope is not None and leaf.scope not in held.scopes:
        bounds.append(never(("scope_missing", held, None, leaf.scope)))
    for name in leaf.covers:
        if not _limit_covers(case, name, held):
            bounds += (never(("limit_exceeded", held, None, _limit(case, name, held))),)
    return bounds


def _level_reached(case: Cases, leaf: CertificateRequirement, held: Certificate) -> bool:
    """Levels are those of the asked type, low to high; no level or one it does not list is below all of them."""
    asked_type = case.place.snapshot.certificate_types.get(leaf.type)
    levels = asked_type.levels if asked_type else ()
    if held.level not in levels or leaf.min_level not in levels:
        return False
    return levels.index(held.level) >= levels.index(leaf.min_level)


def _limit_covers(case: Cases, name: str, held: Certificate) -> bool:
    rating, limit = case.place.equipment.ratings.get(name), held.limits.get(name)
    return rating is not None and limit is not None and limit >= rating


def _limit(case: Cases, name: str, held: Certificate) -> str:
    rating, limit = case.place.equipment.ratings.get(name), held.limits.get(name)
    return f"{name} {'–' if limit is None else limit} < {'–' if rating is None else rating}"


def _training_held(view: View[T], case: Cases, asked: Asked[TrainingRequirement]) -> T:
    """Any one passed record of the course that counts: old enough, not lapsed, good enough, not undone by a later failure."""
    counted = None
    for members, records in case.histories(asked[1]):
        one = view.among(members, _training_counts(view, case, asked, records))
        counted = one if counted is None else counted | one
    assert counted is not None
    return counted


def _training_counts(view: View[T], case: Cases, asked: Asked[TrainingRequirement], records: Sequence[TrainingRecord]) -> T:
    failures = [record for record in records if not record.passed]
    if len(failures) > 1:
        failures.sort(key=_completed)
    counted: T | None = None
    for record in records:
        if record.passed:
            one = view.throughout(_bounds_of_training(case, asked[1], record, failures), asked)
            counted = one if counted is None else counted | one
    if counted is not None:
        return counted
    missing: Cause = ("training_missing", None, None, None)
    if not failures:
        return view.throughout([never(missing)], asked)
    failed: Cause = ("training_failed", failures[0], failures[0].completed_on, None)
    failed_from = case.place.calendar.begins(failures[0].completed_on)
    # Never both at once: before the failure the training is missing, from then on it is failed.
    return view.throughout([(BEGINNING, failed_from, missing, failed), (failed_from, FOREVER, missing, missing)], asked)


def _bounds_of_training(
    case: Cases, leaf: TrainingRequirement, record: TrainingRecord, failures: Sequence[TrainingRecord]
) -> list[Bound]:
    """The passed record counts within all of them."""
    calendar, done = case.place.calendar, record.completed_on
    lapse = None if leaf.within_days is None else done + leaf.within_days
    missing: Cause = ("training_missing", record, done, None)
    lapsed: Cause = ("training_lapsed", record, lapse, None)
    bounds = [(calendar.begins(done), calendar.ends(lapse), missing, lapsed)]
    undone = next((failure for failure in failures if failure.completed_on > done), None) if failures else None
    if undone is not None:
        failed: Cause = ("training_failed", undone, undone.completed_on, None)
        bounds.append((BEGINNING, calendar.begins(undone.completed_on), failed, failed))
    if not _good_enough(leaf, record):
        bounds.append(never(("training_insufficient", record, None, None)))
    return bounds


def _completed(record: TrainingRecord) -> tuple[int, str]:
    return record.completed_on, record.code


def _good_enough(leaf: TrainingRequirement, record: TrainingRecord) -> bool:
    """Each minimum that is asked is recorded and reached."""
    return (
        (leaf.min_score is None or _reached(leaf.min_score, record.score))
        and (leaf.min_hours is None or _reached(leaf.min_hours, record.hours))
        and (leaf.min_attendance is None or _reached(leaf.min_attendance, record.attendance))
    )


def _reached(least: float, recorded: float | None) -> bool:
    return recorded is not None and recorded >= least
