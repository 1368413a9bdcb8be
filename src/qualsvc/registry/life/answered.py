"""What the calls about a person's life, sites and companies answer, field by field."""

from typing import Annotated, Any

from pydantic import Field

from qualsvc.http.declared import Told, component, schema

_ENDED: dict[str, Any] = {"examples": [["E1016-A1"]]}
_GONE = {"code": "E1016", "employment": "employee", "employed_until": "2026-11-30", "site": "NGB", "status": "left"}
_SomePerson = Annotated[
    dict[str, Any],
    Field(examples=[{"code": "E1001", "employment": "employee", "site": "NGB", "status": "active"}]),
]


class PostGaps(Told):
    """One post: what it opens, how much of that is open to the person, and what they still lack."""

    position: Annotated[str, Field(examples=["CRANE-DRIVER"])]
    """Code of the position."""
    pairs: Annotated[int, Field(examples=[36])]
    """Number of pairs of equipment (not retired) and process that grants of the position in force open."""
    allowed: Annotated[int, Field(examples=[27])]
    """So many of them the person may do alone, the equipment being in order."""
    conditional: Annotated[int, Field(examples=[2])]
    """So many under supervision or with confirmation."""
    lacks: Annotated[list[dict[str, Any]], Field(json_schema_extra={"items": schema("Reason")})]
    """Every reason against a pair, and what rules recommend and the person has not; each once, as in an answer."""


class Posted(Told):
    """A person hired or transferred."""

    revision: Annotated[int, Field(examples=[4212])]
    """The revision made; the current one when nothing changed."""
    person: _SomePerson
    """The person's record without personal fields."""
    assignments: Annotated[list[dict[str, Any]], Field(json_schema_extra={"items": schema("Assignment")})]
    """What is held from `at` on."""
    ended: Annotated[list[str], Field(**_ENDED)]
    """Codes of the assignments that end at `at`."""
    withdrawn: Annotated[list[str], Field(examples=[["E1016-A2"]])]
    """Codes of assignments that would have begun later; they are deleted."""
    lapsed: Annotated[list[str], Field(examples=[["E1016-IAC"]])]
    """Codes of internal certificates that end: with the posts given up, or all of somebody who is hired again."""
    revoked: Annotated[list[str], Field(examples=[[]])]
    """Codes of the waivers revoked; only when somebody is hired again."""
    posts: list[PostGaps] | None
    """Each position sent, as of `at` or of now, whichever is later; null while the facts here are not fresh."""


class Gone(Told):
    """A person who leaves."""

    revision: Annotated[int, Field(examples=[4213])]
    """The revision made."""
    person: Annotated[dict[str, Any], Field(examples=[_GONE])]
    """The person's record without personal fields."""
    ended: Annotated[list[str], Field(**_ENDED)]
    """Codes of the assignments that end at `at`."""
    withdrawn: Annotated[list[str], Field(examples=[["E1016-A2"]])]
    """Codes of assignments that would have begun later; they are deleted."""
    lapsed: Annotated[list[str], Field(examples=[["E1016-IAC"]])]
    """Codes of the internal certificates that end."""
    revoked: Annotated[list[str], Field(examples=[["W-REACH-1012"]])]
    """Codes of the waivers revoked."""
    stays: Annotated[list[str], Field(examples=[["E1016-20261121T033000Z"]])]
    """Codes of the site stays that end."""


class Present(Told):
    """Somebody on a site."""

    stay: Annotated[str, Field(examples=["C2014-20261121T033000Z"])]
    """Code of the stay."""
    person: Annotated[str, Field(examples=["C2014"])]
    """Code of the person."""
    name: Annotated[str | None, Field(examples=["Lin Tao"])]
    """Personal: the person's name. Null: erased."""
    employment: Annotated[str, Field(examples=["contractor"], json_schema_extra={"enum": ["employee", "contractor"]})]
    """`employee` or `contractor`."""
    company: Annotated[str | None, Field(examples=["YONGAN"])]
    """Code of the company; null where none is recorded."""
    since: Annotated[str, Field(examples=["2026-11-21T03:30:00Z"], json_schema_extra={"format": "date-time"})]
    """Instant of entry, in UTC."""


class PresentPage(Told):
    """Some of those on a site, by the code of the person."""

    items: list[Present]
    """Who is there."""
    next_cursor: str | None
    """Ask on with it as `cursor`; null on the last page."""


class CompanySettled(Told):
    """A company suspended or reinstated, and whom that concerns."""

    revision: Annotated[int, Field(examples=[4214])]
    """The revision made; the current one when it was so already."""
    company: Annotated[dict[str, Any], Field(json_schema_extra=component("Company"))]
    """The company."""
    persons: Annotated[int, Field(examples=[12])]
    """Number of its contractors who are active."""
    present: Annotated[list[str], Field(examples=[["C2014"]])]
    """Codes of its contractors who are on a site now."""
