"""Waivers: who may write which, who may settle which, and for how long they may be."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.records.documents import Document, to_document
from qualsvc.records.faults import Fault, InvalidRecord, quote
from qualsvc.records.model import read_record
from qualsvc.records.rules import Waiver
from qualsvc.store.errors import Conflict, Forbidden
from qualsvc.store.ledger_tables import change, revision
from qualsvc.store.operations import Actor, Operation, Settle
from qualsvc.store.tables import any_of, api_key

_TO = {"approve": "approved", "reject": "rejected", "revoke": "revoked"}
_FROM = {"approve": ("requested",), "reject": ("requested",), "revoke": ("requested", "approved")}


@dataclass(frozen=True, slots=True)
class Terms:
    """What waivers are bound to, as the plant has set it."""

    max_waiver_days: int = 30


async def passed(connection: AsyncConnection, actor: Actor, settle: Settle, stands: Document | None, terms: Terms) -> Waiver:
    """The waiver once the verdict is passed. Raises Forbidden (four eyes), Conflict, InvalidRecord (too long)."""
    assert stands is not None, "`require` has seen to it"
    status = stands["status"]
    if status == _TO[settle.verdict] and (status != "approved" or stands["approved_by"] == actor.key_id):
        return read_record(Waiver, stands)  # asked again: nothing changes
    if status not in _FROM[settle.verdict]:
        by = f" by {quote(stands['approved_by'])}" if status == "approved" and stands["approved_by"] else ""
        message = f"waiver {quote(settle.code)} is {status}{by} already; write a new one if it is needed still"
        raise Conflict([Fault("/status", "waiver_settled", message)])
    after = stands | {"status": _TO[settle.verdict]}
    if settle.verdict != "revoke":  # to end a waiver is safe, whoever does it
        await _four_eyes(connection, actor, stands, settle.verdict)
    if settle.verdict == "approve":
        after["approved_by"] = actor.key_id
    waiver = read_record(Waiver, after)
    if settle.verdict == "approve":
        _require_length(waiver, terms)
    return waiver


async def _four_eyes(connection: AsyncConnection, actor: Actor, stands: Document, verdict: str) -> None:
    """Neither the requester nor the beneficiary, under whichever key: a key may say which person uses it.

    Who has changed what is asked for counts as a requester; not so an admin, who may take over a ledger and settle it.
    """
    asking = {stands["requested_by"]} - {None}
    if not actor.is_admin:
        asking |= await _writers(connection, stands["code"])
    query = select(api_key.c.code, api_key.c.name, api_key.c.person).where(api_key.c.code == any_of({actor.key_id, *asking}))
    keys = {code: (name, person) for code, name, person in await connection.execute(query)}
    caller = {actor.key_id, *keys.get(actor.key_id, ())} - {None}
    requesters = asking | {keys[key][1] for key in asking if key in keys}
    if not caller.isdisjoint(requesters):
        message = f"you have requested waiver {quote(stands['code'])}, or changed it; somebody else must {verdict} it"
        raise Forbidden([Fault("/requested_by", f"{_TO[verdict]}_by_requester", message)])
    if stands["person"] in caller:
        message = f"waiver {quote(stands['code'])} is for yourself; somebody else must {verdict} it"
        raise Forbidden([Fault("/person", f"{_TO[verdict]}_by_beneficiary", message)])


async def _writers(connection: AsyncConnection, code: str) -> set[str]:
    """The keys that have written the waiver since it was made."""
    of_waiver = (change.c.kind == "waiver") & (change.c.code == code)
    deleted = select(func.coalesce(func.max(change.c.revision), 0)).where(of_waiver, change.c.after.is_(None)).scalar_subquery()
    query = (
        select(revision.c.actor)
        .join(change, change.c.revision == revision.c.revision)
        .where(of_waiver, revision.c.revision > deleted)
    )
    return set((await connection.execute(query)).scalars())


def within_terms(actor: Actor, operation: Operation, stands: Document | None, waiver: Waiver, terms: Terms) -> None:
    """Refuse one asked for over a longer time than may be. Raises InvalidRecord.

    An admin takes over old exceptions as they were: approved ones, and whole ledgers in bulk. What is taken over as
    `requested` still meets the bound when it is approved.
    """
    if waiver.status not in {"requested", "approved"} or to_document(waiver) == stands:
        return
    if actor.is_admin and (waiver.status == "approved" or operation.line is not None):
        return
    _require_length(waiver, terms)


def _require_length(waiver: Waiver, terms: Terms) -> None:
    if waiver.valid_until - waiver.valid_from > timedelta(days=terms.max_waiver_days):
        message = f"a waiver lasts at most {terms.max_waiver_days} days (`QUALSVC_MAX_WAIVER_DAYS`); end it earlier"
        raise InvalidRecord([Fault("/valid_until", "waiver_too_long", message)])


def settled(actor: Actor, stands: Document | None, waiver: Waiver) -> Waiver:
    """Fill in who asked and who approved, and refuse what only an admin may write.

    `requested_by` left out is the caller, or whoever it was already. Others than admins may not say who asked or who
    approved, and may not touch a waiver that is and stays approved, for its approval was of what it said then.
    """
    asked = stands["requested_by"] if stands else None
    granted = stands["approved_by"] if stands and waiver.status != "requested" else None
    whole = waiver.model_copy(
        update={
            "requested_by": waiver.requested_by or asked or actor.key_id,
            "approved_by": waiver.approved_by if actor.is_admin else waiver.approved_by or granted,
        }
    )
    if not actor.is_admin:
        if stands is not None:
            _require_open(stands, whole)
        faults = list(_only_admin(actor, stands, whole, granted))
        if faults:
            raise InvalidRecord(faults)
    elif _approver_is_lost(stands, whole):
        message = "say who approved it, or approve it with `POST …/approve`"
        raise InvalidRecord([Fault("/approved_by", "missing", message)])
    contradictions = list(whole.contradictions())
    if contradictions:
        raise InvalidRecord(contradictions)
    return whole


def _approver_is_lost(stands: Document | None, waiver: Waiver) -> bool:
    """Whether an existing waiver would be approved by nobody now. Old exceptions are taken over as they are."""
    known = stands is not None and (stands["status"] != "approved" or stands["approved_by"] is not None)
    return known and waiver.status == "approved" and waiver.approved_by is None


def _require_open(stands: Document, waiver: Waiver) -> None:
    """What was settled stays settled; ending what is approved is always possible, and then says just that. Raises Conflict."""
    if stands["status"] == "requested":
        if waiver.status == "rejected":
            message = "write no verdict; `POST …/reject` with the scope `approve`, or withdraw it: `revoked`"
            raise InvalidRecord([Fault("/status", "admin_required", message)])
        return
    may_become = [stands, stands | {"status": "revoked"}] if stands["status"] == "approved" else [stands]
    if to_document(waiver) not in may_become and waiver.status != "approved":
        instead = "revoke it and write a new one" if stands["status"] == "approved" else "write a new one"
        message = f"waiver {quote(stands['code'])} is {stands['status']}, which stays as it is; {instead}"
        raise Conflict([Fault("/status", "waiver_settled", message)])


def _only_admin(actor: Actor, stands: Document | None, waiver: Waiver, granted: str | None) -> Iterator[Fault]:
    if to_document(waiver) == stands:
        return
    if waiver.status == "approved":
        message = "only an admin may write an approved waiver; ask for it and have it approved, or revoke it"
        yield Fault("/status", "admin_required", message)
    if waiver.requested_by != (stands["requested_by"] if stands else actor.key_id):
        yield Fault("/requested_by", "admin_required", "only an admin may say who requested it; leave it out")
    if waiver.approved_by != granted:
        yield Fault("/approved_by", "admin_required", "only an admin may say who approved it; leave it out")
