"""What goes wrong on request: the simulated node at its worst.

Belongs here: faults of the connection, of an answer's bytes and of what it says, and when they happen. Does not: what
a node may rightly say (a lagging head, pruned history, a missing method), which is set on the chain.
"""

from whale_assets.simulator.faults.limits import PROVIDERS, Limit
from whale_assets.simulator.faults.schedule import KINDS, Faults, Protocol

__all__ = ["KINDS", "PROVIDERS", "Faults", "Limit", "Protocol"]
