"""What `POST /v1/rules/{code}/test` is asked: which questions, whether to keep them, of which rule."""

from collections.abc import Iterator
from typing import Annotated, Any, get_args

from pydantic import Field

from qualsvc.kernel.reasons import ReasonCode
from qualsvc.records.faults import Fault, InvalidRecord, quote
from qualsvc.records.model import Form, read_record
from qualsvc.records.rules import MAX_QUESTIONS, Rule, RuleQuestion


class RuleTrial(Form):
    """Questions to ask, kept beside the rule unless it is only tried; `{}` asks those kept."""

    questions: Annotated[tuple[RuleQuestion, ...], Field(strict=False, max_length=MAX_QUESTIONS)] | None = None
    """The questions, at most 200, asked in this order. Null: those kept beside the rule."""
    keep: bool | None = None
    """True: these questions take the place of those kept. Null: true where `questions` are given and `rule` is not."""
    rule: Rule | None = None
    """The rule to try in place of the one written, or before any is; its code is that of the path. Nothing is written."""

    @property
    def keeps(self) -> bool:
        """Whether the questions are to be kept."""
        return self.questions is not None and self.rule is None and self.keep is not False

    def contradictions(self) -> Iterator[Fault]:
        if self.keep and self.rule is not None:
            yield Fault("/keep", "not_one_of", "must be false, or left out, with `rule`: nothing is kept of what is only tried")
        for number, question in enumerate(self.questions or ()):
            yield from _faults_of(question, f"/questions/{number}")


def read_trial(code: str, body: Any) -> RuleTrial:
    """Read the body of a test of the rule with this code. Raises InvalidRecord naming every fault."""
    rule = body.get("rule") if isinstance(body, dict) else None
    if not isinstance(rule, dict):
        return read_record(RuleTrial, body)
    if rule.get("code", code) not in (code, None):
        raise InvalidRecord([Fault("/rule/code", "code_mismatch", f"{quote(rule['code'])} is not the code of the path")])
    return read_record(RuleTrial, body | {"rule": rule | {"code": code}})


def _faults_of(question: RuleQuestion, pointer: str) -> Iterator[Fault]:
    if question.until is not None:
        if question.at is None:
            yield Fault(f"{pointer}/at", "missing", "required with `until`: say when the window begins")
        elif question.until <= question.at:
            yield Fault(f"{pointer}/until", "end_before_start", "must be after `at`")
    known = get_args(ReasonCode)
    for place, reason in enumerate(question.reasons):
        if reason not in known:
            yield Fault(f"{pointer}/reasons/{place}", "not_one_of", f"{quote(reason)} is no reason code of this version")
