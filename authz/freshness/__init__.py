"""Freshness: when a change has returned, no process answers from before it. ADR 0031 has the argument.

`ledger` is the truth in PostgreSQL, `copies` its short-lived copy in Redis, `stamps` what the rest of the app calls.
"""
