"""What persons bring: certificate types and certificates, courses and training records."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from qualsvc.records.faults import Fault, quote
from qualsvc.records.fields import (
    Attributes,
    Code,
    Codes,
    Day,
    DayCounts,
    Instant,
    Measures,
    Months,
    NotNegative,
    Number,
    Share,
    Text,
    Texts,
)
from qualsvc.records.model import Record, ends_before_it_starts


class Course(Record):
    """课程: a course as the LMS knows it."""

    name: Text


class CertificateType(Record):
    """证照类型: `levels` from low to high; `equivalents` are the types that count for it, one way, one step."""

    name: Text
    category: Literal["statutory", "vocational", "internal", "medical"]
    levels: Texts = ()
    usable_while_renewing: bool = False
    equivalents: Codes = ()
    warning_days: DayCounts = ()
    catalogue: Text | None = None
    catalogue_code: Text | None = None
    validity_months: Months | None = None
    review_months: Months | None = None

    def contradictions(self) -> Iterator[Fault]:
        for i, level in enumerate(self.levels):
            if level in self.levels[:i]:
                yield Fault(f"/levels/{i}", "duplicate_level", f"{quote(level)} is in the list already; an order needs it once")


class Certificate(Record):
    """证照: counts from `valid_from` to `valid_until`, both inclusive, local to the asked equipment's site."""

    derived_fields = frozenset({"condition"})

    person: Code
    type: Code
    number: Text | None = None
    issuer: Text | None = None
    level: Text | None = None
    scopes: Texts = ()
    limits: Measures = Field(default_factory=dict)
    status: Literal["valid", "renewing", "suspended", "revoked", "pending"]
    valid_from: Day
    valid_until: Day | None = None
    next_review_on: Day | None = None
    verified: bool = False
    verified_at: Instant | None = None
    verified_by: Text | None = None
    attributes: Attributes = Field(default_factory=dict)

    def contradictions(self) -> Iterator[Fault]:
        # next_review_on may lie anywhere, even after valid_until: offices print it so.
        yield from ends_before_it_starts(self.valid_from, self.valid_until, "valid_until", "valid_from")


class TrainingRecord(Record):
    """培训记录: one completed course; `hours` in hours, `attendance` as a share 0..1."""

    person: Code
    course: Code
    completed_on: Day
    passed: bool
    score: Number | None = None
    hours: NotNegative | None = None
    attendance: Share | None = None
