"""A node for demonstrations, tests and benchmarks: a made or recorded chain behind geth's GraphQL and JSON-RPC.

Belongs here: what a node answers, and the story of the made chain. Does not: anything that reads a node.
The made chain is consistent as far as blocks speak of each other (links, indexes, gas, blooms, nonces); its hashes,
roots and signatures are invented, so that proving those is for real nodes.
"""

from whale_assets.simulator.actors import labels
from whale_assets.simulator.chain import Block, SimulatedChain
from whale_assets.simulator.faults import Faults, Limit
from whale_assets.simulator.generated import GeneratedChain, Intent, generate
from whale_assets.simulator.recorded import RecordedChain, load_recorded
from whale_assets.simulator.server import running, serve

__all__ = [
    "Block",
    "Faults",
    "GeneratedChain",
    "Intent",
    "Limit",
    "RecordedChain",
    "SimulatedChain",
    "generate",
    "labels",
    "load_recorded",
    "running",
    "serve",
]
