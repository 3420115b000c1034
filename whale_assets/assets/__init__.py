"""The asset graph: thin shells around the core, a file per group.

Belongs here: what Dagster shows and runs: keys, dependencies, descriptions, metadata. Does not: a rule about blocks or
money. An asset reads, calls the core once a range, and hands the rows to its IO manager as they come.
"""

import warnings

import dagster as dg

# The policy keeps a backfill from paying for a run a range. Nobody who reads a terminal can act on the warning.
warnings.filterwarnings("ignore", message="Parameter `backfill_policy`", category=dg.BetaWarning)
