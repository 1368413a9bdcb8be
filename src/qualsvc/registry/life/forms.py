"""What is sent with each call, field by field."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from qualsvc.kernel.instants import DAY, MICROSECONDS, format_instant
from qualsvc.records.faults import Fault, InvalidRecord, quote
from qualsvc.records.fields import Code, Instant
from qualsvc.records.model import Form, read_record
from qualsvc.records.moments import instant_of
from qualsvc.records.people import Person

MAX_POSITIONS = 50
AT_ONCE = 60 * MICROSECONDS
"""So far ahead is now: the clocks of those who call differ."""

YEAR = 366 * DAY

# What is settled by the call itself.
_NOT_GIVEN = frozenset({"code", "status", "employed_until"})
PERSON_FIELDS = tuple(name for name in Person.__pydantic_fields__ if name not in _NOT_GIVEN)


class Moment(Form):
    """When it happens."""

    at: Instant | None = None
    """The instant from which it holds. Null or left out: now."""

    furthest_ahead: ClassVar[int | None] = YEAR
    """In microseconds: all goes on until then, so nobody would notice a slip in the year. None: without bound."""

    def instant(self, now: int) -> int:
        """The instant in microseconds. Raises InvalidRecord for one that can only be a mistake."""
        at = now if self.at is None else instant_of(self.at)
        message = None
        if at < now - YEAR:
            message = f"{format_instant(at)} is more than a year ago; look at the year, or correct the records one by one"
        elif self.furthest_ahead is not None and at > now + self.furthest_ahead:
            what = "has not come yet; leave `at` out, or set the clock of whoever sends it"
            planned = "is more than a year ahead; look at the year, or plan it when it comes nearer"
            message = f"{format_instant(at)} {planned if self.furthest_ahead == YEAR else what}"
        if message is not None:
            raise InvalidRecord([Fault("/at", "implausible_instant", message)])
        return at


class Seen(Moment):
    """When somebody was seen to do it: never a time to come."""

    furthest_ahead: ClassVar[int | None] = AT_ONCE


class NewPost(Form):
    """A position to be held from `at` on."""

    position: Code
    """Code of the position."""
    basis: Literal["regular", "trial"] = "regular"
    """`regular`, or `trial`: then only under supervision."""
    valid_until: Instant | None = None
    """First instant at which it is no longer held. Null: without end, or as it is for a position that is held already."""
    code: Code | None = None
    """Code of the new assignment. Null: made of the person's and the position's."""


Posts = Annotated[tuple[NewPost, ...], Field(strict=False)]


def _positions_once(posts: tuple[NewPost, ...]) -> Iterator[Fault]:
    if len(posts) > MAX_POSITIONS:
        yield Fault("/positions", "too_many_positions", f"{len(posts)} positions; nobody holds more than {MAX_POSITIONS}")
    for name in ("position", "code"):
        given = [getattr(post, name) for post in posts]
        for i, value in enumerate(given):
            if value is not None and value in given[:i]:
                yield Fault(
                    f"/positions/{i}/{name}", f"duplicate_{name}", f"{quote(value)} is in the list already; name it once"
                )


class Hiring(Moment):
    """A person who is hired, or hired again."""

    furthest_ahead: ClassVar[int | None] = None

    person: dict[str, Any]
    """The person, without `code`, `status` and `employed_until`; of a person hired again, what is left out stays as it was."""
    positions: Posts = ()
    """The positions they hold from `at` on."""

    def contradictions(self) -> Iterator[Fault]:
        yield from _positions_once(self.positions)


class Transfer(Moment):
    """The positions a person holds from `at` on, in place of all others."""

    positions: Posts
    """At least one. Those held already on the same basis go on untouched."""
    site: Code | None = None
    """Code of the new home site; null takes it away. Left out: as it was."""
    org_unit: Code | None = None
    """Code of the new department or team; null takes it away. Left out: as it was."""
    supervisor: Code | None = None
    """Code of whom they report to now; null takes it away. Left out: as it was."""

    def contradictions(self) -> Iterator[Fault]:
        if not self.positions:
            yield Fault("/positions", "missing", "name at least one position; to end them all, use `leave`")
        yield from _positions_once(self.positions)


class Entry(Seen):
    """A person who enters a site."""

    site: Code
    """Code of the site."""
    code: Code | None = None
    """Code of the stay. Null: made of the person's and the instant."""


def read_hiring(code: str, body: Any) -> Hiring:
    """The hiring of the person with this code. Raises InvalidRecord with every fault that can be told without the database."""
    faults: list[Fault] = []
    given = body.get("person") if isinstance(body, dict) else None
    if isinstance(given, dict):
        faults += _faults_of_person(code, given)
    try:
        hiring = read_record(Hiring, body)
    except InvalidRecord as invalid:
        raise InvalidRecord([*invalid.faults, *faults]) from None
    if faults:
        raise InvalidRecord(faults)
    return hiring


def _faults_of_person(code: str, given: dict[str, Any]) -> Iterator[Fault]:
    settled = {name: given[name] for name in _NOT_GIVEN if name in given}
    for name in settled:
        yield Fault(f"/person/{name}", "unknown_field", f"the call itself settles it; known are {', '.join(PERSON_FIELDS)}")
    # Whoever is hired again keeps what is required, so that it is missing shows only beside what there is.
    required = {"name": "-", "employment": "employee"}
    whole = (
        required | {name: value for name, value in given.items() if name not in settled} | {"code": code, "status": "active"}
    )
    try:
        read_record(Person, whole)
    except InvalidRecord as invalid:
        yield from (Fault(of_person(fault.pointer), fault.code, fault.message) for fault in invalid.faults)


def of_person(pointer: str) -> str:
    """Where a field of the person stands in the body of a hiring; the code is the path's."""
    return pointer if pointer == "/code" else f"/person{pointer}"
