"""The ledger: its head, its revisions, what each changed; and API keys."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAMES = ("head", "revision", "change", "api_key")

STATEMENTS = """
CREATE TABLE head (
    singleton BOOLEAN DEFAULT true CONSTRAINT pk_head PRIMARY KEY,
    revision BIGINT DEFAULT 0 NOT NULL,
    ledger_id UUID DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT ck_head_singleton CHECK (singleton)
);

CREATE TABLE revision (
    revision BIGINT CONSTRAINT pk_revision PRIMARY KEY,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    actor TEXT NOT NULL,
    request_id TEXT
);

CREATE TABLE change (
    revision BIGINT NOT NULL CONSTRAINT fk_change_revision
        REFERENCES revision (revision) DEFERRABLE INITIALLY DEFERRED,
    ordinal INTEGER NOT NULL,
    kind TEXT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    before JSONB,
    after JSONB,
    personal TEXT[] DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_change PRIMARY KEY (revision, ordinal)
);
CREATE INDEX ix_change_record ON change (kind, code, revision);

CREATE TABLE api_key (
    code TEXT COLLATE "C" CONSTRAINT pk_api_key PRIMARY KEY,
    name TEXT NOT NULL,
    scopes JSONB NOT NULL,
    sha256 TEXT NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE
);

INSERT INTO head DEFAULT VALUES
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";"):
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(NAMES):
        op.drop_table(table)
