"""How an error for the person reads on Dagster's pages.

Belongs here: putting its sentence first. Does not: the errors (`errors.py`), or what a terminal prints.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from whale_assets.errors import WhaleError


@contextmanager
def told_on_the_page() -> Iterator[None]:
    """Around what a step does. Raises Failure in place of a WhaleError, which Dagster would show under a long stack."""
    try:
        yield
    except WhaleError as error:
        raise dg.Failure(str(error)) from error
