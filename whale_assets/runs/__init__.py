"""Runs: what must be materialized, and having Dagster do it.

Belongs here: the plan of a backfill, running it in this process or handing it to the daemon. Does not: what a run
computes.
"""
