"""Proving the store again: from certificates to rows, files and neighbours, and against the node.

Belongs here: what must be true of what is stored, and saying precisely where it is not. Does not: repairing it, which
is materializing again, or what a block must prove before it is stored (`chain.proof`).
"""
