"""A table's rows in pieces, so that memory is bounded and every statement is short.

Belongs here: where to part them, by the primary key, in which they lie. Does not: what is done with a piece.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select, true

PIECE = 50_000
"""Rows: the widest take 200 MB as Python's objects."""

Key = Sequence[ColumnElement[Any]]


def pieces(connection: Connection, table: Table) -> Iterator[ColumnElement[bool]]:
    """A condition for each piece; together they hold every row once, in order of the key.

    A piece may be deleted before the next one is asked for.
    """
    key = list(table.primary_key.columns)
    rest: ColumnElement[bool] = true()
    last_of_a_piece = select(*key).order_by(*key).limit(1).offset(PIECE - 1)
    while row := connection.execute(last_of_a_piece.where(rest)).one_or_none():
        yield and_(rest, up_to(key, row))
        rest = beyond(key, row)
    yield rest


def beyond(key: Key, row: Sequence[Any]) -> ColumnElement[bool]:
    """The rows that come after this one. What is said of the first column alone lets a database use its index."""
    (first, *rest), (value, *values) = key, row
    after: ColumnElement[bool] = first > value
    return and_(first >= value, or_(after, and_(first == value, beyond(rest, values)))) if rest else after


def up_to(key: Key, row: Sequence[Any]) -> ColumnElement[bool]:
    """This row and all that come before it."""
    (first, *rest), (value, *values) = key, row
    not_after: ColumnElement[bool] = first <= value
    return and_(not_after, or_(first < value, and_(first == value, up_to(rest, values)))) if rest else not_after
