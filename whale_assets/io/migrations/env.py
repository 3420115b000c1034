"""How Alembic runs the steps: on the connection it is given, or into text.

Belongs here: that. Does not: which database (`whale_assets.io.migrate` decides).
"""

from alembic import context

from whale_assets.io.schema import metadata

given = context.config.attributes

if context.is_offline_mode():
    context.configure(dialect_name=given["dialect"], target_metadata=metadata, literal_binds=True)
else:
    context.configure(connection=given["connection"], target_metadata=metadata, compare_type=True)

with context.begin_transaction():
    context.run_migrations()
