"""Freshness: when a change has returned, no process answers from before it. ADR 0162 has the argument.

`ledger` is the truth in PostgreSQL, `feed` tells in Redis what changed, `known` is what this process has read, `stamps`
what the rest of the app calls.
"""
