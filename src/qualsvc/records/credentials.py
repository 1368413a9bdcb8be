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
    """What people call the course."""


class CertificateType(Record):
    """证照类型: `levels` from low to high; `equivalents` are the types that count for it, one way, one step."""

    name: Text
    """What people call the type."""
    category: Literal["statutory", "vocational", "internal", "medical"]
    """`statutory` (asked by law: its rules block and are never softened), `vocational`, `internal`, `medical`."""
    levels: Texts = ()
    """The levels there are, from low to high; `min_level` of a requirement is one of them."""
    usable_while_renewing: bool = False
    """True: a certificate still counts while its status is `renewing`."""
    equivalents: Codes = ()
    """Codes of types whose certificates count for this one, one way and one step."""
    warning_days: DayCounts = ()
    """Days before the end or the next review at which people are warned; the longest makes the condition `expiring`."""
    catalogue: Text | None = None
    """Name and edition of the catalogue the type comes from."""
    catalogue_code: Text | None = None
    """Its code in that catalogue."""
    validity_months: Months | None = None
    """Months from issue to end, as the catalogue has it; for information."""
    review_months: Months | None = None
    """Months from one review to the next, as the catalogue has it; for information."""

    def contradictions(self) -> Iterator[Fault]:
        for i, level in enumerate(self.levels):
            if level in self.levels[:i]:
                yield Fault(f"/levels/{i}", "duplicate_level", f"{quote(level)} is in the list already; an order needs it once")


class Certificate(Record):
    """证照: counts from `valid_from` to `valid_until`, both inclusive, local to the asked equipment's site."""

    derived_fields = frozenset({"condition"})

    person: Code
    """Code of the holder."""
    type: Code
    """Code of the certificate type."""
    number: Text | None = None
    """Number printed on it."""
    issuer: Text | None = None
    """Who issued it."""
    level: Text | None = None
    """One of its type's levels. Null: none."""
    scopes: Texts = ()
    """What it is for, each as rules ask for it in `scope`."""
    limits: Measures = Field(default_factory=dict)
    """Upper limits by name, the unit in the name as in the equipment's ratings (`lifting_t` in tonnes)."""
    status: Literal["valid", "renewing", "suspended", "revoked", "pending"]
    """`valid`, `renewing`, `suspended`, `revoked`, `pending`. Valid ones count, and renewing ones where the type says so."""
    valid_from: Day
    """First day it counts, inclusive, local to the asked equipment's site."""
    valid_until: Day | None = None
    """Last day it counts, inclusive, local to the asked equipment's site. Null: without end."""
    next_review_on: Day | None = None
    """Day by which the next review must be passed: it counts until then, inclusive. Null: no review."""
    verified: bool = False
    """True: checked with its issuer."""
    verified_at: Instant | None = None
    """Instant of that check."""
    verified_by: Text | None = None
    """Who checked."""
    attributes: Attributes = Field(default_factory=dict)
    """What else the plant keeps about it, by name; no rule looks at these."""

    def contradictions(self) -> Iterator[Fault]:
        # next_review_on may lie anywhere, even after valid_until: offices print it so.
        yield from ends_before_it_starts(self.valid_from, self.valid_until, "valid_until", "valid_from")


class TrainingRecord(Record):
    """培训记录: one completed course; `hours` in hours, `attendance` as a share 0..1."""

    person: Code
    """Code of the person."""
    course: Code
    """Code of the course."""
    completed_on: Day
    """Day of completion, local to the asked equipment's site."""
    passed: bool
    """False: a failure; it ends what earlier passes of the course gave."""
    score: Number | None = None
    """Score reached, in the unit the plant uses (points of 100, say)."""
    hours: NotNegative | None = None
    """Hours attended."""
    attendance: Share | None = None
    """Share attended, 0 to 1."""
