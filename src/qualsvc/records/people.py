"""Who works: companies, departments, positions, persons and who holds which position."""

from collections.abc import Iterator
from typing import Literal

from qualsvc.records.faults import Fault, quote
from qualsvc.records.fields import Badges, Code, Day, Instant, Text
from qualsvc.records.model import Record, ends_before_it_starts


class Company(Record):
    """承包商: employer of contractors, approved or suspended as a whole."""

    name: Text
    """What people call the company."""
    status: Literal["approved", "suspended"]
    """`approved`, or `suspended`: then all its contractors are denied everywhere, at once."""
    approved_until: Day | None = None
    """Last day of the approval, inclusive, local to the asked equipment's site. Null: without end."""


class OrgUnit(Record):
    """部门/班组: departments and teams form a tree by `parent`."""

    name: Text
    """What people call the department or team."""
    parent: Code | None = None
    """Code of the unit above. Null: a root."""
    site: Code | None = None
    """Code of the site it belongs to. Null: to none in particular."""


class Position(Record):
    """岗位: what a person is assigned to do."""

    name: Text
    """What people call the position."""
    may_confirm: bool = False
    """True: who holds it regularly may confirm work that rules say needs confirmation."""


class Person(Record):
    """人员: name, phone, email, id_number and language are personal and stay out of every log."""

    name: Text
    """Personal: the person's name."""
    employment: Literal["employee", "contractor"]
    """`employee`, or `contractor`: then a company must be named and approved for any work."""
    company: Code | None = None
    """Code of the company a contractor works for."""
    site: Code | None = None
    """Code of the home site; the dates of `condition` of their certificates are local there."""
    org_unit: Code | None = None
    """Code of the department or team."""
    supervisor: Code | None = None
    """Code of the person they report to; says nothing about who may supervise work."""
    status: Literal["active", "suspended", "left"]
    """`active`; `suspended` and `left` deny everything."""
    employed_from: Day | None = None
    """First day of employment, inclusive, local to the asked equipment's site. Null: open."""
    employed_until: Day | None = None
    """Last day of employment, inclusive, local to the asked equipment's site. Null: open."""
    badges: Badges = ()
    """What card readers read, each at most one person's; `badge=` asks by it."""
    phone: Text | None = None
    """Personal: telephone number, as written."""
    email: Text | None = None
    """Personal: address for mail."""
    id_number: Text | None = None
    """Personal: number of the identity document; never logged, never in history."""
    language: Text | None = None
    """Personal: language to write to them in, a BCP 47 tag."""

    def contradictions(self) -> Iterator[Fault]:
        yield from ends_before_it_starts(self.employed_from, self.employed_until, "employed_until", "employed_from")
        for i, badge in enumerate(self.badges):
            if badge in self.badges[:i]:
                yield Fault(f"/badges/{i}", "duplicate_badge", f"{quote(badge)} is in the list already; name it once")


class Assignment(Record):
    """任岗: the person holds the position in `[valid_from, valid_until)`, regularly or on trial."""

    person: Code
    """Code of the person."""
    position: Code
    """Code of the position held."""
    basis: Literal["regular", "trial"]
    """`regular`, or `trial`: then only under supervision."""
    valid_from: Instant
    """First instant of the assignment."""
    valid_until: Instant | None = None
    """First instant after it. Null: without end."""

    def contradictions(self) -> Iterator[Fault]:
        yield from ends_before_it_starts(self.valid_from, self.valid_until, "valid_until", "valid_from")


class SiteStay(Record):
    """在场: the person is on the site in `[valid_from, valid_until)`; null means they are there still."""

    person: Code
    """Code of the person."""
    site: Code
    """Code of the site."""
    valid_from: Instant
    """Instant of entry."""
    valid_until: Instant | None = None
    """Instant of exit. Null: still there."""

    def contradictions(self) -> Iterator[Fault]:
        yield from ends_before_it_starts(self.valid_from, self.valid_until, "valid_until", "valid_from")
