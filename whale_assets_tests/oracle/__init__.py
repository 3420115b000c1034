"""A slow, obvious recomputation of what the project computes, to judge it by.

Belongs here: plain Python integers, fractions and dictionaries, straight from a node's JSON. Does not: any import from
`whale_assets`, any frame, any shortcut.
"""
