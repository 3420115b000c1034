"""Asset checks: is every registered range certified, and every table current?

Belongs here: counting, by SQL, what is missing. Does not: computing anything again, which `verify` does.
"""
