"""Every record kind, said once: table, router, bulk, change log and kernel facts follow from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from qualsvc.records.credentials import Certificate, CertificateType, Course, TrainingRecord
from qualsvc.records.incidents import Incident, IncidentEvidence
from qualsvc.records.keys import ApiKey
from qualsvc.records.model import Record
from qualsvc.records.people import Assignment, Company, OrgUnit, Person, Position, SiteStay
from qualsvc.records.places import Equipment, EquipmentClass, Process, Site
from qualsvc.records.rules import Restriction, Rule, RuleTest, Waiver

Reference = tuple[str, str, str]
"""(JSON pointer within the document, kind referred to, code referred to)."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of record.

    `references` maps a field (a code, or a list of codes) to the kind it names; `requirements` are the fields that name
    certificate types and courses inside; `tree` is the field that makes the kind a tree; `personal` fields stay out of logs.
    `named` are fields that name records which may be gone by now. `beside` is a kind whose record with the same code is deleted
    together with this one. What is not `replicated` no replica is told of. The table of a kind has the kind's name.
    """

    name: str
    path: str
    model: type[Record]
    references: Mapping[str, str] = field(default_factory=dict)
    named: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    tree: str | None = None
    personal: tuple[str, ...] = ()
    beside: str | None = None
    replicated: bool = True

    @property
    def codes(self) -> tuple[str, ...]:
        """The fields that are a code: its own, and of what it names."""
        return ("code", *self.references, *self.named)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields, in the order of the contract."""
        return tuple(self.model.__pydantic_fields__)

    @property
    def optional(self) -> frozenset[str]:
        """The fields of ours beyond the contract, which a document has only where they are used."""
        return self.model.optional_fields

    @property
    def derived(self) -> frozenset[str]:
        """What is told when reading a record and passed over when it is written."""
        return self.model.derived_fields


_PERSON = {"person": "person"}
_WHERE = {"equipment": "equipment", "process": "process"}

RECORD_KINDS: tuple[Kind, ...] = (
    Kind("site", "sites", Site),
    Kind("company", "companies", Company),
    Kind("org_unit", "org-units", OrgUnit, {"parent": "org_unit", "site": "site"}, tree="parent"),
    Kind("position", "positions", Position),
    Kind("equipment_class", "equipment-classes", EquipmentClass, {"parent": "equipment_class"}, tree="parent"),
    Kind("equipment", "equipment", Equipment, {"equipment_class": "equipment_class", "site": "site"}),
    Kind("process", "processes", Process, {"parent": "process"}, tree="parent"),
    Kind("course", "courses", Course),
    Kind("certificate_type", "certificate-types", CertificateType, {"equivalents": "certificate_type"}),
    Kind(
        "person",
        "persons",
        Person,
        {"company": "company", "site": "site", "org_unit": "org_unit", "supervisor": "person"},
        personal=("name", "phone", "email", "id_number", "language"),
    ),
    Kind("assignment", "assignments", Assignment, _PERSON | {"position": "position"}),
    Kind("certificate", "certificates", Certificate, _PERSON | {"type": "certificate_type"}),
    Kind("training_record", "training-records", TrainingRecord, _PERSON | {"course": "course"}),
    Kind(
        "rule",
        "rules",
        Rule,
        _WHERE | {"position": "position", "equipment_class": "equipment_class", "site": "site"},
        requirements=("requirement", "supervised_requirement", "recommended"),
        beside="rule_test",
    ),
    Kind("waiver", "waivers", Waiver, _PERSON | _WHERE | {"rule": "rule"}),
    Kind("restriction", "restrictions", Restriction, _PERSON | _WHERE | {"site": "site", "equipment_class": "equipment_class"}),
    Kind("site_stay", "site-stays", SiteStay, _PERSON | {"site": "site"}),
)
"""The sixteen kinds of the contract, in its order, and site stays; each may refer to any other."""

API_KEY = Kind("api_key", "api-keys", ApiKey)
"""Kept and replicated like a record, but neither routed nor accepted in bulk."""

RULE_TEST = Kind("rule_test", "rule-tests", RuleTest, {"code": "rule"})
"""Kept in the ledger like a record, beside the rule with the same code; routed below that rule."""

INCIDENT = Kind("incident", "incidents", Incident, named=tuple(_WHERE), replicated=False)
"""Kept in the ledger like a record, and routed; made and concluded by calls of its own, never replaced or deleted.

It may be of a machine that is gone by now, and keeps none from going: what there is to know of it then was frozen.
"""

INCIDENT_EVIDENCE = Kind("incident_evidence", "incident-evidence", IncidentEvidence, {"incident": "incident"}, replicated=False)
"""What was frozen for an incident: written with it, and never again."""

KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (*RECORD_KINDS, API_KEY, RULE_TEST, INCIDENT, INCIDENT_EVIDENCE)}
)


def references(kind: Kind, document: Mapping[str, Any]) -> Iterator[Reference]:
    """Every reference of a document, those inside its requirements too."""
    for name, referred in kind.references.items():
        value = document[name]
        if isinstance(value, str):
            yield f"/{name}", referred, value
        elif value is not None:
            yield from ((f"/{name}/{i}", referred, code) for i, code in enumerate(value))
    for name in kind.requirements:
        if document.get(name) is not None:
            for pointer, leaf in requirement_leaves(document[name], f"/{name}"):
                if "type" in leaf:
                    yield f"{pointer}/type", "certificate_type", leaf["type"]
                else:
                    yield f"{pointer}/course", "course", leaf["course"]


def requirement_leaves(node: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The inside of each `certificate` and `training` of a requirement that was read already, with its pointer."""
    for key, inside in node.items():
        if key in {"certificate", "training"}:
            yield f"{pointer}/{key}", inside
        elif key != "at_least":
            for i, part in enumerate(inside):
                yield from requirement_leaves(part, f"{pointer}/{key}/{i}")
