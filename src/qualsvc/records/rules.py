"""Who needs what, and what stands against it: rules with their kept questions, waivers, restrictions."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from qualsvc.records.faults import Fault
from qualsvc.records.fields import Code, Instant, RequirementDocument, Text
from qualsvc.records.model import Record, ends_before_it_starts

MAX_QUESTIONS = 200
"""So many questions may be kept beside one rule."""


class Rule(Record):
    """岗位资质规则: a grant opens, a guard narrows; in force in `[effective_from, effective_until)`.

    `recommended` is a requirement that is reported where it is not met and never decides.
    """

    optional_fields = frozenset({"recommended"})
    derived_fields = frozenset({"warnings"})

    name: Text
    effect: Literal["grant", "guard"]
    position: Code | None = None
    equipment: Code | None = None
    equipment_class: Code | None = None
    process: Code | None = None
    site: Code | None = None
    requirement: RequirementDocument
    supervised_requirement: RequirementDocument | None = None
    enforcement: Literal["block", "confirm", "monitor"]
    risk: Literal["high", "medium", "low"]
    waivable: bool = False
    effective_from: Instant | None = None
    effective_until: Instant | None = None
    recommended: RequirementDocument | None = None

    def contradictions(self) -> Iterator[Fault]:
        if self.equipment is not None and self.equipment_class is not None:
            yield Fault("/equipment_class", "equipment_or_class", "give `equipment` or `equipment_class`, not both")
        if self.effect == "grant" and self.enforcement == "monitor":
            yield Fault("/enforcement", "monitor_on_grant", "a grant cannot `monitor`: it would let everyone in; use `block`")
        if self.effect == "grant" and self.enforcement == "confirm" and self.position is None:
            message = "a grant without `position` cannot `confirm`: it would let anyone in; name a position or use `block`"
            yield Fault("/enforcement", "confirm_without_position", message)
        yield from ends_before_it_starts(self.effective_from, self.effective_until, "effective_until", "effective_from")


class RuleQuestion(BaseModel):
    """A question with the answer its author expects; `reasons` are codes that must be among the answer's."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    person: Code
    equipment: Code
    process: Code
    at: Instant | None = None
    until: Instant | None = None
    supervisor: Code | None = None
    confirmed_by: Code | None = None
    expect: Literal["allow", "conditional", "deny"]
    reasons: Annotated[tuple[Text, ...], Field(strict=False)] = ()


class RuleTest(Record):
    """The questions kept beside the rule with this code."""

    questions: Annotated[tuple[RuleQuestion, ...], Field(strict=False, max_length=MAX_QUESTIONS)] = ()


class Waiver(Record):
    """例外放行: an exception to one rule for one person in `[valid_from, valid_until)`."""

    person: Code
    rule: Code
    equipment: Code | None = None
    process: Code | None = None
    valid_from: Instant
    valid_until: Instant
    supervised: bool = False
    reason: Text
    status: Literal["requested", "approved", "rejected", "revoked"] = "requested"
    requested_by: Text | None = None
    approved_by: Text | None = None

    def contradictions(self) -> Iterator[Fault]:
        yield from ends_before_it_starts(self.valid_from, self.valid_until, "valid_until", "valid_from")
        if not self.reason.strip():
            yield Fault("/reason", "missing", "required; say why the rule is waived")
        if self.status == "approved" and self.approved_by is not None:
            if self.approved_by == self.requested_by:
                yield Fault("/approved_by", "approved_by_requester", "must not be the one who requested the waiver")
            if self.approved_by == self.person:
                yield Fault("/approved_by", "approved_by_beneficiary", "must not be the person the waiver is for")


class Restriction(Record):
    """禁入/黑名单: a ban in `[valid_from, valid_until)` that nothing overrides."""

    person: Code
    site: Code | None = None
    equipment_class: Code | None = None
    equipment: Code | None = None
    process: Code | None = None
    valid_from: Instant
    valid_until: Instant | None = None
    reason: Text

    def contradictions(self) -> Iterator[Fault]:
        yield from ends_before_it_starts(self.valid_from, self.valid_until, "valid_until", "valid_from")
