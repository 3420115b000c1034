"""The live chain: following a node, carrying blocks by Kafka, watching.

Belongs here: from a node's head to events, topics and lines. Does not: tables, which sensors and runs make, or how
blocks are fetched and proven.
"""
