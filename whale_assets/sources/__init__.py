"""Where blocks come from: a node by GraphQL or JSON-RPC, or a folder of recorded blocks.

Belongs here: asking, decoding, checking an answer against itself, and asking again. Does not: what blocks must prove
together (`chain.proof`), or where they are stored.
"""
