"""`GET /v1/rules/coverage`: the pairs of equipment and process that nothing opens, and those that several positions open."""

from collections.abc import Collection
from typing import Any, get_args

from fastapi import APIRouter, Request, Response

from qualsvc.http.bodies import query_parameters
from qualsvc.http.problems import FieldError
from qualsvc.kernel.coverage import Coverage, Finding, Found, Narrowing
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.records.faults import quote
from qualsvc.registry import rules_described as described
from qualsvc.registry.answers import answer
from qualsvc.registry.cursors import unwrap, wrap
from qualsvc.registry.lists import DEFAULT_LIMIT, MAX_LIMIT, refuse, whole_number
from qualsvc.registry.wiring import wired
from qualsvc.store.pacing import paced

_LIST = "coverage"
_WITHIN = ("equipment", "process", "site", "equipment_class")
_FINDINGS: tuple[Finding, ...] = get_args(Finding)


def coverage_router() -> APIRouter:
    """The one route."""
    router = APIRouter(prefix="/v1/rules", tags=["rule"])

    @router.get("/coverage", **described.coverage())
    async def coverage(request: Request) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        limit, after, finding, within = _asked(request)
        snapshot = wiring.held().snapshot
        _require_there(snapshot, within)
        coverage = Coverage(snapshot, wiring.now(), within)
        async for _ in paced(coverage.reckon()):
            pass
        items: list[Found] = []
        async for found in paced(coverage.found(finding, after)):
            items.append(found)
            if len(items) > limit:
                break
        more = wrap(_LIST, f"{items[limit - 1].equipment} {items[limit - 1].process}") if len(items) > limit else None
        totals = {name: getattr(coverage, name) for name in ("revision", "pairs", *_FINDINGS)}
        return answer(totals | {"items": [_shown(found) for found in items[:limit]], "next_cursor": more})

    return router


def _asked(request: Request) -> tuple[int, tuple[str, str] | None, Finding | None, Narrowing]:
    parameters = query_parameters(request, ("limit", "cursor", "finding", *_WITHIN))
    errors: list[FieldError] = []
    limit = whole_number(parameters, "limit", 1, MAX_LIMIT, errors)
    given, finding = parameters.get("finding"), None
    if given is not None:
        finding = next((each for each in _FINDINGS if each == given), None)
        if finding is None:
            errors.append(_malformed("finding", f"{quote(given)} must be one of {', '.join(_FINDINGS)}"))
    after = None
    if "cursor" in parameters:
        try:
            equipment, process = unwrap(_LIST, parameters["cursor"]).split(" ")
            after = equipment, process
        except ValueError:
            errors.append(_malformed("cursor", "not a cursor of this list; use `next_cursor` as it was given"))
    refuse(errors)
    within = Narrowing(**{name: parameters.get(name) for name in _WITHIN})
    return DEFAULT_LIMIT if limit is None else limit, after, finding, within


def _require_there(snapshot: Snapshot, within: Narrowing) -> None:
    """A misspelt code would look as if everything were covered."""
    known: dict[str, Collection[str]] = {
        "equipment": snapshot.equipment,
        "process": snapshot.processes,
        "site": snapshot.sites,
        "equipment_class": snapshot.equipment_classes,
    }
    asked = {name: code for name in _WITHIN if (code := getattr(within, name)) is not None}
    refuse([_malformed(name, f"there is no {name} {quote(code)}") for name, code in asked.items() if code not in known[name]])


def _malformed(name: str, message: str) -> FieldError:
    return FieldError(f"?{name}", "malformed_parameter", message)


def _shown(found: Found) -> dict[str, Any]:
    opening = {"positions": list(found.opening.positions), "rules": list(found.opening.rules)}
    return {"equipment": found.equipment, "process": found.process, "finding": found.finding} | opening
