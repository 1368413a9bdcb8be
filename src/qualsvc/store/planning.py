"""From operations to steps: the documents before, the documents after, and who may write which waiver."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.records.documents import Document, to_document
from qualsvc.records.faults import Fault, InvalidRecord, escape
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import Record, read_record
from qualsvc.records.rules import Waiver
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.operations import Actor, Delete, Operation, Patch, Replace, Step, outcome_of
from qualsvc.store.pacing import batches, paced
from qualsvc.store.reading import documents

_BATCH = 250


async def plan(
    connection: AsyncConnection, actor: Actor, operations: Sequence[Operation]
) -> tuple[dict[tuple[str, str], Step], list[Fault]]:
    """Work out every operation, with the faults of those that cannot be.

    Raises `RecordNotFound` for a single patch or deletion of nothing; on a line of a bulk it is a fault like others.
    """
    before = await _documents_before(connection, operations)
    steps: dict[tuple[str, str], Step] = {}
    faults: list[Fault] = []
    async for operation in paced(operations):
        kind, code, line = operation.kind, operation.code, operation.line
        stands = before[kind.name].get(code)
        try:
            record = _record_after(operation, stands)
            if isinstance(record, Waiver):
                record = settle_waiver(actor, stands, record)
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
    for operation in operations:
        codes[operation.kind.name].append(operation.code)
    found: dict[str, dict[str, Document]] = {name: {} for name in codes}
    for name, listed in codes.items():
        for batch in batches(listed, _BATCH):
            found[name] |= await documents(connection, KINDS[name], list(batch))
    return found


def _record_after(operation: Operation, stands: Document | None) -> Record | None:
    if isinstance(operation, Replace):
        return operation.record
    if stands is None:
        if operation.line is None:
            raise RecordNotFound(operation.kind.name, operation.code)
        raise InvalidRecord([Fault("/code", "record_not_found", f"there is no such {operation.kind.name} to delete")])
    if isinstance(operation, Delete):
        return None
    return _patched(operation, stands)


def _patched(patch: Patch, stands: Document) -> Record:
    known = patch.kind.fields
    # RFC 7396 would let a misspelt `"nmae": null` pass for removing what is not there.
    unknown = [
        Fault(f"/{escape(key)}", "unknown_field", f"unknown; known are {', '.join(known)}")
        for key in patch.merge
        if key not in known
    ]
    if unknown:
        raise InvalidRecord(unknown)
    merged = merge_patch(stands, patch.merge)
    if merged.get("code", patch.code) != patch.code:
        raise InvalidRecord([Fault("/code", "code_mismatch", "must be the code of the path; records are not renamed")])
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


def settle_waiver(actor: Actor, stands: Document | None, waiver: Waiver) -> Waiver:
    """Fill in who asked and who approved, and refuse what only an admin may write.

    `requested_by` left out is the caller, or whoever it was already. Others than admins may not say who asked or who
    approved, and may not touch a waiver that is and stays approved, for its approval was of what it said then.
    """
    asked = stands["requested_by"] if stands else None
    granted = stands["approved_by"] if stands and waiver.status != "requested" else None
    settled = waiver.model_copy(
        update={
            "requested_by": waiver.requested_by or asked or actor.key_id,
            "approved_by": waiver.approved_by if actor.is_admin else waiver.approved_by or granted,
        }
    )
    if not actor.is_admin:
        faults = list(_only_admin(actor, stands, settled, granted))
        if faults:
            raise InvalidRecord(faults)
    contradictions = list(settled.contradictions())
    if contradictions:
        raise InvalidRecord(contradictions)
    return settled


def _only_admin(actor: Actor, stands: Document | None, waiver: Waiver, granted: str | None) -> list[Fault]:
    after = to_document(waiver)
    if after == stands:
        return []
    faults = []
    if waiver.status == "approved":
        message = "only an admin may write an approved waiver; ask for it and have it approved, or revoke it"
        faults.append(Fault("/status", "admin_required", message))
    if waiver.requested_by != (stands["requested_by"] if stands else actor.key_id):
        faults.append(Fault("/requested_by", "admin_required", "only an admin may say who requested it; leave it out"))
    if waiver.approved_by != granted:
        faults.append(Fault("/approved_by", "admin_required", "only an admin may say who approved it; leave it out"))
    return faults
