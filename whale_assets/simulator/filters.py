"""Which logs a filter lets through, for both protocols.

Belongs here: geth's rule. Does not: how a filter is written down.
"""

from collections.abc import Iterable, Iterator, Sequence

from whale_assets.simulator.chain import Json


def matching(logs: Iterable[Json], addresses: frozenset[str], topics: Sequence[frozenset[str]]) -> Iterator[Json]:
    """The logs of these addresses whose topics, position by position, are among those given; none given: any."""
    for log in logs:
        if addresses and log["address"] not in addresses:
            continue
        if len(log["topics"]) >= len(topics) and all(
            not wanted or topic in wanted for wanted, topic in zip(topics, log["topics"], strict=False)
        ):
            yield log
