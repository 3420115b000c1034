"""Benchmarks: ratios, measured in one run against one real geth.

Belongs here: what is measured, against what, and the table of it. Does not: whether the program is right, which is the
tests' to say. Figures of different runs, or of different machines, are not comparable; ratios of one run are.
"""
