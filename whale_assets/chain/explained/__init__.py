"""How the dollars of a transaction came about, as facts.

Belongs here: what each source said of a token at a block, the events behind it, and a transaction's values followed to
them: all by the functions that the tables are computed with. Does not: a second way to a price, where the frames come
from, or how a person reads it (`cli/explanation.py`).
"""
