"""Backups: both stores in a form that is the same for every database, and back again.

Belongs here: archives, the copy of the lake beside them, which of them are kept, restoring. Does not: what a database
does in its own way (`whale_assets.io`), or proving what was restored (`whale_assets.verify`).
"""
