"""Requirements: what a person must bring, as a tree of `all`, `any`, `at_least` over certificates and training.

The JSON form is the contract's; `requirement_reader` reads it once into these types, and `evidence` walks them over
any view (timelines, explanations, sets of persons).
"""

from collections.abc import Iterator
from dataclasses import dataclass

MAX_DEPTH = 8
"""A leaf alone has depth 1; each `all`, `any` or `at_least` above it adds one."""
MAX_NODES = 200
"""Every leaf and every combination counts as one node."""


@dataclass(frozen=True, slots=True)
class CertificateRequirement:
    """A certificate of `type` (or of one of its equivalents) that counts on the day."""

    type: str
    min_level: str | None = None
    scope: str | None = None
    verified: bool = False
    covers: tuple[str, ...] = ()

    @property
    def fields(self) -> frozenset[str]:
        """The fields of a certificate that matter here and not everywhere; limits aside, of which only `covers` matter."""
        asked = {"level": self.min_level is not None, "scopes": self.scope is not None, "verified": self.verified}
        return frozenset(field for field, matters in asked.items() if matters)

    def __str__(self) -> str:
        parts = [f"certificate {self.type}"]
        if self.min_level is not None:
            parts.append(f"at level {self.min_level}")
        if self.scope is not None:
            parts.append(f"for {self.scope}")
        if self.covers:
            parts.append("covering " + ", ".join(self.covers))
        if self.verified:
            parts.append("verified")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class TrainingRequirement:
    """A passed training record of `course`; days, score, hours and attendance (0..1) as asked."""

    course: str
    within_days: int | None = None
    min_score: float | None = None
    min_hours: float | None = None
    min_attendance: float | None = None

    def __str__(self) -> str:
        within = "" if self.within_days is None else f" within {self.within_days} days"
        return f"training {self.course}{within}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part must be met."""

    parts: tuple["Requirement", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part must be met."""

    parts: tuple["Requirement", ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`number` of the parts must be met, 1 ≤ number ≤ len(parts)."""

    number: int
    parts: tuple["Requirement", ...]


Leaf = CertificateRequirement | TrainingRequirement
Requirement = Leaf | AllOf | AnyOf | AtLeast


def leaves(requirement: Requirement) -> Iterator[Leaf]:
    """Every certificate and training requirement in the tree, in the order written."""
    if isinstance(requirement, CertificateRequirement | TrainingRequirement):
        yield requirement
    else:
        for part in requirement.parts:
            yield from leaves(part)


def certificate_types(requirement: Requirement) -> set[str]:
    """The certificate types the tree names."""
    return {leaf.type for leaf in leaves(requirement) if isinstance(leaf, CertificateRequirement)}


def courses(requirement: Requirement) -> set[str]:
    """The courses the tree names."""
    return {leaf.course for leaf in leaves(requirement) if isinstance(leaf, TrainingRequirement)}
