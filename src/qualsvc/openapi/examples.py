"""Examples of what is no record: answers the kernel gives about the sample plant, and what the store would say of a write."""

import json
from typing import Any

from qualsvc.kernel.coverage import EVERYWHERE, Coverage
from qualsvc.kernel.instants import parse_instant
from qualsvc.openapi.problem_examples import field_error, problem_example
from qualsvc.openapi.record_schemas import shown
from qualsvc.openapi.sampled import BOOT, KEY, NOW, REVISION, answers, chosen, held, question
from qualsvc.records.documents import Document
from qualsvc.records.kinds import INCIDENT, KINDS
from qualsvc.registry.cursors import wrap
from qualsvc.registry.rules_questions import Result
from qualsvc.registry.states_described import LASTING
from qualsvc.store.known_person import OWNED


def examples() -> dict[str, Any]:
    """One example for each of these schemas, by its name."""
    asked = [question("expired"), question("trainee_alone")]
    answered = answers(*asked)
    return {
        "Question": question("allowed", purpose="unlock"),
        "Answer": answers(question("expiring"))[0],
        "Reason": answered[0]["reasons"][0],
        "Batch": {"questions": asked},
        "BatchAnswer": {"revision": REVISION, "decisions": answered},
        "Problem": problem_example(422, ["unknown_reference"]),
        "FieldError": field_error(),
        "BulkAnswer": {"revision": REVISION, "created": 2, "changed": 1, "unchanged": 1457, "deleted": 0},
        "Changed": _changed(),
        "PersonState": _state(),
        "IncidentFile": _incident(),
        "HistoryPage": {"items": [_changed()], "next_cursor": None},
        **_of_rules(),
    }


FIELDS: dict[str, Any] = {
    "at": "2026-11-21T03:30:00Z",
    "until": "2026-11-21T11:30:00Z",
    "known_at": "2026-11-21T03:30:00Z",
    "started_at": "2026-11-20T18:00:00Z",
    "supervisor": "E1092",
    "confirmed_by": "E1091",
    "site": "NGB",
    "code": "E1001-A2",
    "relation": "either_suffices",
    "keep": True,
    "next_cursor": wrap("site", "HAM"),
}
"""Values of fields, by name, where nothing else shows one."""


def bodies() -> dict[str, Any]:
    """Bodies that are no JSON, by operation."""
    lines = [{"kind": kind} | chosen(KINDS[kind]) for kind in ("course", "training_record")]
    lines.append({"kind": "restriction", "code": chosen(KINDS["restriction"])["code"], "op": "delete"})
    return {"bulk": "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)}


def _changed() -> Document:
    machine = chosen(KINDS["equipment"])
    return {
        "revision": REVISION + 1,
        "at": NOW,
        "key": "3f9c2a7be014",
        "key_name": "mes",
        "request_id": "hr-sync-8841",
        "before": machine,
        "after": machine | {"status": "locked_out"},
        "personal": [],
    }


def _state() -> Document:
    person = {name: value for name, value in chosen(KINDS["person"]).items() if name not in KINDS["person"].personal}
    owned: dict[str, list[Document]] = {}
    for kind in OWNED:
        own = [each for each in shown(KINDS[kind]) if each["person"] == person["code"]]
        lasting = {"in_force": True} if kind in LASTING else {}
        owned[f"{kind}s"] = [each | lasting for each in own]
    return {
        "revision": REVISION,
        "at": NOW,
        "known_at": NOW,
        "reconstructed": True,
        "person": person,
        "company": None,
        **owned,
    }


def _incident() -> Document:
    """With what was frozen for it: the one answer, and the one person."""
    incident = chosen(INCIDENT)
    (answer,) = answers(question("allowed"))
    decision = {
        "decision_id": answer["decision_id"],
        "shipped": True,
        "boot_id": BOOT,
        "sequence": int(answer["decision_id"].rpartition("-")[2]),
        "hash": "5f1b0a6ec4" * 6 + "77d2",
        "key": KEY.code,
        "site": "NGB",
        "question": {"at_given": False, "purpose": "unlock"},
        "answer": answer,
    }
    state = _state() | {"at": incident["occurred_at"], "known_at": incident["occurred_at"]}
    return incident | {"decisions": [decision], "states": [state]}


def _of_rules() -> dict[str, Any]:
    rule = "MACHINE-TOOL"
    kept: list[Document] = [
        question("trainee_alone") | {"expect": "conditional", "reasons": ["supervision_required"]},
        question("trainee_supervised") | {"expect": "allow"},
    ]
    results = [_result(one) for one in kept]
    passed = sum(result["passed"] for result in results)
    return {
        "RuleWarning": {
            "code": "position_nobody_holds",
            "message": f"no active person holds position `FITTER` at {NOW}",
            "position": "FITTER",
        },
        "RuleQuestion": kept[0],
        "KeptQuestions": {"rule": rule, "questions": kept},
        "QuestionResult": results[0],
        "RuleTestAnswer": {
            "rule": rule,
            "revision": REVISION,
            "passed": passed,
            "failed": len(results) - passed,
            "results": results,
        },
        "CoverageAnswer": _coverage(),
    }


def _result(kept: Document) -> Document:
    asked = {name: value for name, value in kept.items() if name not in ("expect", "reasons")}
    (found,) = answers(asked)
    codes = tuple(dict.fromkeys(reason["code"] for reason in found["reasons"]))
    missing = tuple(code for code in kept.get("reasons", ()) if code not in codes)
    return Result(kept, parse_instant(found["at"]), found["decision"], codes, missing).shown()


def _coverage() -> Document:
    coverage = Coverage(held().snapshot, parse_instant(NOW), EVERYWHERE)
    for _ in coverage.reckon():
        pass
    first = next(found for found in coverage.found("several_positions", None) if found is not None)
    return {
        "revision": coverage.revision,
        "pairs": coverage.pairs,
        "uncovered": coverage.uncovered,
        "several_positions": coverage.several_positions,
        "items": [
            {
                "equipment": first.equipment,
                "process": first.process,
                "finding": first.finding,
                "positions": list(first.opening.positions),
                "rules": list(first.opening.rules),
            }
        ],
        "next_cursor": wrap("coverage", f"{first.equipment} {first.process}"),
    }
