"""`GET /v1/persons/{code}/state`: what was known of a person at an instant."""

from fastapi import APIRouter, Request, Response

from qualsvc.http.bodies import query_parameters, require_readable_path
from qualsvc.http.problems import FieldError
from qualsvc.kernel.instants import FOREVER, InstantError, format_instant, parse_instant
from qualsvc.kernel.states import ALLOW
from qualsvc.kernel.timeline import Timeline
from qualsvc.records.documents import Document
from qualsvc.records.faults import quote
from qualsvc.records.fields import is_code
from qualsvc.records.kinds import KINDS
from qualsvc.registry.answers import answer
from qualsvc.registry.lists import refuse
from qualsvc.registry.states_described import LASTING
from qualsvc.registry.states_described import state as described
from qualsvc.registry.wiring import wired
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.known import recorded_by, recorded_last
from qualsvc.store.known_person import OWNED, PersonThen, persons_then

_PERSON = KINDS["person"]


def state_router() -> APIRouter:
    """The one route."""
    router = APIRouter(prefix=f"/v1/{_PERSON.path}", tags=[_PERSON.name])

    @router.get("/{code}/state", **described())
    async def state(request: Request, code: str) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        require_readable_path(request)
        now = wiring.now()
        at, known_at = _asked(query_parameters(request, ("at", "known_at")), now)
        if not is_code(code):
            raise RecordNotFound(_PERSON.name, code)
        known = now if known_at is None else known_at
        at = known if at is None else at
        async with wiring.engine.connect() as connection:
            # The last one without looking at the clock, which may be a little behind the database's.
            recorded = await (recorded_last(connection) if known_at is None else recorded_by(connection, known_at))
            found = await persons_then(connection, [code], recorded.revision, at)
        if code not in found:
            raise RecordNotFound(_PERSON.name, code, None if known_at is None else format_instant(known_at))
        return answer(told(found[code], recorded.revision, at, known, reconstructed=known_at is not None))

    return router


def told(then: PersonThen, revision: int, at: int, known_at: int, *, reconstructed: bool) -> Document:
    """What is told of a person, as of the revision, which was the last one recorded by `known_at`."""
    head = {
        "revision": revision,
        "at": format_instant(at),
        "known_at": format_instant(known_at),
        "reconstructed": reconstructed,
        "person": then.person,
        "company": then.company,
    }
    return head | {f"{kind}s": [_shown(kind, each, at) for each in then.owned[kind]] for kind in OWNED}


def _shown(kind: str, document: Document, at: int) -> Document:
    """A record, and of one that begins and ends at instants whether it is in force."""
    if kind not in LASTING:
        return document
    until = document["valid_until"]
    span = Timeline.between(parse_instant(document["valid_from"]), FOREVER if until is None else parse_instant(until))
    return document | {"in_force": span.at(at) == ALLOW}


def _asked(parameters: dict[str, str], now: int) -> tuple[int | None, int | None]:
    errors: list[FieldError] = []
    found: dict[str, int] = {}
    for name, text in parameters.items():
        try:
            found[name] = parse_instant(text)
        except InstantError as error:
            errors.append(FieldError(f"?{name}", "malformed_parameter", f"{quote(text)}: {error}"))
    if found.get("known_at", now) > now:
        errors.append(FieldError("?known_at", "malformed_parameter", "has not come yet; leave it out for what is known now"))
    refuse(errors)
    return found.get("at"), found.get("known_at")
