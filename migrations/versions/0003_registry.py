"""What the registry keeps besides: site stays, questions beside rules, recommendations, requests done once."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE rule ADD COLUMN recommended JSONB;

ALTER TABLE api_key ADD COLUMN person TEXT COLLATE "C";

CREATE TABLE rule_test (
    code TEXT COLLATE "C" CONSTRAINT pk_rule_test PRIMARY KEY
        CONSTRAINT fk_rule_test_code REFERENCES rule (code) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    questions JSONB NOT NULL
);

CREATE TABLE site_stay (
    code TEXT COLLATE "C" CONSTRAINT pk_site_stay PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL
        CONSTRAINT fk_site_stay_person REFERENCES person (code) DEFERRABLE INITIALLY DEFERRED,
    site TEXT COLLATE "C" NOT NULL
        CONSTRAINT fk_site_stay_site REFERENCES site (code) DEFERRABLE INITIALLY DEFERRED,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT ck_site_stay_valid CHECK (valid_from <= valid_until)
);
CREATE INDEX ix_site_stay_person ON site_stay (person);
CREATE INDEX ix_site_stay_site ON site_stay (site);
CREATE INDEX ix_site_stay_open ON site_stay (site, person) WHERE valid_until IS NULL;

CREATE TABLE idempotency (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    revision BIGINT NOT NULL,
    status INTEGER NOT NULL,
    answer JSON,
    CONSTRAINT pk_idempotency PRIMARY KEY (actor, key)
);
CREATE INDEX ix_idempotency_at ON idempotency (at)
"""

DOWN = """
DROP TABLE idempotency;
DROP TABLE site_stay;
DROP TABLE rule_test;
ALTER TABLE api_key DROP COLUMN person;
ALTER TABLE rule DROP COLUMN recommended
"""


def upgrade() -> None:
    for statement in UP.split(";"):
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN.split(";"):
        op.execute(statement)
