"""Faults of every kind, several at once, befall a deployment that follows a chain: each time it ends, by itself, in the
tables of a quiet backfill of the chain as it is then, with no alarm left and no range stuck."""

import os
import time
from pathlib import Path
from random import Random

import pytest

from whale_assets.simulator import generate
from whale_assets_tests.io.contents import contents, unlike
from whale_assets_tests.sensors.follower import quiet, without_retracted
from whale_assets_tests.trials.faults import FAULTS, SENSOR, Scene, staged
from whale_assets_tests.trials.settled import no_alarm_is_left, nothing_goes_on, wait_until_stored

pytestmark = [pytest.mark.trial, pytest.mark.services]

SEED = int(os.environ.get("TRIAL_SEED", "7"))
STORIES = int(os.environ.get("TRIAL_STORIES", "1"))
"""How many deployments are shaken, each with a chain of its own."""
TIMES = int(os.environ.get("TRIAL_FAULTS", "2"))
"""How often each of them is."""

FIRST, BLOCKS = 200, 70
"""Where the story begins, and how long it is at first: longer than the deepest reorganisation."""
SETTINGS = {"WHALE_SOURCE": "jsonrpc", "WHALE_THRESHOLD_USD": "1000"}


@pytest.mark.parametrize("story", range(STORIES))
def test_whatever_befalls_it_a_deployment_ends_in_the_tables_of_a_quiet_backfill(story: int, tmp_path: Path) -> None:
    chain = generate(seed=SEED + story, blocks=BLOCKS, transactions_per_block=8, first_block=FIRST)
    with staged(tmp_path, chain, SETTINGS) as scene:
        settle(scene)
        for trial in range(TIMES):
            seed = f"{SEED}-{story}-{trial}"
            chance = Random(seed)
            names = chance.sample(list(FAULTS), chance.choice([1, 1, 2, 3, 4]))
            print(f"{seed}: {', '.join(names)} at block {chain.head}", flush=True)
            chain.grow(chance.randint(0, 12))
            scene.befall(names, seed)
            chain.grow(chance.choice([1, 1, 2, 25]))
            started = time.monotonic()
            settle(scene)
            print(f"  settled at block {chain.head} after {time.monotonic() - started:.0f} s", flush=True)
            due = quiet(tmp_path / f"quiet{trial}", scene.url, FIRST, chain.head, SETTINGS)
            different = unlike(without_retracted(contents(scene.seen.stores)), due)
            assert different == [], "\n".join([seed, *names, *different])


def settle(scene: Scene) -> None:
    wait_until_stored(scene.seen.stores, scene.chain.head, scene.chain.hash_of(scene.chain.head))
    nothing_goes_on(scene.instance)
    no_alarm_is_left(scene.instance, SENSOR)
