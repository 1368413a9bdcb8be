"""What the document says of the service as a whole: rules, tags, keys, and the headers and parameters all share."""

from inspect import cleandoc
from typing import Any

from qualsvc.records.kinds import INCIDENT, RECORD_KINDS
from qualsvc.registry.cursors import cursor_after
from qualsvc.registry.lists import DEFAULT_LIMIT, MAX_LIMIT
from qualsvc.registry.once import LONGEST

_DESCRIPTION = """
    Before a door opens, a crane starts or a shift is planned: one question, one answer, why, and until when.

    ## Rules for whoever programs a controller

    1. **Unlock on one thing only**: status 200 *and* `"allowed": true`. Any other status, a time-out, a broken body:
       **not allowed**.
    2. **Nothing after `recheck_by`.** A certificate can be revoked at any moment; ask again before that instant.
       `valid_until` says until when the facts known now would hold: for planning, not for holding a gate open.
    3. **`conditional` is not yes.** Name the supervisor (`supervisor=`) or confirmer (`confirmed_by=`) it asks for, and ask
       again.
    4. **Never ask for an emergency exit, to stop a machine, or to finish a lift already begun.** Those are hardwired
       (ISO 13850). A decision service may refuse a *start*, nothing else.
    5. Use a key with the scope `ask` and no other.

    ## What holds everywhere

    - **Instants** are RFC 3339 with an offset when sent, UTC with `Z` when answered, to the microsecond; intervals of
      instants are `[from, until)`. **Dates** are `YYYY-MM-DD`, inclusive, local to the site of the equipment asked about.
    - **Codes** name records: 1 to 64 printable characters without space, `/`, `?`, `#`, `%`. They do not change.
    - **Units** stand in the names of ratings and limits (`lifting_t`: tonnes); hours are hours, attendance is a share, 0 to 1.
    - **Revision**: every write that changes something makes one, in the order of the commits, without gaps. Answers and
      writes say it; `min_revision=` asks for facts that reflect a write.
    - **Versions**: a record has a strong `ETag`; send it back as `If-Match` and nobody's change is lost (412).
    - **Once**: a POST under `/v1/` with an `Idempotency-Key` may be sent again: it has its effect once.
    - **Errors** are RFC 9457 `application/problem+json` with a stable `code`, and `errors[]` that name each fault. Unknown
      parameters and fields are errors; nothing is guessed.
    - Lists answer `next_cursor`; ask on with it until it is null.

    Examples are of the sample plant Harbour Machinery (港湾机械); `qualsvc demo` serves it.
"""
INFO: dict[str, Any] = {
    "title": "qualsvc",
    "summary": "May this person operate this equipment for this process, why, and until when?",
    "description": cleandoc(_DESCRIPTION),
    "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
}
SERVERS = [{"url": "/", "description": "The service that serves this document."}]
SECURITY_SCHEMES: dict[str, Any] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "API key",
        "description": "`Authorization: Bearer KEY`, a key made by `qualsvc keys create NAME --scope SCOPE`. Scopes: `ask` "
        "(about now only), `ask:at` (about any instant), `read`, `maintain`, `approve` (waivers), `admin` (everything). Each "
        "operation says the one it needs. A revoked key is refused as soon as the revocation is known here.",
    }
}
_SAID = {
    "ask": "The decision: one question or many. 200 for every decision, deny included.",
    **{kind.name: cleandoc(kind.model.__doc__ or "") for kind in RECORD_KINDS},
    "bulk": "Many records in one request, all or nothing.",
    "decision": "What was answered, to whom, when and why: on record before the answer left, chained, read back.",
    INCIDENT.name: cleandoc(INCIDENT.model.__doc__ or ""),
    "operate": "For whoever runs the service: alive, ready, metrics.",
}
TAGS = [{"name": name, "description": description} for name, description in _SAID.items()]
"""The parts of the document, in its order."""


def _query(name: str, description: str, **shape: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": shape}


def _sent(name: str, description: str, **shape: Any) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": {"type": "string", **shape}}


_TAG = '"9c1f0e2ab47d35e680c2f1aa"'
PARAMETERS: dict[str, Any] = {
    "Limit": _query(
        "limit", "How many at most.", type="integer", minimum=1, maximum=MAX_LIMIT, default=DEFAULT_LIMIT, examples=[100]
    ),
    "Cursor": _query(
        "cursor",
        "The `next_cursor` of the page before, as it was given.",
        type="string",
        examples=[cursor_after(RECORD_KINDS[0], "HAM")],
    ),
    "Wait": _query(
        "wait",
        "`replicas`: the answer comes when every process that answers has applied the write, or cannot answer without having "
        "seen it: at the latest when the lease has run out (10 s unless set otherwise). The write is done all the same.",
        type="string",
        enum=["replicas"],
    ),
    "If-Match": _sent(
        "If-Match",
        "The `ETag` the record must have, or `*`: it must be there. Else 412, and nothing is changed.",
        examples=[_TAG],
    ),
    "If-None-Match": _sent(
        "If-None-Match", "`*`: only create. Else 412, and nothing is changed.", pattern=r"^\*$", examples=["*"]
    ),
    "Idempotency-Key": _sent(
        "Idempotency-Key",
        "A name the caller makes for this request. Sent again with the same body within seven days, it has no second effect, "
        "and is answered as the first time but for personal fields; with another body it is 422 `idempotency_key_reused`.",
        minLength=1,
        maxLength=LONGEST,
        examples=["hr-2026-11-21-000417"],
    ),
    "X-Request-Id": _sent(
        "X-Request-Id",
        "The caller's own id of the request; kept with the change in the history, cut to 128 characters.",
        examples=["hr-sync-8841"],
    ),
}


def _told(description: str, example: Any, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind, "examples": [example]}}


HEADERS: dict[str, Any] = {
    "Revision": _told("The revision the write made, or the current one when it changed nothing.", 4211, "integer"),
    "ETag": _told("The strong version of the record, quotes included, to be sent back in `If-Match`.", _TAG),
    "Retry-After": _told("Seconds after which to try again; absent after `outcome_unknown`.", 1, "integer"),
    "WWW-Authenticate": _told("The scheme of the keys.", "Bearer"),
    "Cache-Control": _told("`no-store`: the answer is about now.", "no-store"),
}
