"""Who needs what, and what stands against it: rules with their kept questions, waivers, restrictions."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from qualsvc.records.describing import Describing
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
    """What people call the rule."""
    effect: Literal["grant", "guard"]
    """`grant` lets in who meets the requirement; `guard` narrows what grants let in."""
    position: Code | None = None
    """Code of the position it is about. Null: everyone (a grant lets anyone in who meets it)."""
    equipment: Code | None = None
    """Code of the one machine it applies to. Null: whatever the other fields say; not together with `equipment_class`."""
    equipment_class: Code | None = None
    """Code of the class it applies to, with all below. Null: any."""
    process: Code | None = None
    """Code of the process it applies to, with all below. Null: any."""
    site: Code | None = None
    """Code of the site it applies at. Null: any."""
    requirement: RequirementDocument
    """What a person must bring."""
    supervised_requirement: RequirementDocument | None = None
    """What lets a person work under supervision who does not meet the requirement. Null: nothing does."""
    enforcement: Literal["block", "confirm", "monitor"]
    """When the requirement is not met: `block` denies, `confirm` asks for confirmation, `monitor` (guards only) reports."""
    risk: Literal["high", "medium", "low"]
    """How bad a mistake would be: `high`, `medium` or `low`; for people, no decision looks at it."""
    waivable: bool = False
    """True: a waiver of this rule may be requested."""
    effective_from: Instant | None = None
    """First instant in force. Null: always was."""
    effective_until: Instant | None = None
    """First instant no longer in force. Null: without end."""
    recommended: RequirementDocument | None = None
    """What is reported as a gap when not met, and never decides. Absent where not used."""

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

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=Describing.wanted)

    person: Code
    """Code of the person asked about."""
    equipment: Code
    """Code of the equipment."""
    process: Code
    """Code of the process."""
    at: Instant | None = None
    """Instant asked about. Null: the instant the test runs."""
    until: Instant | None = None
    """End of a window `[at, until)` to ask about. Null: the instant only."""
    supervisor: Code | None = None
    """Code of the person who supervises. Null: nobody."""
    confirmed_by: Code | None = None
    """Code of the person who confirms. Null: nobody."""
    expect: Literal["allow", "conditional", "deny"]
    """The decision the author expects."""
    reasons: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """Reason codes that must be among the answer's."""


class RuleTest(Record):
    """The questions kept beside the rule with this code."""

    questions: Annotated[tuple[RuleQuestion, ...], Field(strict=False, max_length=MAX_QUESTIONS)] = ()
    """The questions, at most 200, in the order they are run."""


class Waiver(Record):
    """例外放行: an exception to one rule for one person in `[valid_from, valid_until)`."""

    person: Code
    """Code of the person it is for."""
    rule: Code
    """Code of the rule waived, which must be waivable."""
    equipment: Code | None = None
    """Code of the one machine it is for. Null: wherever the rule applies."""
    process: Code | None = None
    """Code of the process it is for, with all below. Null: wherever the rule applies."""
    valid_from: Instant
    """First instant it counts, once approved."""
    valid_until: Instant
    """First instant it no longer counts; at most `QUALSVC_MAX_WAIVER_DAYS` (30) days after `valid_from`."""
    supervised: bool = False
    """True: it lets the person work under supervision only."""
    reason: Text
    """Why the exception is asked for."""
    status: Literal["requested", "approved", "rejected", "revoked"] = "requested"
    """Only `approved` counts. Requested here, settled by `approve`, `reject`, `revoke`."""
    requested_by: Text | None = None
    """Who asked: the id of the API key, filled in when left out; only an admin may say another."""
    approved_by: Text | None = None
    """Who approved: the id of the API key, filled in by `approve`; only an admin may write it."""

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
    """Code of the person banned."""
    site: Code | None = None
    """Code of the site the ban is for. Null: any."""
    equipment_class: Code | None = None
    """Code of the class it is for, with all below. Null: any."""
    equipment: Code | None = None
    """Code of the one machine it is for. Null: any."""
    process: Code | None = None
    """Code of the process it is for, with all below. Null: any."""
    valid_from: Instant
    """First instant of the ban."""
    valid_until: Instant | None = None
    """First instant after it. Null: until it is lifted."""
    reason: Text
    """Why; shown to whoever reads the record, never in an answer."""

    def contradictions(self) -> Iterator[Fault]:
        yield from ends_before_it_starts(self.valid_from, self.valid_until, "valid_until", "valid_from")
