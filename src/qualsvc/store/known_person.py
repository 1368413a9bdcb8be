"""What the change log says of persons at a revision: their records, what belongs to them, and what these refer to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import FromClause, Text, column, func, literal, literal_column, select, true, union, values
from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.kernel.facts import FACTS, CertificateType
from qualsvc.records.documents import Document
from qualsvc.records.kinds import KINDS
from qualsvc.store.conditions import Judged, conditions_of, days_of
from qualsvc.store.known import require_log
from qualsvc.store.ledger_tables import change
from qualsvc.store.tables import CodeText, any_of, array_of

OWNED = ("assignment", "certificate", "training_record", "waiver", "restriction", "site_stay")
"""The kinds whose records belong to a person."""

_Found = dict[str, dict[str, Document]]


@dataclass(frozen=True, slots=True)
class PersonThen:
    """Documents without personal fields; of each kind in `owned` by code, certificates with their condition."""

    person: Document
    company: Document | None
    owned: Mapping[str, Sequence[Document]]


async def persons_then(connection: AsyncConnection, codes: Collection[str], revision: int, at: int) -> Mapping[str, PersonThen]:
    """Those of the persons who were there as of the revision, by code, conditions reckoned for the instant `at`.

    It takes a fixed number of statements, and one for each date at their sites. Raises LogTooShort.
    """
    await require_log(connection, 0)
    found = await _of_persons(connection, codes, revision)
    persons, certificates = found["person"], found["certificate"].values()
    beside = {("certificate_type", each["type"]) for each in certificates}
    beside |= {("company", each["company"] or "") for each in persons.values()}
    referred = await _named(connection, beside, revision) if beside else found
    days = days_of({name: each["time_zone"] for name, each in found["site"].items()}, at)
    today = {code: days.at(person["site"]) for code, person in persons.items()}
    conditions: dict[str, str] = {}
    for day in set(today.values()):
        of_day = [each for each in certificates if today.get(each["person"]) == day]
        conditions |= await conditions_of(connection, _judged(of_day, referred["certificate_type"]), day)
    then = {}
    for code, person in persons.items():
        owned = {kind: [each for each in found[kind].values() if each["person"] == code] for kind in OWNED}
        owned["certificate"] = [each | {"condition": conditions[each["code"]]} for each in owned["certificate"]]
        then[code] = PersonThen(person, referred["company"].get(person["company"] or ""), owned)
    return then


def _judged(certificates: Collection[Document], types: Mapping[str, Document]) -> list[Judged]:
    """What their conditions depend on; the longest warning of a type as decisions read it."""
    read = FACTS["certificate_type"]
    longest = {code: fact.warning_days for code, each in types.items() if isinstance(fact := read(each), CertificateType)}
    return [
        Judged(each["code"], each["status"], _date(each["valid_until"]), _date(each["next_review_on"]), longest[each["type"]])
        for each in certificates
    ]


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


async def _of_persons(connection: AsyncConnection, persons: Collection[str], revision: int) -> _Found:
    """The persons, all that belonged to them, and all sites, whose clocks may tell the date."""
    # As the index has it, to the letter.
    owner = literal_column("change.after ->> 'person'", Text)
    own = select(change.c.kind, change.c.code).where(owner == any_of(persons), change.c.kind.in_(OWNED))
    sites = select(change.c.kind, change.c.code).where(change.c.kind == "site")
    themselves = select(literal("person", Text), func.unnest(array_of(persons)).column_valued())
    found = await _last(connection, union(own, sites, themselves).subquery("sought"), revision)
    for kind in OWNED:  # what was theirs once may have been put to another person since
        found[kind] = {code: each for code, each in found[kind].items() if each["person"] in persons}
    return found


async def _named(connection: AsyncConnection, names: Collection[tuple[str, str]], revision: int) -> _Found:
    return await _last(
        connection, values(column("kind", Text), column("code", CodeText), name="sought").data(sorted(names)), revision
    )


async def _last(connection: AsyncConnection, sought: FromClause, revision: int) -> _Found:
    """The documents of the records sought, by kind and code, as of the revision; those that were there."""
    kind, code = sought.c
    then = change.alias("then")
    last = (
        select(then.c.after)
        .where(then.c.kind == kind, then.c.code == code, then.c.revision <= revision)
        .order_by(then.c.revision.desc())
        .limit(1)
        .lateral("last")
    )
    query = select(kind, code, last.c.after).join(last, true()).order_by(kind, code)
    found: _Found = {name: {} for name in KINDS}
    for name, of, document in await connection.execute(query):
        if document is not None:
            # The database keeps the fields of a document in an order of its own.
            found[name][of] = {field: document[field] for field in KINDS[name].fields if field in document}
    return found
