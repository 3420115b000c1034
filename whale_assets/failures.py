"""How an error for the person reads on Dagster's pages.

Belongs here: putting its sentence first. Does not: the errors (`errors.py`), or what a terminal prints.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from whale_assets.errors import BlocksMissing, FinalityBroken, NodeRefused, WhaleError, WrongChain, WrongUse

NOT_CURED = (WrongUse, WrongChain, FinalityBroken, NodeRefused, BlocksMissing)
"""What trying the same again does not help: the settings are wrong, or the node does not hold the
blocks, or others than it must."""

RETRY_TAG = "dagster/retry_on_asset_or_op_failure"


@contextmanager
def told_on_the_page() -> Iterator[None]:
    """Around what a step does. Raises Failure in place of a WhaleError, which Dagster would show under a long stack.

    Where the deployment has failed runs tried again, those that this would not cure are not.
    """
    try:
        yield
    except WhaleError as error:
        if isinstance(error, NOT_CURED) and (context := running()):
            context.instance.add_run_tags(context.run_id, {RETRY_TAG: "false"})
        raise dg.Failure(str(error)) from error


def running() -> dg.OpExecutionContext | None:
    """The step that goes on, if one does."""
    try:
        return dg.OpExecutionContext.get()
    except dg.DagsterInvariantViolationError:
        return None
