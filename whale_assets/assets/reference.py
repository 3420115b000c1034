"""Reference data: what lists and the project itself know of tokens and addresses."""

import dagster as dg

from whale_assets.assets.columns import column_metadata
from whale_assets.chain import frames
from whale_assets.chain.lists import BUILT_IN, known_tokens
from whale_assets.failures import told_on_the_page
from whale_assets.io import lists
from whale_assets.io.stores import Stores


@dg.asset(
    group_name="reference",
    kinds={"sql"},
    metadata=column_metadata(frames.TOKENS),
)
@told_on_the_page()
def tokens(stores: dg.ResourceParam[Stores]) -> dg.MaterializeResult[None]:
    """Symbol and decimals of tokens: what the project carries, and imported lists (`whale-assets import tokens`)."""
    lists.replace_list(stores.sql, "tokens", BUILT_IN, [known_tokens()])
    return dg.MaterializeResult(metadata={"tokens": lists.tokens(stores.sql).height})


@dg.asset(
    group_name="reference",
    kinds={"sql"},
    metadata=column_metadata(frames.ADDRESS_LABELS),
)
@told_on_the_page()
def address_labels(stores: dg.ResourceParam[Stores]) -> dg.MaterializeResult[None]:
    """Names, entities and categories of addresses, from imported lists (`whale-assets import labels`)."""
    known = lists.labels(stores.sql)
    categories = dict(known["category"].value_counts(sort=True).head(20).iter_rows())
    return dg.MaterializeResult(metadata={"labels": known.height, "categories": categories})
