"""From operations to steps: the documents before and the documents after."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.records.documents import Document, to_document
from qualsvc.records.faults import Fault, InvalidRecord, escape, quote, unknown_among
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import Record, read_record
from qualsvc.records.rules import Waiver
from qualsvc.store.erasing import stays_erased, without_personal_fields
from qualsvc.store.operations import Actor, Delete, Operation, Patch, Replace, Settle, Step, outcome_of
from qualsvc.store.pacing import batches, paced
from qualsvc.store.reading import documents
from qualsvc.store.versions import require
from qualsvc.store.waivers import Terms, passed, settled, within_terms

_BATCH = 250


async def plan(
    connection: AsyncConnection, actor: Actor, operations: Sequence[Operation], terms: Terms
) -> tuple[dict[tuple[str, str], Step], list[Fault]]:
    """Work out every operation, with the faults of those that cannot be.

    Raises `RecordNotFound` for a single patch or deletion of nothing (on a line of a bulk it is a fault like others),
    `PreconditionFailed`, and `Conflict` for a waiver that cannot be settled so.
    """
    before = await _documents_before(connection, operations)
    operations = _with_what_is_beside(operations, before)
    steps: dict[tuple[str, str], Step] = {}
    faults: list[Fault] = []
    async for operation in paced(operations):
        kind, code, line = operation.kind, operation.code, operation.line
        stands = before[kind.name].get(code)
        require(operation, stands)
        try:
            if isinstance(operation, Settle):
                record: Record | None = await passed(connection, actor, operation, stands, terms)
            else:
                record = _record_after(operation, stands)
                if isinstance(record, Waiver):
                    record = settled(actor, stands, record)
                    within_terms(actor, operation, stands, record, terms)
        except InvalidRecord as error:
            faults += [replace(fault, line=line) for fault in error.faults]
            continue
        after = None if record is None else to_document(record)
        if (kind.name, code) in steps:
            raise ValueError(f"two operations on {kind.name} {code}")
        steps[kind.name, code] = Step(kind, code, line, stands, record, after, outcome_of(stands, after))
    return steps, faults


async def _documents_before(connection: AsyncConnection, operations: Sequence[Operation]) -> Mapping[str, dict[str, Document]]:
    codes: dict[str, list[str]] = defaultdict(list)
    async for operation in paced(operations):
        codes[operation.kind.name].append(operation.code)
        if isinstance(operation, Delete) and operation.kind.beside is not None:
            codes[operation.kind.beside].append(operation.code)
    found: dict[str, dict[str, Document]] = {name: {} for name in codes}
    for name, listed in codes.items():
        for batch in batches(listed, _BATCH):
            found[name] |= await documents(connection, KINDS[name], list(batch))
    return found


def _with_what_is_beside(operations: Sequence[Operation], before: Mapping[str, Mapping[str, Document]]) -> Sequence[Operation]:
    """Deleting a record deletes what is kept beside it, where there is any."""
    beside = [
        Delete(KINDS[name], operation.code, operation.line)
        for operation in operations
        if isinstance(operation, Delete) and (name := operation.kind.beside) is not None
        if operation.code in before[name]
    ]
    if not beside:
        return operations
    named = {(operation.kind.name, operation.code) for operation in operations}
    return [*operations, *(deletion for deletion in beside if (deletion.kind.name, deletion.code) not in named)]


def _record_after(operation: Replace | Patch | Delete, stands: Document | None) -> Record | None:
    if isinstance(operation, Replace):
        return operation.record
    if stands is None:
        message = f"there is no {operation.kind.name} {quote(operation.code)} to delete"
        raise InvalidRecord([Fault("/code", "record_not_found", message)])
    if isinstance(operation, Delete):
        return None
    return _patched(operation, stands)


def _patched(patch: Patch, stands: Document) -> Record:
    known = patch.kind.fields
    # RFC 7396 would let a misspelt `"nmae": null` pass for removing what is not there.
    unknown = [
        Fault(f"/{escape(key)}", "unknown_field", unknown_among(known, key))
        for key in patch.merge
        if key not in known and key not in patch.kind.derived
    ]
    if unknown:
        raise InvalidRecord(unknown)
    merged = merge_patch(stands, patch.merge)
    if merged.get("code", patch.code) != patch.code:
        raise InvalidRecord([Fault("/code", "code_mismatch", "must be the code of the path; records are not renamed")])
    if patch.kind is KINDS["person"] and stays_erased(stands, patch.merge):
        return without_personal_fields(merged)
    return read_record(patch.kind.model, merged)


def merge_patch(target: Any, patch: Mapping[str, Any]) -> dict[str, Any]:
    """RFC 7396: null removes, an object merges, anything else replaces."""
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            merged[key] = merge_patch(merged.get(key), value)
        else:
            merged[key] = value
    return merged
