"""Who works: companies, departments, positions, persons and who holds which position."""

from collections.abc import Iterator
from typing import Literal

from qualsvc.records.faults import Fault, quote
from qualsvc.records.fields import Badges, Code, Day, Instant, Text
from qualsvc.records.model import Record, ends_before_it_starts


class Company(Record):
    """承包商: employer of contractors, approved or suspended as a whole."""

    name: Text
    status: Literal["approved", "suspended"]
    approved_until: Day | None = None


class OrgUnit(Record):
    """部门/班组: departments and teams form a tree by `parent`."""

    name: Text
    parent: Code | None = None
    site: Code | None = None


class Position(Record):
    """岗位: what a person is assigned to do."""

    name: Text
    may_confirm: bool = False


class Person(Record):
    """人员: name, phone, email, id_number and language are personal and stay out of every log."""

    name: Text
    employment: Literal["employee", "contractor"]
    company: Code | None = None
    site: Code | None = None
    org_unit: Code | None = None
    supervisor: Code | None = None
    status: Literal["active", "suspended", "left"]
    employed_from: Day | None = None
    employed_until: Day | None = None
    badges: Badges = ()
    phone: Text | None = None
    email: Text | None = None
    id_number: Text | None = None
    language: Text | None = None

    def contradictions(self) -> Iterator[Fault]:
        yield from ends_before_it_starts(self.employed_from, self.employed_until, "employed_until", "employed_from")
        for i, badge in enumerate(self.badges):
            if badge in self.badges[:i]:
                yield Fault(f"/badges/{i}", "duplicate_badge", f"{quote(badge)} is in the list already; name it once")


class Assignment(Record):
    """任岗: the person holds the position in `[valid_from, valid_until)`, regularly or on trial."""

    person: Code
    position: Code
    basis: Literal["regular", "trial"]
    valid_from: Instant
    valid_until: Instant | None = None

    def contradictions(self) -> Iterator[Fault]:
        yield from ends_before_it_starts(self.valid_from, self.valid_until, "valid_until", "valid_from")


class SiteStay(Record):
    """在场: the person is on the site in `[valid_from, valid_until)`; null means they are there still."""

    person: Code
    site: Code
    valid_from: Instant
    valid_until: Instant | None = None

    def contradictions(self) -> Iterator[Fault]:
        yield from ends_before_it_starts(self.valid_from, self.valid_until, "valid_until", "valid_from")
