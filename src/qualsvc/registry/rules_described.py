"""What the OpenAPI document says of coverage, of warnings, and of the questions kept beside a rule."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from qualsvc.http.bodies import JSON
from qualsvc.http.declared import BODY, PARAMETERS, WRITING, Described, Told, body, header, needs, parameter, problems, schema
from qualsvc.kernel.coverage import Finding
from qualsvc.kernel.reasons import ReasonCode
from qualsvc.kernel.states import Decision
from qualsvc.records.kinds import KINDS
from qualsvc.records.rules import MAX_QUESTIONS, RuleQuestion
from qualsvc.registry.described import faults

AdviceCode = Literal[
    "applies_nowhere",
    "overlapping_grants",
    "guard_narrows_nobody",
    "position_nobody_holds",
    "requirement_nobody_meets",
    "statutory_types",
    "question_failed",
]


class CoverageItem(Told):
    """A pair of equipment and process about which there is something to say."""

    equipment: Annotated[str, Field(examples=["BC-02"])]
    """Code of the equipment."""
    process: Annotated[str, Field(examples=["MAINTENANCE"])]
    """Code of the process."""
    finding: Annotated[Finding, Field(examples=["several_positions"])]
    """`uncovered`: no grant is in force, so everybody is denied. `several_positions`: more than one position opens it."""
    positions: Annotated[list[str | None], Field(examples=[["CONTRACT-FITTER", "FITTER"]])]
    """Codes of the positions that open it, by code; null, first, where a grant opens it to anyone."""
    rules: Annotated[list[str], Field(examples=[["CONTRACT-MAINTENANCE", "MAINTENANCE"]])]
    """Codes of the grants in force, by code."""


class CoverageAnswer(Told):
    """How the grants in force now cover the plant, or the part of it that is asked for; retired equipment is left out."""

    revision: Annotated[int, Field(examples=[4211])]
    """The revision of the facts it was reckoned from."""
    pairs: Annotated[int, Field(examples=[468])]
    """Number of pairs of equipment and process, exact."""
    uncovered: Annotated[int, Field(examples=[380])]
    """Of so many no grant is in force, exact."""
    several_positions: Annotated[int, Field(examples=[39])]
    """So many are opened by more than one position, exact."""
    items: list[CoverageItem]
    """A page of them, by the codes of equipment and process."""
    next_cursor: str | None
    """Ask on with it as `cursor`; null on the last page."""


class KeptQuestions(Told):
    """The questions kept beside a rule."""

    rule: Annotated[str, Field(examples=["REACH-REFRESHER"])]
    """Code of the rule."""
    questions: list[RuleQuestion]
    """The questions, in the order they are asked."""


class QuestionResult(Told):
    """A question, and what came of it."""

    person: Annotated[str, Field(examples=["E1133"])]
    """Code of the person asked about."""
    equipment: Annotated[str, Field(examples=["RT-01"])]
    """Code of the equipment."""
    process: Annotated[str, Field(examples=["LOADING"])]
    """Code of the process."""
    at: Annotated[str, Field(examples=["2026-11-21T03:30:00Z"], json_schema_extra={"format": "date-time"})]
    """Instant asked about, in UTC; that of the test where the question names none."""
    until: Annotated[str | None, Field(examples=["2026-11-21T11:30:00Z"])] = None
    """End of the window `[at, until)`; absent where the question names none."""
    supervisor: str | None = None
    """Code of the person who supervises; absent where the question names none."""
    confirmed_by: str | None = None
    """Code of the person who confirms; absent where the question names none."""
    expect: Decision
    """The decision its author expects."""
    decision: Annotated[Decision, Field(examples=["allow"])]
    """The decision reached."""
    reasons: list[ReasonCode]
    """Codes of the reasons answered, each once."""
    missing: list[ReasonCode]
    """Codes of reasons that were expected and not answered."""
    passed: Annotated[bool, Field(examples=[True])]
    """True: the decision is the one expected, and no expected reason is missing."""


class RuleTestAnswer(Told):
    """What the questions were answered."""

    rule: Annotated[str, Field(examples=["REACH-REFRESHER"])]
    """Code of the rule."""
    revision: Annotated[int, Field(examples=[4211])]
    """The lowest revision any of the answers belongs to."""
    passed: Annotated[int, Field(examples=[2])]
    """Number of questions answered as expected."""
    failed: Annotated[int, Field(examples=[0])]
    """Number of those that were not."""
    results: list[QuestionResult]
    """Each question with what came of it, in the order asked."""


class RuleWarning(Told):
    """Something the author of a rule should know. Nothing is refused for it."""

    code: Annotated[AdviceCode, Field(examples=["position_nobody_holds"])]
    """Stable; more may be added."""
    message: Annotated[str, Field(examples=["no active person holds position `FITTER` at 2026-11-21T03:30:00Z"])]
    """What is the matter, in English."""
    relation: Literal["both_must_be_met", "either_suffices"] | None = None
    """Of `overlapping_grants`: those of the same position must all be met; of other positions, those of any one suffice."""
    rules: Annotated[list[str] | None, Field(examples=[["CONTRACT-MAINTENANCE"]])] = None
    """Of `overlapping_grants`: codes of the first 20 of these grants."""
    position: Annotated[str | None, Field(examples=["FITTER"])] = None
    """Of `position_nobody_holds`: code of the position."""
    equipment: Annotated[list[str] | None, Field(examples=[["GC-02"]])] = None
    """Of `requirement_nobody_meets`: codes of the first 20 machines on which nobody does; absent when it is all of them."""
    types: Annotated[list[str] | None, Field(examples=[["tsg-z6001-2019:Q2"]])] = None
    """Of `statutory_types`: codes of the certificate types."""
    count: Annotated[int | None, Field(examples=[1])] = None
    """How many there are of what is listed."""
    rule: Annotated[str | None, Field(examples=["REACH-REFRESHER"])] = None
    """Of `question_failed`: code of the rule the question is kept beside."""
    question: RuleQuestion | None = None
    """Of `question_failed`: the question."""
    expected: Decision | None = None
    """Of `question_failed`: the decision expected."""
    got: Decision | None = None
    """Of `question_failed`: the decision reached."""
    reasons: list[ReasonCode] | None = None
    """Of `question_failed`: codes of the reasons answered."""


_NARROWING = {
    "equipment": "Only this machine.",
    "process": "Only this process and those below it.",
    "site": "Only machines at this site.",
    "equipment_class": "Only machines of this class and of those below it.",
}


def coverage() -> Described:
    """Of `GET /v1/rules/coverage`."""
    finding = {"type": "string", "enum": list(get_args(Finding))}
    narrowing = [
        {"name": name, "in": "query", "schema": {"type": "string", "maxLength": 64}, "description": description}
        for name, description in _NARROWING.items()
    ]
    return {
        "operation_id": "rule_coverage",
        "summary": "What no grant covers, and what several positions open",
        "description": "Every pair of equipment and process, as the grants in force now cover it, but for retired equipment. "
        "Totals are those of the part asked for; `finding` narrows only the items. Most pairs are uncovered, and rightly: "
        "nobody welds with a crane. A rule whose code is `coverage` is read by `GET /v1/rules?code=coverage`.",
        "responses": {200: {"description": "Exact totals, and one page.", "model": CoverageAnswer}}
        | problems(400, *PARAMETERS, 503),
        "openapi_extra": {
            "security": needs("read"),
            "parameters": [
                parameter("Limit"),
                parameter("Cursor"),
                {"name": "finding", "in": "query", "schema": finding, "description": "List only these pairs."},
                *narrowing,
            ],
        },
    }


def kept() -> Described:
    """Of `GET /v1/rules/{code}/test`."""
    return {
        "operation_id": "get_rule_test",
        "summary": "Read the questions kept beside a rule",
        "description": "They are asked at each change of the rule; those not answered as expected are told in its `warnings`.",
        "responses": {200: {"description": _READ, "headers": {"ETag": header("ETag")}, "model": KeptQuestions}}
        | problems(400, "malformed_path", 404, 503),
        "openapi_extra": {"security": needs("read")},
    }


def test() -> Described:
    """Of `POST /v1/rules/{code}/test`."""
    rule = KINDS["rule"]
    return {
        "operation_id": "run_rule_test",
        "summary": "Ask questions of a rule, and keep them beside it",
        "description": "All other rules count as they are. `{}` asks the kept questions. With `questions`, these are asked and "
        "take the place of those kept, which needs a key with `maintain`; an empty list keeps none. With `keep` false they are "
        "only asked. With `rule`, they are asked as if the rule were that document; nothing is written, and it need not be "
        "there yet; what writing it would be refused for is refused here. Sent again with the same `Idempotency-Key`, the "
        "questions are kept once and asked anew. `If-Match` is that of the kept questions.",
        "responses": {200: {"description": "What they were answered.", "headers": _KEPT, "model": RuleTestAnswer}}
        | problems(
            400, "malformed_path", *WRITING, *BODY, 404, 412, "too_many_items", ("idempotency_key_reused", 422), *faults(rule)
        ),
        "openapi_extra": {
            "security": [*needs("read"), *needs("maintain")],
            "parameters": [parameter("If-Match"), parameter("If-None-Match")],
            **body(True, **{JSON: {"schema": _TRIAL}}),
        },
    }


_KEPT = {"Revision": header("Revision"), "ETag": header("ETag")}
_READ = "The questions; none where none are kept."
_TRIAL: dict[str, Any] = {
    "type": "object",
    "description": "What is asked of the rule.",
    "additionalProperties": False,
    "properties": {
        "questions": {
            "type": ["array", "null"],
            "maxItems": MAX_QUESTIONS,
            "items": schema("RuleQuestion"),
            "description": "The questions, asked in this order. Null: those kept. One with `until` must have `at`.",
        },
        "keep": {
            "type": ["boolean", "null"],
            "description": "True: they take the place of those kept. Null: true with `questions` and without `rule`.",
        },
        "rule": {
            "anyOf": [schema("RulePut"), {"type": "null"}],
            "description": "The rule to try in place of the one written. Null: as it is written.",
        },
    },
    "examples": [
        {
            "questions": [
                {"person": "E1133", "equipment": "RT-01", "process": "LOADING", "expect": "allow"},
                {
                    "person": "E1012",
                    "equipment": "RT-01",
                    "process": "LOADING",
                    "at": "2026-11-21T03:30:00Z",
                    "expect": "deny",
                    "reasons": ["training_missing"],
                },
            ]
        }
    ],
}
