"""The tables, one per record kind under the kind's name, said explicitly; the migrations must agree with them.

INVARIANT: foreign keys are checked at commit, so that a bulk may bring records in any order. Codes are compared byte by
byte (`COLLATE "C"`): the order of lists does not depend on the server's locale.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    any_,
    bindparam,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

CodeText = Text(collation="C")
Timestamp = DateTime(timezone=True)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _code() -> Column[str]:
    return Column("code", CodeText, primary_key=True)


def _name() -> Column[str]:
    return Column("name", Text, nullable=False)


def _reference(name: str, table: str, *, required: bool = False) -> Column[str]:
    key = ForeignKey(f"{table}.code", deferrable=True, initially="DEFERRED")
    return Column(name, CodeText, key, nullable=not required, index=True)


def _owner(table: str) -> Column[str]:
    key = ForeignKey(f"{table}.code", ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    return Column(table, CodeText, key, primary_key=True)


def _one_of(name: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{name} IN ({listed})", name=name)


site = Table("site", metadata, _code(), _name(), Column("time_zone", Text, nullable=False))

company = Table(
    "company",
    metadata,
    _code(),
    _name(),
    Column("status", Text, nullable=False),
    Column("approved_until", Date),
    _one_of("status", "approved", "suspended"),
)

org_unit = Table("org_unit", metadata, _code(), _name(), _reference("parent", "org_unit"), _reference("site", "site"))

position = Table("position", metadata, _code(), _name(), Column("may_confirm", Boolean, nullable=False))

equipment_class = Table("equipment_class", metadata, _code(), _name(), _reference("parent", "equipment_class"))

equipment = Table(
    "equipment",
    metadata,
    _code(),
    _name(),
    _reference("equipment_class", "equipment_class", required=True),
    _reference("site", "site", required=True),
    Column("status", Text, nullable=False),
    Column("inspection_valid_until", Date),
    Column("ratings", JSONB, nullable=False),
    _one_of("status", "in_service", "locked_out", "retired"),
)

process = Table(
    "process", metadata, _code(), _name(), _reference("parent", "process"), Column("maintenance", Boolean, nullable=False)
)

course = Table("course", metadata, _code(), _name())

certificate_type = Table(
    "certificate_type",
    metadata,
    _code(),
    _name(),
    Column("category", Text, nullable=False),
    Column("levels", JSONB, nullable=False),
    Column("usable_while_renewing", Boolean, nullable=False),
    Column("warning_days", JSONB, nullable=False),
    Column("catalogue", Text),
    Column("catalogue_code", Text),
    Column("validity_months", Integer),
    Column("review_months", Integer),
    _one_of("category", "statutory", "vocational", "internal", "medical"),
    CheckConstraint("validity_months > 0", name="validity_months"),
    CheckConstraint("review_months > 0", name="review_months"),
)

certificate_type_equivalent = Table(
    "certificate_type_equivalent",
    metadata,
    _owner("certificate_type"),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    _reference("equivalent", "certificate_type", required=True),
)

person = Table(
    "person",
    metadata,
    _code(),
    Column("employment", Text, nullable=False),
    _reference("company", "company"),
    _reference("site", "site"),
    _reference("org_unit", "org_unit"),
    _reference("supervisor", "person"),
    Column("status", Text, nullable=False),
    Column("employed_from", Date),
    Column("employed_until", Date),
    _one_of("employment", "employee", "contractor"),
    _one_of("status", "active", "suspended", "left"),
    CheckConstraint("employed_from <= employed_until", name="employed"),
)

# What identifies a human being lives here and nowhere else, so that erasing it leaves the evidence whole. Erased: no row.
person_personal = Table(
    "person_personal",
    metadata,
    _owner("person"),
    _name(),
    Column("phone", Text),
    Column("email", Text),
    Column("id_number", Text),
    Column("language", Text),
)

person_badge = Table(
    "person_badge",
    metadata,
    Column("badge", CodeText, primary_key=True),
    Column(
        "person",
        CodeText,
        ForeignKey("person.code", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        nullable=False,
        index=True,
    ),
    Column("ordinal", Integer, nullable=False),
)

assignment = Table(
    "assignment",
    metadata,
    _code(),
    _reference("person", "person", required=True),
    _reference("position", "position", required=True),
    Column("basis", Text, nullable=False),
    Column("valid_from", Timestamp, nullable=False),
    Column("valid_until", Timestamp),
    _one_of("basis", "regular", "trial"),
    CheckConstraint("valid_from <= valid_until", name="valid"),
)

certificate = Table(
    "certificate",
    metadata,
    _code(),
    _reference("person", "person", required=True),
    _reference("type", "certificate_type", required=True),
    Column("number", Text),
    Column("issuer", Text),
    Column("level", Text),
    Column("scopes", JSONB, nullable=False),
    Column("limits", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("next_review_on", Date),
    Column("verified", Boolean, nullable=False),
    Column("verified_at", Timestamp),
    Column("verified_by", Text),
    Column("attributes", JSONB, nullable=False),
    _one_of("status", "valid", "renewing", "suspended", "revoked", "pending"),
    CheckConstraint("valid_from <= valid_until", name="valid"),
)

training_record = Table(
    "training_record",
    metadata,
    _code(),
    _reference("person", "person", required=True),
    _reference("course", "course", required=True),
    Column("completed_on", Date, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("score", Double),
    Column("hours", Double),
    Column("attendance", Double),
    CheckConstraint("hours >= 0", name="hours"),
    CheckConstraint("attendance BETWEEN 0 AND 1", name="attendance"),
)

rule = Table(
    "rule",
    metadata,
    _code(),
    _name(),
    Column("effect", Text, nullable=False),
    _reference("position", "position"),
    _reference("equipment", "equipment"),
    _reference("equipment_class", "equipment_class"),
    _reference("process", "process"),
    _reference("site", "site"),
    Column("requirement", JSONB, nullable=False),
    Column("supervised_requirement", JSONB(none_as_null=True)),
    Column("enforcement", Text, nullable=False),
    Column("risk", Text, nullable=False),
    Column("waivable", Boolean, nullable=False),
    Column("effective_from", Timestamp),
    Column("effective_until", Timestamp),
    Column("recommended", JSONB(none_as_null=True)),
    _one_of("effect", "grant", "guard"),
    _one_of("enforcement", "block", "confirm", "monitor"),
    _one_of("risk", "high", "medium", "low"),
    CheckConstraint("equipment IS NULL OR equipment_class IS NULL", name="equipment_or_class"),
    CheckConstraint("effect = 'guard' OR enforcement <> 'monitor'", name="monitor_on_guard"),
    CheckConstraint("effect = 'guard' OR enforcement <> 'confirm' OR position IS NOT NULL", name="confirm_with_position"),
    CheckConstraint("effective_from <= effective_until", name="effective"),
)

# What the requirements of a rule name, so that these references are real ones too.
rule_certificate_type = Table(
    "rule_certificate_type",
    metadata,
    _owner("rule"),
    Column(
        "certificate_type",
        CodeText,
        ForeignKey("certificate_type.code", deferrable=True, initially="DEFERRED"),
        primary_key=True,
        index=True,
    ),
)

rule_course = Table(
    "rule_course",
    metadata,
    _owner("rule"),
    Column(
        "course",
        CodeText,
        ForeignKey("course.code", deferrable=True, initially="DEFERRED"),
        primary_key=True,
        index=True,
    ),
)

# The questions kept beside a rule.
rule_test = Table(
    "rule_test",
    metadata,
    Column(
        "code",
        CodeText,
        ForeignKey("rule.code", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("questions", JSONB, nullable=False),
)

waiver = Table(
    "waiver",
    metadata,
    _code(),
    _reference("person", "person", required=True),
    _reference("rule", "rule", required=True),
    _reference("equipment", "equipment"),
    _reference("process", "process"),
    Column("valid_from", Timestamp, nullable=False),
    Column("valid_until", Timestamp, nullable=False),
    Column("supervised", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("requested_by", Text),
    Column("approved_by", Text),
    _one_of("status", "requested", "approved", "rejected", "revoked"),
    CheckConstraint("valid_from <= valid_until", name="valid"),
    CheckConstraint("status <> 'approved' OR approved_by <> requested_by", name="approved_by"),
)

restriction = Table(
    "restriction",
    metadata,
    _code(),
    _reference("person", "person", required=True),
    _reference("site", "site"),
    _reference("equipment_class", "equipment_class"),
    _reference("equipment", "equipment"),
    _reference("process", "process"),
    Column("valid_from", Timestamp, nullable=False),
    Column("valid_until", Timestamp),
    Column("reason", Text, nullable=False),
    CheckConstraint("valid_from <= valid_until", name="valid"),
)

site_stay = Table(
    "site_stay",
    metadata,
    _code(),
    _reference("person", "person", required=True),
    _reference("site", "site", required=True),
    Column("valid_from", Timestamp, nullable=False),
    Column("valid_until", Timestamp),
    CheckConstraint("valid_from <= valid_until", name="valid"),
    # Who is there now is asked often, of a table that grows with every shift.
    Index("ix_site_stay_open", "site", "person", postgresql_where=text("valid_until IS NULL")),
)

incident = Table(
    "incident",
    metadata,
    _code(),
    Column("equipment", CodeText, nullable=False, index=True),
    Column("process", CodeText, index=True),
    Column("occurred_at", Timestamp, nullable=False),
    Column("window", Integer, nullable=False),
    Column("description", Text),
    Column("frozen_at", Timestamp, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("persons", JSONB, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("complete_until", Timestamp),
    Column("concluded_at", Timestamp),
    Column("conclusion", Text),
    Column("restrictions", JSONB, nullable=False),
    Column("suspended", JSONB, nullable=False),
)

incident_evidence = Table(
    "incident_evidence",
    metadata,
    _code(),
    _reference("incident", "incident", required=True),
    Column("sort", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("lines", Text, nullable=False),
    _one_of("sort", "decisions", "states"),
)

api_key = Table(
    "api_key",
    metadata,
    _code(),
    _name(),
    Column("scopes", JSONB, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("revoked_at", Timestamp),
    Column("person", CodeText),
)


def array_of(codes: Iterable[str]) -> BindParameter[Any]:
    """The codes as one parameter, however many there are."""
    return bindparam("codes", list(codes), type_=ARRAY(Text), unique=True)


def any_of(codes: Iterable[str]) -> ColumnElement[str]:
    """What a column is compared with to find any of the codes."""
    return any_(array_of(codes))  # type: ignore[return-value]


PERSONAL_COLUMNS = tuple(column.name for column in person_personal.columns if column.name != "person")
