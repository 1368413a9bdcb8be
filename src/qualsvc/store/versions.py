"""Entity tags: a strong version of what a record says, the same whoever computes it."""

import json
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from qualsvc.records.documents import Document
from qualsvc.store.errors import PreconditionFailed, RecordNotFound
from qualsvc.store.operations import Delete, Operation, Replace

# The database gives the keys inside a field back in another order than they came.
_canonical: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def entity_tag(document: Document) -> str:
    """The strong entity tag of a stored document, quotes included. What is derived when reading is not part of it."""
    return f'"{blake2b(_canonical(document).encode(), digest_size=12).hexdigest()}"'


def require(operation: Operation, stands: Document | None) -> None:
    """See that the record that is there is the one the caller means. Raises PreconditionFailed, RecordNotFound.

    Of a record that is not there, patches, deletions and verdicts say so whatever else was asked (RFC 9110, 13.2.1).
    """
    condition = operation.condition
    if stands is None and operation.line is None and not isinstance(operation, Replace):
        raise RecordNotFound(operation.kind.name, operation.code)
    if condition is None or (stands is None and isinstance(operation, Delete) and operation.line is not None):
        return
    tag = None if stands is None else entity_tag(stands)
    holds = condition.exists in (None, stands is not None) and (condition.tags is None or tag in condition.tags)
    if not holds:
        raise PreconditionFailed(operation.kind.name, operation.code, tag, creating=condition.exists is False)
