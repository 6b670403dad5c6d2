"""The console's pages about trading accounts and those who share them."""

from trading.admin import accounts, memberships

__all__ = ["accounts", "memberships"]
