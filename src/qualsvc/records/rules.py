"""Who needs what, and what stands against it: rules, waivers, restrictions."""

from collections.abc import Iterator
from typing import Literal

from qualsvc.records.faults import Fault
from qualsvc.records.fields import Code, Instant, RequirementDocument, Text
from qualsvc.records.model import Record, ends_before_it_starts


class Rule(Record):
    """岗位资质规则: a grant opens, a guard narrows; in force in `[effective_from, effective_until)`."""

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

    def contradictions(self) -> Iterator[Fault]:
        if self.equipment is not None and self.equipment_class is not None:
            yield Fault("/equipment_class", "equipment_or_class", "give `equipment` or `equipment_class`, not both")
        if self.effect == "grant" and self.enforcement == "monitor":
            yield Fault("/enforcement", "monitor_on_grant", "a grant cannot `monitor`: it would let everyone in; use `block`")
        if self.effect == "grant" and self.enforcement == "confirm" and self.position is None:
            message = "a grant without `position` cannot `confirm`: it would let anyone in; name a position or use `block`"
            yield Fault("/enforcement", "confirm_without_position", message)
        yield from ends_before_it_starts(self.effective_from, self.effective_until, "effective_until", "effective_from")


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
