"""The decision log: what was answered, by month; chains of hashes, and what ties them together."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UP = """
CREATE INDEX ix_change_person ON change ((after ->> 'person')) WHERE (after ->> 'person') IS NOT NULL;

CREATE TABLE decision (
    boot_id TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    logged_at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind TEXT NOT NULL,
    site TEXT COLLATE "C",
    person TEXT COLLATE "C",
    equipment TEXT COLLATE "C",
    process TEXT COLLATE "C",
    decision TEXT,
    purpose TEXT,
    key TEXT COLLATE "C",
    at TIMESTAMP WITH TIME ZONE,
    revision BIGINT,
    reasons TEXT[],
    payload TEXT NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_decision PRIMARY KEY (boot_id, sequence, logged_at)
) PARTITION BY RANGE (logged_at);
CREATE INDEX ix_decision_person ON decision (person, logged_at);
CREATE INDEX ix_decision_equipment ON decision (equipment, logged_at);
CREATE INDEX ix_decision_logged_at ON decision (logged_at);
CREATE INDEX ix_decision_lost ON decision (logged_at)
    WHERE kind IN ('gap', 'unreadable') OR kind = 'close' AND payload ~ '"torn_bytes": [1-9]';

CREATE TABLE decision_boot (
    boot_id TEXT COLLATE "C" NOT NULL,
    opened TEXT,
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    logged_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_decision_boot PRIMARY KEY (boot_id)
);

CREATE TABLE decision_link (
    n BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    event TEXT NOT NULL,
    boot_id TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    opened BYTEA,
    link BYTEA NOT NULL,
    key TEXT NOT NULL,
    signature TEXT NOT NULL,
    CONSTRAINT pk_decision_link PRIMARY KEY (n)
);

CREATE TABLE decision_count (
    day DATE NOT NULL,
    site TEXT COLLATE "C" NOT NULL,
    purpose TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    number BIGINT NOT NULL,
    CONSTRAINT pk_decision_count PRIMARY KEY (day, site, purpose, decision, reason)
);

CREATE TABLE checkpoint (
    n BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    body TEXT NOT NULL,
    key TEXT NOT NULL,
    signature TEXT NOT NULL,
    CONSTRAINT pk_checkpoint PRIMARY KEY (n)
);

CREATE TABLE tombstone (
    n BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    body TEXT NOT NULL,
    key TEXT NOT NULL,
    signature TEXT NOT NULL,
    CONSTRAINT pk_tombstone PRIMARY KEY (n)
);

CREATE TABLE incident (
    code TEXT COLLATE "C" NOT NULL,
    equipment TEXT COLLATE "C" NOT NULL,
    process TEXT COLLATE "C",
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    "window" INTEGER NOT NULL,
    description TEXT,
    frozen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision BIGINT NOT NULL,
    answers INTEGER NOT NULL,
    persons JSONB NOT NULL,
    complete BOOLEAN NOT NULL,
    complete_until TIMESTAMP WITH TIME ZONE,
    concluded_at TIMESTAMP WITH TIME ZONE,
    conclusion TEXT,
    restrictions JSONB NOT NULL,
    suspended JSONB NOT NULL,
    CONSTRAINT pk_incident PRIMARY KEY (code)
);
CREATE INDEX ix_incident_equipment ON incident (equipment);
CREATE INDEX ix_incident_process ON incident (process);

CREATE TABLE incident_evidence (
    code TEXT COLLATE "C" NOT NULL,
    incident TEXT COLLATE "C" NOT NULL,
    sort TEXT NOT NULL,
    part INTEGER NOT NULL,
    lines TEXT NOT NULL,
    CONSTRAINT pk_incident_evidence PRIMARY KEY (code),
    CONSTRAINT ck_incident_evidence_sort CHECK (sort IN ('decisions', 'states')),
    CONSTRAINT fk_incident_evidence_incident FOREIGN KEY (incident) REFERENCES incident (code) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ix_incident_evidence_incident ON incident_evidence (incident)
"""
DOWN = """
DROP TABLE incident_evidence, incident, tombstone, checkpoint, decision_count, decision_link, decision_boot, decision;
DROP INDEX ix_change_person
"""


def upgrade() -> None:
    for statement in UP.split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN.split(";\n"):
        op.execute(statement)
