"""The console's first page. Each floor declares its cards in its `dashboard.py`; `page` puts together those that
whoever looks may see, `charts` draws.
"""
