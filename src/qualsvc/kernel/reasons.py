"""Reasons: what stands in the way of a yes, or is worth knowing about one."""

from collections.abc import Callable, Iterable
from typing import Literal, get_args

from qualsvc.kernel.value import value

ReasonCode = Literal[
    "person_unknown",
    "equipment_unknown",
    "process_unknown",
    "person_inactive",
    "not_employed",
    "company_not_approved",
    "restricted",
    "equipment_not_in_service",
    "inspection_overdue",
    "no_grant",
    "certificate_revoked",
    "certificate_suspended",
    "certificate_expired",
    "certificate_review_overdue",
    "certificate_renewing",
    "certificate_pending",
    "certificate_not_yet_valid",
    "certificate_unverified",
    "level_too_low",
    "scope_missing",
    "limit_exceeded",
    "certificate_missing",
    "training_failed",
    "training_lapsed",
    "training_insufficient",
    "training_missing",
    "position_not_held",
    "supervision_required",
    "confirmation_required",
    "supervisor_not_qualified",
    "confirmer_not_entitled",
    "supervision_given",
    "confirmation_given",
    "waived",
    "monitored",
    "expiring_soon",
    "recommended_missing",
]
"""Stable codes, in the order an answer lists them: what is hardest to lift first, remarks last."""

_RANK = {code: rank for rank, code in enumerate(get_args(ReasonCode))}


@value(kw_only=True)
class Reason:
    """One cause or remark. Fields that do not apply are None; codes of records, never names of persons."""

    code: ReasonCode
    rule: str | None = None
    requirement: str | None = None
    """The part of the requirement, in words."""
    certificate: str | None = None
    training_record: str | None = None
    position: str | None = None
    company: str | None = None
    restriction: str | None = None
    waiver: str | None = None
    subject: str | None = None
    """Whom or what the reason is about when the fields above do not say: a person's, equipment's or process' code."""
    detail: str | None = None
    """Which of the cases of this code: a status, a level, a rating."""
    since: int | None = None
    until: int | None = None
    date: int | None = None
    """The local date (ordinal) behind `since` or `until`, as the certificate or record states it."""
    causes: tuple["Reason", ...] = ()
    """What a waiver or monitoring lifts, a recommendation misses, or a supervisor or confirmer lacks."""


Because = Callable[[], Reason]
"""Made only where a reason is wanted, so that timelines cost nothing for their explanations."""


def _key(reason: Reason) -> tuple[object, ...]:
    return (
        _RANK[reason.code],
        reason.rule or "",
        reason.requirement or "",
        reason.certificate or "",
        reason.training_record or "",
        reason.position or "",
        reason.company or "",
        reason.restriction or "",
        reason.waiver or "",
        reason.subject or "",
        reason.detail or "",
    )


def _weight(reason: Reason) -> tuple[int, int, int, tuple[object, ...]]:
    since = reason.since if reason.since is not None else -(2**63)
    until = reason.until if reason.until is not None else -(2**63)
    return since, until, reason.date or 0, arrangement(reason.causes)


def arrangement(reasons: Iterable[Reason]) -> tuple[object, ...]:
    """A total order over sets of reasons, so that ties never fall back on the order of records."""
    return tuple((_key(reason), _weight(reason)) for reason in reasons)


def ordered(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Each cause once, the latest telling of it, in the order of the codes; independent of the order given."""
    reasons = tuple(reasons)
    if len(reasons) < 2:
        return reasons
    latest: dict[tuple[object, ...], Reason] = {}
    for reason in reasons:
        key = _key(reason)
        known = latest.get(key)
        if known is None or _weight(known) < _weight(reason):
            latest[key] = reason
    return tuple(latest[key] for key in sorted(latest))


def completed(reason: Reason, since: int | None = None, until: int | None = None, causes: tuple[Reason, ...] = ()) -> Reason:
    """The reason, which was made just now and is nobody else's yet, saying since or until when, and what is behind it."""
    reason.since, reason.until, reason.causes = since, until, causes  # type: ignore[misc]  # a copy costs more than all else
    return reason
