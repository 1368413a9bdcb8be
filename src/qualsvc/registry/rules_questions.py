"""Questions with the answers their authors expect: kept beside a rule, and asked of the facts that are held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.kernel.answer import answer, case_timeline
from qualsvc.kernel.instants import format_instant, parse_instant
from qualsvc.kernel.question import Question
from qualsvc.kernel.states import Decision
from qualsvc.records.documents import Document
from qualsvc.records.kinds import RULE_TEST
from qualsvc.records.rules import RuleQuestion
from qualsvc.replica.held import Held
from qualsvc.store.pacing import batches, paced
from qualsvc.store.reading import documents

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Result:
    """What a question was answered. `reasons` are codes, each once; `missing` those that were expected and not answered."""

    question: Document
    at: int
    decision: Decision
    reasons: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the answer is the one expected."""
        return self.decision == self.question["expect"] and not self.missing

    def shown(self) -> Document:
        """The question as it was asked, and what came of it."""
        asked = {name: value for name, value in self.question.items() if name != "reasons"} | {"at": format_instant(self.at)}
        came = {"decision": self.decision, "reasons": list(self.reasons), "missing": list(self.missing), "passed": self.passed}
        return asked | came


async def kept_questions(engine: AsyncEngine, rules: Sequence[str]) -> dict[str, list[Document]]:
    """The questions kept beside each of the rules, of those that have any."""
    kept: dict[str, list[Document]] = {}
    async with engine.connect() as connection:
        for batch in batches(rules, _BATCH):
            found = await documents(connection, RULE_TEST, list(batch))
            kept |= {code: in_order(test) for code, test in found.items() if test["questions"]}
    return kept


def in_order(test: Document) -> list[Document]:
    """The questions of a stored test, the fields of each in the order they are described."""
    fields = RuleQuestion.__pydantic_fields__
    return [{name: question[name] for name in fields if name in question} for question in test["questions"]]


async def results_of(
    held: Held, questions: Sequence[Document], now: int, rule: Document | None = None
) -> tuple[int, list[Result]]:
    """Ask each of them, at `now` where it names no instant; with `rule` as if that document were written.

    Returns the lowest revision any of the answers belongs to, and the results in order.
    """
    live = held.snapshot
    facts, revision = live if rule is None else live.with_rule(rule["code"], rule), live.revision
    results: list[Result] = []
    async for question in paced(questions):
        if rule is not None and facts.revision != live.revision:  # other changes came in meanwhile
            facts = live.with_rule(rule["code"], rule)
        asked = _asked(question, now)
        found = answer(facts, asked, held.remembered.timeline if rule is None else case_timeline)
        reasons = tuple(dict.fromkeys(reason.code for reason in found.reasons))
        missing = tuple(code for code in question.get("reasons", ()) if code not in reasons)
        results.append(Result(question, asked.at, found.decision, reasons, missing))
    return revision, results


def _asked(question: Mapping[str, Any], now: int) -> Question:
    at, until = question.get("at"), question.get("until")
    return Question(
        person=question["person"],
        equipment=question["equipment"],
        process=question["process"],
        at=now if at is None else parse_instant(at),
        until=None if until is None else parse_instant(until),
        supervisor=question.get("supervisor"),
        confirmed_by=question.get("confirmed_by"),
    )
