"""What the tests of sources share."""

from collections.abc import Iterator

import pytest

from whale_assets_tests.sources.small_chain import SmallChain
from whale_assets_tests.sources.small_node import SmallNode, small_node


@pytest.fixture
def chain() -> SmallChain:
    """Twenty-one blocks, from 0 on."""
    return SmallChain(21)


@pytest.fixture
def node(chain: SmallChain) -> Iterator[SmallNode]:
    """An honest node of the chain."""
    with small_node(chain) as running:
        yield running
