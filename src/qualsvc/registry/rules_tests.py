"""Questions kept beside a rule, and asked of it: as it is written, or as it would be."""

from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qualsvc.http.bodies import JSON, RECORD_LIMIT, query_parameters, read_body, require_readable_path
from qualsvc.http.problems import Problem
from qualsvc.http.strict_json import loads
from qualsvc.records.documents import Document, to_document
from qualsvc.records.faults import InvalidRecord
from qualsvc.records.fields import is_code
from qualsvc.records.kinds import KINDS, RULE_TEST
from qualsvc.records.rules import Rule, RuleTest
from qualsvc.registry import rules_described as described
from qualsvc.registry.answers import answer
from qualsvc.registry.once import once_of
from qualsvc.registry.preconditions import condition_of, refuse_conditions
from qualsvc.registry.rules_questions import Result, in_order, kept_questions, results_of
from qualsvc.registry.rules_trial import RuleTrial, read_trial
from qualsvc.registry.waiting import write_parameters
from qualsvc.registry.wiring import Wiring, told_besides, wired
from qualsvc.store.checks import check
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.operations import Actor, Answered, Once, Operation, Replace
from qualsvc.store.planning import plan
from qualsvc.store.reading import documents
from qualsvc.store.versions import entity_tag

_RULE = KINDS["rule"]
_ANSWERS_S = 60


def tests_router() -> APIRouter:
    """`GET` and `POST /v1/rules/{code}/test`, and `GET …/test/history`."""
    router = APIRouter(prefix=f"/v1/{_RULE.path}", tags=[_RULE.name])

    @router.get("/{code}/test", **described.kept())
    async def read_test(request: Request, code: str) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        query_parameters(request)
        require_readable_path(request)
        questions, tag = await _kept(wiring.engine, code)
        return answer({"rule": code, "questions": questions}, tag=tag)

    @router.post("/{code}/test", **described.test())
    async def run_test(request: Request, code: str) -> Response:
        wiring = wired(request)
        actor = _reader_or_maintainer(request)
        write_parameters(request)
        require_readable_path(request)
        body = await read_body(request, (JSON,), RECORD_LIMIT)
        if not is_code(code):
            raise RecordNotFound(_RULE.name, code)
        trial = read_trial(code, loads(body))
        wiring.held()  # nothing is kept that could not be asked then
        revision = tag = None
        if trial.keeps:
            actor = wiring.authorise(request, "maintain")
            test = RuleTest(code=code, questions=trial.questions or ())
            tag = entity_tag(to_document(test))  # of what is kept by this request, whoever keeps others meanwhile
            revision = await _keep(request, actor, test, once_of(request, body, lambda _: Answered(200, None)))
        else:
            refuse_conditions(request, "these questions are not kept")
        if trial.rule is not None:
            await _refuse_what_cannot_be_written(request, actor, trial.rule)
        tried = None if trial.rule is None else to_document(trial.rule)
        answering = _answered(wiring, code, trial, tried)
        reckoned, results = await (answering if revision is None else told_besides(revision, answering, _ANSWERS_S))
        passed = sum(result.passed for result in results)
        counted = {"rule": code, "revision": reckoned, "passed": passed, "failed": len(results) - passed}
        return answer(counted | {"results": [result.shown() for result in results]}, 200, revision, tag)

    return router


async def _answered(wiring: Wiring, code: str, trial: RuleTrial, tried: Document | None) -> tuple[int, list[Result]]:
    questions = await _questions(wiring.engine, code, trial)
    return await results_of(wiring.held(), questions, wiring.now(), tried)


def _reader_or_maintainer(request: Request) -> Actor:
    """Who maintains rules is told of failed questions when writing them; so they may ask them too."""
    wiring = wired(request)
    try:
        return wiring.authorise(request, "read")
    except Problem as problem:
        if problem.status != 403:
            raise
        return wiring.authorise(request, "maintain")


async def _keep(request: Request, actor: Actor, test: RuleTest, once: Once | None) -> int:
    wiring = wired(request)
    code = test.code
    condition = condition_of(request, creating=True)

    async def keep(connection: AsyncConnection) -> Sequence[Operation]:
        await _require_rule(connection, code)
        there = await documents(connection, RULE_TEST, [code])
        # Who read that there are none means just this.
        as_read = not there and condition is not None and _none(code)[1] in (condition.tags or ())
        return [Replace(RULE_TEST, test, condition=None if as_read else condition)]

    return (await wiring.write(request, actor, keep, once)).revision


async def _refuse_what_cannot_be_written(request: Request, actor: Actor, rule: Rule) -> None:
    """What writing it would be refused for. Others may write meanwhile, so it is no promise."""
    wiring = wired(request)
    async with wiring.engine.connect() as connection:
        steps, faults = await plan(connection, actor, [Replace(_RULE, rule)], wiring.terms)
        faults += await check(connection, steps)
    if faults:
        raise InvalidRecord([replace(fault, pointer=f"/rule{fault.pointer}") for fault in faults])


async def _questions(engine: AsyncEngine, code: str, trial: RuleTrial) -> list[Document]:
    """Those given, else those kept. Raises RecordNotFound where there is no rule, neither written nor to be tried."""
    if trial.questions is None:
        return (await kept_questions(engine, [code])).get(code, []) if trial.rule else (await _kept(engine, code))[0]
    if trial.rule is None and not trial.keeps:
        async with engine.connect() as connection:
            await _require_rule(connection, code)
    given: list[Document] = to_document(RuleTest(code=code, questions=trial.questions))["questions"]
    return given


async def _kept(engine: AsyncEngine, code: str) -> tuple[list[Document], str]:
    """The questions kept beside a rule, and their version. Raises RecordNotFound when there is no such rule."""
    async with engine.connect() as connection:
        await _require_rule(connection, code)
        found = (await documents(connection, RULE_TEST, [code])).get(code)
    return (in_order(found), entity_tag(found)) if found is not None else _none(code)


def _none(code: str) -> tuple[list[Document], str]:
    return [], entity_tag(to_document(RuleTest(code=code, questions=())))


async def _require_rule(connection: AsyncConnection, code: str) -> None:
    if not is_code(code) or not await documents(connection, _RULE, [code]):
        raise RecordNotFound(_RULE.name, code)
