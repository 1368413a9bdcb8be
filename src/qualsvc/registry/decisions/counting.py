"""`GET /v1/decisions/counts`: how many answers there were, and how many denials by reason and by purpose, by day and site."""

from datetime import date
from typing import Any, get_args

from fastapi import APIRouter, Request, Response

from qualsvc.http.bodies import query_parameters
from qualsvc.http.problems import FieldError
from qualsvc.kernel.instants import DAY, EPOCH_ORDINAL, InstantError, parse_date
from qualsvc.records.faults import quote
from qualsvc.records.fields import is_code
from qualsvc.registry.answers import answer
from qualsvc.registry.decisions import described
from qualsvc.registry.decisions.asked import malformed
from qualsvc.registry.lists import refuse
from qualsvc.registry.wiring import wired
from qualsvc.store.decisions import By, counts

MOST_DAYS = 366
_USUAL_DAYS = 31
_COUNTS = ("answers", "denials_by_reason", "denials_by_purpose")


def counting_router() -> APIRouter:
    """The one route."""
    router = APIRouter(prefix="/v1/decisions", tags=["decision"])

    @router.get("/counts", **described.counting())
    async def count_decisions(request: Request) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        first, last, site, by = _asked(query_parameters(request, ("from", "to", "site", "by")), wiring.now())
        items: dict[tuple[date | None, str | None], dict[str, Any]] = {}
        async for counted in counts(wiring.engine, first, last, site, by):
            keys: dict[str, Any] = {} if by == "site" else {"day": str(counted.day)}
            keys |= {} if by == "day" else {"site": counted.site or None}
            item = items.setdefault((counted.day, counted.site), keys | {name: {} for name in _COUNTS})
            item[counted.what][counted.name] = counted.number
        return answer({"from": str(first), "to": str(last), "items": list(items.values())})

    return router


def _asked(parameters: dict[str, str], now: int) -> tuple[date, date, str | None, By | None]:
    errors: list[FieldError] = []
    # Somewhere it may be tomorrow already; nothing is counted for days that have begun nowhere.
    last = _day(parameters, "to", now // DAY + EPOCH_ORDINAL + 1, errors)
    first = _day(parameters, "from", max(last - _USUAL_DAYS + 1, 1), errors)
    if last < first:
        errors.append(malformed("to", "must not be before `from`"))
    elif last - first >= MOST_DAYS:
        errors.append(malformed("from", f"at most {MOST_DAYS} days at a time"))
    site, by = parameters.get("site"), parameters.get("by")
    if site is not None and not is_code(site):
        errors.append(malformed("site", f"{quote(site)} is no code"))
    known = next((each for each in get_args(By) if each == by), None)
    if by is not None and known is None:
        errors.append(malformed("by", f"{quote(by)} must be one of {', '.join(get_args(By))}"))
    refuse(errors)
    return date.fromordinal(first), date.fromordinal(last), site, known


def _day(parameters: dict[str, str], name: str, otherwise: int, errors: list[FieldError]) -> int:
    if name not in parameters:
        return otherwise
    try:
        return parse_date(parameters[name])
    except InstantError as error:
        errors.append(malformed(name, f"{quote(parameters[name])}: {error}"))
        return otherwise
