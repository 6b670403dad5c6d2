"""A stand-in for Kite Connect, written from its documentation and spoken to over HTTP.

It has a process of its own; nothing of the service imports it.
"""
