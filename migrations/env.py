"""How alembic runs here: always over the connection that `qualsvc.store.migrate` opened, in one transaction."""

from alembic import context

from qualsvc.store import ledger_tables
from qualsvc.store.migrate import compared

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ledger_tables.metadata,
    include_object=compared,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
