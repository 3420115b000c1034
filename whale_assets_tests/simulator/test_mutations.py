"""A mutation changes an answer a little, always, and the same way for the same seed."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whale_assets.simulator import generate, running
from whale_assets.simulator.mutate import mutate
from whale_assets_tests.simulator.asking import blocks_by_graphql, post

LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4)
TREES = st.dictionaries(
    st.text(max_size=3),
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner)),
    min_size=1,
)


@settings(max_examples=40)
@given(tree=TREES, seed=st.integers())
def test_a_mutation_always_changes_something(tree: dict[str, object], seed: int) -> None:
    before = json.dumps(tree).encode()
    after, what = mutate(before, Random(seed))
    if not what.startswith("truncate"):
        assert json.dumps(json.loads(after)) != json.dumps(tree)
    assert after != before
    assert (after, what) == mutate(before, Random(seed))


@pytest.fixture(scope="module")
def answer() -> bytes:
    chain = generate(blocks=2, transactions_per_block=6)
    with running(chain) as url:
        return post(f"{url}/graphql", blocks_by_graphql(chain.first_block, chain.head)).data


def test_every_sort_of_mutation_comes_in_a_hundred(answer: bytes) -> None:
    sorts = {mutate(answer, Random(seed))[1].split()[0] for seed in range(100)}
    assert sorts == {"drop", "repeat", "swap", "alter", "truncate"}


def test_what_was_changed_is_told_by_its_place(answer: bytes) -> None:
    whole = json.loads(answer)
    for seed in range(60):
        after, what = mutate(answer, Random(seed))
        sort, place = what.split()[:2]
        if sort == "alter":
            before_part, after_part = whole, json.loads(after)
            for step in place.rstrip(":").split("."):
                before_part = before_part[int(step) if isinstance(before_part, list) else step]
                after_part = after_part[int(step) if isinstance(after_part, list) else step]
            assert before_part != after_part
