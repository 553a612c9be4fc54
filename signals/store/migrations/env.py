"""How Alembic reaches the store: through the connection that opened it."""

from alembic import context

from signals.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
