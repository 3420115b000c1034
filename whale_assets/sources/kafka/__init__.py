"""Blocks and heads by Kafka.

Belongs here: the form of messages, topics, writing and reading them. Does not: following a node, or what is made of
what was read.
"""
