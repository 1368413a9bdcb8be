"""The records of the contract: a table per kind, and what hangs on them."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAMES = (
    "certificate_type",
    "company",
    "course",
    "equipment_class",
    "position",
    "process",
    "site",
    "certificate_type_equivalent",
    "equipment",
    "org_unit",
    "person",
    "rule",
    "assignment",
    "certificate",
    "person_badge",
    "person_personal",
    "restriction",
    "rule_certificate_type",
    "rule_course",
    "training_record",
    "waiver",
)

STATEMENTS = """
CREATE TABLE certificate_type (
    code TEXT COLLATE "C" CONSTRAINT pk_certificate_type PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    levels JSONB NOT NULL,
    usable_while_renewing BOOLEAN NOT NULL,
    warning_days JSONB NOT NULL,
    catalogue TEXT,
    catalogue_code TEXT,
    validity_months INTEGER,
    review_months INTEGER,
    CONSTRAINT ck_certificate_type_category CHECK (category IN ('statutory', 'vocational', 'internal', 'medical')),
    CONSTRAINT ck_certificate_type_review_months CHECK (review_months > 0),
    CONSTRAINT ck_certificate_type_validity_months CHECK (validity_months > 0)
);

CREATE TABLE company (
    code TEXT COLLATE "C" CONSTRAINT pk_company PRIMARY KEY,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    approved_until DATE,
    CONSTRAINT ck_company_status CHECK (status IN ('approved', 'suspended'))
);

CREATE TABLE course (
    code TEXT COLLATE "C" CONSTRAINT pk_course PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE equipment_class (
    code TEXT COLLATE "C" CONSTRAINT pk_equipment_class PRIMARY KEY,
    name TEXT NOT NULL,
    parent TEXT COLLATE "C" CONSTRAINT fk_equipment_class_parent
        REFERENCES equipment_class (code) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_equipment_class_parent ON equipment_class (parent);

CREATE TABLE position (
    code TEXT COLLATE "C" CONSTRAINT pk_position PRIMARY KEY,
    name TEXT NOT NULL,
    may_confirm BOOLEAN NOT NULL
);

CREATE TABLE process (
    code TEXT COLLATE "C" CONSTRAINT pk_process PRIMARY KEY,
    name TEXT NOT NULL,
    parent TEXT COLLATE "C" CONSTRAINT fk_process_parent REFERENCES process (code) DEFERRABLE INITIALLY DEFERRED,
    maintenance BOOLEAN NOT NULL
);
CREATE INDEX ix_process_parent ON process (parent);

CREATE TABLE site (
    code TEXT COLLATE "C" CONSTRAINT pk_site PRIMARY KEY,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL
);

CREATE TABLE certificate_type_equivalent (
    certificate_type TEXT COLLATE "C" NOT NULL CONSTRAINT fk_certificate_type_equivalent_certificate_type
        REFERENCES certificate_type (code) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ordinal INTEGER NOT NULL,
    equivalent TEXT COLLATE "C" NOT NULL CONSTRAINT fk_certificate_type_equivalent_equivalent
        REFERENCES certificate_type (code) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT pk_certificate_type_equivalent PRIMARY KEY (certificate_type, ordinal)
);
CREATE INDEX ix_certificate_type_equivalent_equivalent ON certificate_type_equivalent (equivalent);

CREATE TABLE equipment (
    code TEXT COLLATE "C" CONSTRAINT pk_equipment PRIMARY KEY,
    name TEXT NOT NULL,
    equipment_class TEXT COLLATE "C" NOT NULL CONSTRAINT fk_equipment_equipment_class
        REFERENCES equipment_class (code) DEFERRABLE INITIALLY DEFERRED,
    site TEXT COLLATE "C" NOT NULL CONSTRAINT fk_equipment_site REFERENCES site (code) DEFERRABLE INITIALLY DEFERRED,
    status TEXT NOT NULL,
    inspection_valid_until DATE,
    ratings JSONB NOT NULL,
    CONSTRAINT ck_equipment_status CHECK (status IN ('in_service', 'locked_out', 'retired'))
);
CREATE INDEX ix_equipment_equipment_class ON equipment (equipment_class);
CREATE INDEX ix_equipment_site ON equipment (site);

CREATE TABLE org_unit (
    code TEXT COLLATE "C" CONSTRAINT pk_org_unit PRIMARY KEY,
    name TEXT NOT NULL,
    parent TEXT COLLATE "C" CONSTRAINT fk_org_unit_parent REFERENCES org_unit (code) DEFERRABLE INITIALLY DEFERRED,
    site TEXT COLLATE "C" CONSTRAINT fk_org_unit_site REFERENCES site (code) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_org_unit_parent ON org_unit (parent);
CREATE INDEX ix_org_unit_site ON org_unit (site);

CREATE TABLE person (
    code TEXT COLLATE "C" CONSTRAINT pk_person PRIMARY KEY,
    employment TEXT NOT NULL,
    company TEXT COLLATE "C" CONSTRAINT fk_person_company REFERENCES company (code) DEFERRABLE INITIALLY DEFERRED,
    site TEXT COLLATE "C" CONSTRAINT fk_person_site REFERENCES site (code) DEFERRABLE INITIALLY DEFERRED,
    org_unit TEXT COLLATE "C" CONSTRAINT fk_person_org_unit REFERENCES org_unit (code) DEFERRABLE INITIALLY DEFERRED,
    supervisor TEXT COLLATE "C" CONSTRAINT fk_person_supervisor REFERENCES person (code) DEFERRABLE INITIALLY DEFERRED,
    status TEXT NOT NULL,
    employed_from DATE,
    employed_until DATE,
    CONSTRAINT ck_person_employed CHECK (employed_from <= employed_until),
    CONSTRAINT ck_person_employment CHECK (employment IN ('employee', 'contractor')),
    CONSTRAINT ck_person_status CHECK (status IN ('active', 'suspended', 'left'))
);
CREATE INDEX ix_person_company ON person (company);
CREATE INDEX ix_person_org_unit ON person (org_unit);
CREATE INDEX ix_person_site ON person (site);
CREATE INDEX ix_person_supervisor ON person (supervisor);

CREATE TABLE rule (
    code TEXT COLLATE "C" CONSTRAINT pk_rule PRIMARY KEY,
    name TEXT NOT NULL,
    effect TEXT NOT NULL,
    position TEXT COLLATE "C" CONSTRAINT fk_rule_position REFERENCES position (code) DEFERRABLE INITIALLY DEFERRED,
    equipment TEXT COLLATE "C" CONSTRAINT fk_rule_equipment REFERENCES equipment (code) DEFERRABLE INITIALLY DEFERRED,
    equipment_class TEXT COLLATE "C" CONSTRAINT fk_rule_equipment_class
        REFERENCES equipment_class (code) DEFERRABLE INITIALLY DEFERRED,
    process TEXT COLLATE "C" CONSTRAINT fk_rule_process REFERENCES process (code) DEFERRABLE INITIALLY DEFERRED,
    site TEXT COLLATE "C" CONSTRAINT fk_rule_site REFERENCES site (code) DEFERRABLE INITIALLY DEFERRED,
    requirement JSONB NOT NULL,
    supervised_requirement JSONB,
    enforcement TEXT NOT NULL,
    risk TEXT NOT NULL,
    waivable BOOLEAN NOT NULL,
    effective_from TIMESTAMP WITH TIME ZONE,
    effective_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT ck_rule_confirm_with_position CHECK (effect = 'guard' OR enforcement <> 'confirm' OR position IS NOT NULL),
    CONSTRAINT ck_rule_effect CHECK (effect IN ('grant', 'guard')),
    CONSTRAINT ck_rule_effective CHECK (effective_from <= effective_until),
    CONSTRAINT ck_rule_enforcement CHECK (enforcement IN ('block', 'confirm', 'monitor')),
    CONSTRAINT ck_rule_equipment_or_class CHECK (equipment IS NULL OR equipment_class IS NULL),
    CONSTRAINT ck_rule_monitor_on_guard CHECK (effect = 'guard' OR enforcement <> 'monitor'),
    CONSTRAINT ck_rule_risk CHECK (risk IN ('high', 'medium', 'low'))
);
CREATE INDEX ix_rule_equipment ON rule (equipment);
CREATE INDEX ix_rule_equipment_class ON rule (equipment_class);
CREATE INDEX ix_rule_position ON rule (position);
CREATE INDEX ix_rule_process ON rule (process);
CREATE INDEX ix_rule_site ON rule (site);

CREATE TABLE assignment (
    code TEXT COLLATE "C" CONSTRAINT pk_assignment PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL CONSTRAINT fk_assignment_person
        REFERENCES person (code) DEFERRABLE INITIALLY DEFERRED,
    position TEXT COLLATE "C" NOT NULL CONSTRAINT fk_assignment_position
        REFERENCES position (code) DEFERRABLE INITIALLY DEFERRED,
    basis TEXT NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT ck_assignment_basis CHECK (basis IN ('regular', 'trial')),
    CONSTRAINT ck_assignment_valid CHECK (valid_from <= valid_until)
);
CREATE INDEX ix_assignment_person ON assignment (person);
CREATE INDEX ix_assignment_position ON assignment (position);

CREATE TABLE certificate (
    code TEXT COLLATE "C" CONSTRAINT pk_certificate PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL CONSTRAINT fk_certificate_person
        REFERENCES person (code) DEFERRABLE INITIALLY DEFERRED,
    type TEXT COLLATE "C" NOT NULL CONSTRAINT fk_certificate_type
        REFERENCES certificate_type (code) DEFERRABLE INITIALLY DEFERRED,
    number TEXT,
    issuer TEXT,
    level TEXT,
    scopes JSONB NOT NULL,
    limits JSONB NOT NULL,
    status TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_until DATE,
    next_review_on DATE,
    verified BOOLEAN NOT NULL,
    verified_at TIMESTAMP WITH TIME ZONE,
    verified_by TEXT,
    attributes JSONB NOT NULL,
    CONSTRAINT ck_certificate_status CHECK (status IN ('valid', 'renewing', 'suspended', 'revoked', 'pending')),
    CONSTRAINT ck_certificate_valid CHECK (valid_from <= valid_until)
);
CREATE INDEX ix_certificate_person ON certificate (person);
CREATE INDEX ix_certificate_type ON certificate (type);

CREATE TABLE person_badge (
    badge TEXT COLLATE "C" CONSTRAINT pk_person_badge PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL CONSTRAINT fk_person_badge_person
        REFERENCES person (code) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ordinal INTEGER NOT NULL
);
CREATE INDEX ix_person_badge_person ON person_badge (person);

CREATE TABLE person_personal (
    person TEXT COLLATE "C" CONSTRAINT pk_person_personal PRIMARY KEY CONSTRAINT fk_person_personal_person
        REFERENCES person (code) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    name TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    id_number TEXT,
    language TEXT
);

CREATE TABLE restriction (
    code TEXT COLLATE "C" CONSTRAINT pk_restriction PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL CONSTRAINT fk_restriction_person
        REFERENCES person (code) DEFERRABLE INITIALLY DEFERRED,
    site TEXT COLLATE "C" CONSTRAINT fk_restriction_site REFERENCES site (code) DEFERRABLE INITIALLY DEFERRED,
    equipment_class TEXT COLLATE "C" CONSTRAINT fk_restriction_equipment_class
        REFERENCES equipment_class (code) DEFERRABLE INITIALLY DEFERRED,
    equipment TEXT COLLATE "C" CONSTRAINT fk_restriction_equipment
        REFERENCES equipment (code) DEFERRABLE INITIALLY DEFERRED,
    process TEXT COLLATE "C" CONSTRAINT fk_restriction_process REFERENCES process (code) DEFERRABLE INITIALLY DEFERRED,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE,
    reason TEXT NOT NULL,
    CONSTRAINT ck_restriction_valid CHECK (valid_from <= valid_until)
);
CREATE INDEX ix_restriction_equipment ON restriction (equipment);
CREATE INDEX ix_restriction_equipment_class ON restriction (equipment_class);
CREATE INDEX ix_restriction_person ON restriction (person);
CREATE INDEX ix_restriction_process ON restriction (process);
CREATE INDEX ix_restriction_site ON restriction (site);

CREATE TABLE rule_certificate_type (
    rule TEXT COLLATE "C" NOT NULL CONSTRAINT fk_rule_certificate_type_rule
        REFERENCES rule (code) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    certificate_type TEXT COLLATE "C" NOT NULL CONSTRAINT fk_rule_certificate_type_certificate_type
        REFERENCES certificate_type (code) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT pk_rule_certificate_type PRIMARY KEY (rule, certificate_type)
);
CREATE INDEX ix_rule_certificate_type_certificate_type ON rule_certificate_type (certificate_type);

CREATE TABLE rule_course (
    rule TEXT COLLATE "C" NOT NULL CONSTRAINT fk_rule_course_rule
        REFERENCES rule (code) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    course TEXT COLLATE "C" NOT NULL CONSTRAINT fk_rule_course_course
        REFERENCES course (code) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT pk_rule_course PRIMARY KEY (rule, course)
);
CREATE INDEX ix_rule_course_course ON rule_course (course);

CREATE TABLE training_record (
    code TEXT COLLATE "C" CONSTRAINT pk_training_record PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL CONSTRAINT fk_training_record_person
        REFERENCES person (code) DEFERRABLE INITIALLY DEFERRED,
    course TEXT COLLATE "C" NOT NULL CONSTRAINT fk_training_record_course
        REFERENCES course (code) DEFERRABLE INITIALLY DEFERRED,
    completed_on DATE NOT NULL,
    passed BOOLEAN NOT NULL,
    score DOUBLE PRECISION,
    hours DOUBLE PRECISION,
    attendance DOUBLE PRECISION,
    CONSTRAINT ck_training_record_attendance CHECK (attendance BETWEEN 0 AND 1),
    CONSTRAINT ck_training_record_hours CHECK (hours >= 0)
);
CREATE INDEX ix_training_record_course ON training_record (course);
CREATE INDEX ix_training_record_person ON training_record (person);

CREATE TABLE waiver (
    code TEXT COLLATE "C" CONSTRAINT pk_waiver PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL CONSTRAINT fk_waiver_person
        REFERENCES person (code) DEFERRABLE INITIALLY DEFERRED,
    rule TEXT COLLATE "C" NOT NULL CONSTRAINT fk_waiver_rule REFERENCES rule (code) DEFERRABLE INITIALLY DEFERRED,
    equipment TEXT COLLATE "C" CONSTRAINT fk_waiver_equipment
        REFERENCES equipment (code) DEFERRABLE INITIALLY DEFERRED,
    process TEXT COLLATE "C" CONSTRAINT fk_waiver_process REFERENCES process (code) DEFERRABLE INITIALLY DEFERRED,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE NOT NULL,
    supervised BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    requested_by TEXT,
    approved_by TEXT,
    CONSTRAINT ck_waiver_approved_by CHECK (status <> 'approved' OR approved_by <> requested_by),
    CONSTRAINT ck_waiver_status CHECK (status IN ('requested', 'approved', 'rejected', 'revoked')),
    CONSTRAINT ck_waiver_valid CHECK (valid_from <= valid_until)
);
CREATE INDEX ix_waiver_equipment ON waiver (equipment);
CREATE INDEX ix_waiver_person ON waiver (person);
CREATE INDEX ix_waiver_process ON waiver (process);
CREATE INDEX ix_waiver_rule ON waiver (rule)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";"):
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(NAMES):
        op.drop_table(table)
