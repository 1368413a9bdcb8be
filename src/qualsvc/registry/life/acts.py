"""How each call goes: worked out under the writer lock, done once, answered in terms of what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from qualsvc.http.bodies import JSON, RECORD_LIMIT, limited, require_media_type, require_readable_path
from qualsvc.http.problems import FieldError, Problem
from qualsvc.http.strict_json import loads
from qualsvc.kernel.messages import Language
from qualsvc.records.documents import Document
from qualsvc.records.faults import quote
from qualsvc.records.fields import is_code
from qualsvc.registry.life.drafts import Draft
from qualsvc.registry.lists import refuse
from qualsvc.registry.once import once_of
from qualsvc.registry.waiting import write_parameters
from qualsvc.registry.wiring import Scope, wired
from qualsvc.store.errors import RecordNotFound, WriteRefused
from qualsvc.store.operations import Actor, Answered, Operation, Written

_LANGUAGES: dict[str, Language] = {"en": "en", "zh-CN": "zh-CN"}


class Act(Protocol):
    """One call. `decide` may run twice, and does not run at all for a request that was done before."""

    @property
    def draft(self) -> Draft:
        """What `decide` has worked out."""
        ...

    async def decide(self, connection: AsyncConnection) -> Sequence[Operation]:
        """The operations, from what is there."""
        ...

    def answered(self, written: Written) -> Answered:
        """Status and body, without personal fields."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, with what."""

    actor: Actor
    body: bytes
    language: Language

    def require_no_body(self, what: str) -> None:
        """Raises Problem 400; `what` says it already, without a body."""
        if self.document() != {}:
            raise Problem(400, "unexpected_body", f"{what} takes no body; whom it concerns is in the path")

    def document(self) -> Any:
        """The JSON that was sent; nothing counts as an empty object. Raises MalformedJson."""
        return loads(self.body) if self.body.strip() else {}


async def called(
    request: Request,
    kind: str,
    code: str,
    *,
    new: bool = False,
    reasoned: bool = False,
    scope: Scope = "maintain",
) -> Call:
    """Read a call about the record with this code, which may be `new`; one answered with reasons says in which language.

    Raises Problem, and RecordNotFound for what is the code of nothing.
    """
    actor = wired(request).authorise(request, scope)
    parameters = write_parameters(request, ("lang",) if reasoned else ())
    require_readable_path(request)
    language = parameters.get("lang", "en")
    if language not in _LANGUAGES:
        message = f"{quote(language)} must be one of {', '.join(_LANGUAGES)}"
        refuse([FieldError("?lang", "malformed_parameter", message)])
    body = b"".join([chunk async for chunk in limited(request, RECORD_LIMIT)])
    if body.strip():
        require_media_type(request, (JSON,))
    if not new and not is_code(code):
        raise RecordNotFound(kind, code)
    return Call(actor, body, _LANGUAGES[language])


async def done(request: Request, call: Call, act: Act) -> tuple[int, int, Document]:
    """Do it, at most once: the revision, the status and the body to answer with."""
    try:
        written = await wired(request).write(request, call.actor, act.decide, once_of(request, call.body, act.answered))
    except WriteRefused as refused:
        raise act.draft.placed(refused) from None
    answered = written.again or act.answered(written)
    return written.revision, answered.status, answered.body or {}
