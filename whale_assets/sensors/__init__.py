"""The sensors: they see the chain's end, and have Dagster materialize what follows from it.

Belongs here: thin shells around `live/plan.py`, one for each reader of heads. Does not: the decision, or what a run
computes.
"""
