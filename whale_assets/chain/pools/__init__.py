"""Pools, found in the logs themselves: which there are, what they charge for what, and how much is in them.

Belongs here: a kind of pool a file, the proof that a pool is one, and what each was like at the end of a block. Does
not: what a token costs in dollars, which `chain.prices.pools` makes of it.

A pool's events do not name its tokens, and anybody may log the same words. So an event counts where the transfers of
its own transaction moved two tokens into or out of the contract that logged it, and that contract's address follows
from its factory and those two tokens (CREATE2). In v4, where one contract holds all pools, a pool's id follows from its
tokens instead. Whatever else is known or stored plays no part: a block means the same
alone and among others.
"""
