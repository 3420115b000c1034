"""The functional core: frames in, frames out.

Belongs here: every rule about blocks, movements, prices, values, whales and suspicion, with the frames' schemas.
Does not: Dagster, the network, a database, files, the clock, the environment.
"""
