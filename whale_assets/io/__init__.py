"""Where tables go: the SQL store and the lake, and what Dagster calls to use them.

Belongs here: the SQL schema, transactions, Parquet files, certificates and stamps. Does not: what a row means.
"""
