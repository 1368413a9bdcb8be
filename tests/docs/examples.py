"""The worked examples of docs/rules.md: what a section shows, as records and questions."""

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.docs.pages import DOCS, Section, sections

PAGE = DOCS / "rules.md"
NOW = "2026-11-21T08:30:00Z"
"""When the questions are asked, unless they say otherwise: 16:30 in Ningbo."""

_NUMBERED = re.compile(r"\d+\. ")


@dataclass(frozen=True)
class Asked:
    """One row of an example's table: the question, and what must be answered."""

    question: dict[str, str]
    decision: str
    obligations: list[list[str]]
    reasons: frozenset[str]


@dataclass(frozen=True)
class Example:
    """A worked example; `records` are bulk lines that are needed besides the rule."""

    title: str
    sentence: str
    rule: dict[str, Any]
    records: list[dict[str, Any]]
    asked: list[Asked]


def examples() -> list[Example]:
    """All of them, in order."""
    return [_example(each) for each in sections(PAGE) if _NUMBERED.match(each.title)]


def _example(section: Section) -> Example:
    (rule,) = section.blocks("json")
    records = [json.loads(line) for block in section.blocks("ndjson") for line in block.splitlines()]
    sentence = "\n".join(line[2:] for line in section.text.splitlines() if line.startswith("> "))
    return Example(section.title, sentence, json.loads(rule), records, [_asked(*row) for row in section.rows()])


def _asked(question: str, answer: str, because: str) -> Asked:
    person, equipment, process, *more = question.strip("`").split()
    fields = {"person": person, "equipment": equipment, "process": process, "at": NOW}
    fields |= dict(part.split("=") for part in more)
    decision, _, obligations = answer.partition(": ")
    needed = [[name] for name in re.findall(r"`(\w+)`", obligations)]
    return Asked(fields, decision, needed, frozenset(re.findall(r"`(\w+)`", because)))
