"""What the store says no with; `http.handlers` has the one table that maps these to the wire."""

# ruff: noqa: N818 -- these are outcomes a caller must expect, not mishaps

from collections.abc import Sequence

from qualsvc.records.faults import Fault, quote


def said(error: BaseException) -> str:
    """What an error says of itself, or its name where it says nothing: time-outs do not."""
    return str(error) or type(error).__name__


class StoreError(Exception):
    """Base of all refusals of the store; nothing was changed unless the class says otherwise."""


class RecordNotFound(StoreError):
    """There is no such record to read, patch or delete; or there was none on record at the instant `then`."""

    def __init__(self, kind: str, code: str, then: str | None = None) -> None:
        named = f"{kind} {quote(code)}"
        super().__init__(f"there is no {named}" if then is None else f"there was no {named} on record at {then}")
        self.kind = kind
        self.code = code


class WriteRefused(StoreError):
    """The state after the write would break what must hold; `faults` are the first of `total` reasons."""

    def __init__(self, faults: Sequence[Fault], total: int | None = None) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.message}" for fault in faults[:3]))
        self.faults = tuple(faults)
        self.total = len(faults) if total is None else total


class StillReferenced(WriteRefused):
    """The only thing wrong: a record to be deleted is still referred to."""


class Forbidden(WriteRefused):
    """What this caller may not do, whatever their scopes: approve for themselves."""


class Conflict(WriteRefused):
    """What is asked does not go with what is there now: a waiver already settled, a person already on the site."""


class PreconditionFailed(StoreError):
    """The record is not the one the caller means; `tag` is the entity tag it has now, null when it is not there."""

    def __init__(self, kind: str, code: str, tag: str | None, *, creating: bool) -> None:
        now = "is not there" if tag is None else "is there already" if creating else "has changed since you read it"
        super().__init__(f"{kind} {quote(code)} {now}; read it and decide anew")
        self.tag = tag
        self.header = "If-None-Match" if creating else "If-Match"


class KeyReused(StoreError):
    """An idempotency key that stands for another request already."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the idempotency key {quote(key)} was used for another request; use a new one for each")


class AdminRequired(WriteRefused):
    """The only thing wrong: what only an admin may write."""


class Busy(StoreError):
    """Another writer held the lock for too long; try again."""


class DatabaseAway(StoreError):
    """The database does not answer; try again once it does."""


class OutcomeUnknown(StoreError):
    """The connection was lost while committing: the write happened whole or not at all; read the record back."""


class LogTooShort(StoreError):
    """The change log no longer reaches back to the revision: what was known then cannot be told."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"the change log no longer reaches back to revision {revision}; ask about a later instant")
        self.revision = revision
