"""The aggregators behind a proxy, as `import feeds` takes them in.

Belongs here: which of them are taken, and what is said of each. Does not: asking a node for them (`sources/proxy.py`).
"""

import re

from whale_assets.cli.screen import notice
from whale_assets.errors import WrongUse
from whale_assets.imports.feeds import DOLLARS, MOST_DECIMALS
from whale_assets.settings import read_settings
from whale_assets.sources.proxy import aggregators


def answering_in_dollars(proxy: str) -> dict[str, int]:
    """The aggregators that a proxy names, with their decimals; each is told.

    Raises WrongUse where one answers in something else than dollars, or none says what it answers.
    """
    settings = read_settings()
    found = aggregators(settings.node_url.get_secret_value(), settings.node_timeout, proxy)
    decimals: dict[str, int] = {}
    for phase, address, pair, digits in found:
        if pair is None or digits is None or digits > MOST_DECIMALS:
            notice(f"phase {phase}: {address} does not say what it answers: left out")
            continue
        notice(f"phase {phase}: {address}, {pair}, {digits} decimals")
        if not re.fullmatch(rf".*/ ?{DOLLARS}", pair):
            raise WrongUse(f"{address} answers {pair}, not / {DOLLARS}: only answers in dollars are read")
        decimals[address] = digits
    if not decimals:
        raise WrongUse(f"{proxy} names no aggregator that says what it answers")
    return decimals
