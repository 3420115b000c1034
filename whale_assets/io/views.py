"""The views: names and status joined when read.

Belongs here: making them in a database. Does not: what they select, which `schema.py` says.
"""

from sqlalchemy import Connection, inspect

from whale_assets.io.schema import VIEWS


def create_views(connection: Connection) -> None:
    """Makes the views that are absent."""
    present = set(inspect(connection).get_view_names())
    for name, query in VIEWS.items():
        if name not in present:
            compiled = query().compile(connection, compile_kwargs={"literal_binds": True})
            connection.exec_driver_sql(f"CREATE VIEW {name} AS {compiled}")
