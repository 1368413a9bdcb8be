"""What replicas compare themselves with, and where they report."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE revision ADD COLUMN checksum TEXT;

CREATE TABLE replica (
    replica TEXT COLLATE "C" CONSTRAINT pk_replica PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    version TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    lease_s DOUBLE PRECISION NOT NULL,
    revision BIGINT NOT NULL,
    checksum TEXT,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    sightings BIGINT DEFAULT 0 NOT NULL,
    lapsed BOOLEAN DEFAULT false NOT NULL
) WITH (fillfactor = 50)
"""

DOWN = """
DROP TABLE replica;
ALTER TABLE revision DROP COLUMN checksum
"""


def upgrade() -> None:
    for statement in UP.split(";"):
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN.split(";"):
        op.execute(statement)
