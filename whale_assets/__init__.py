"""whale_assets: who moved a lot of money on Ethereum, what it was worth, and is it suspicious?"""

import os

# Polars gives memory back to the system within half a second, and asks for it again with the next range: a tenth of the
# time would go into that. It is read when polars is first loaded; whoever sets it has the last word.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000,muzzy_decay_ms:10000")
