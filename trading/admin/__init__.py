"""The console's pages about trading accounts, those who share them, and their syncs."""

from trading.admin import accounts, memberships, ownership_transfers, sync_runs

__all__ = ["accounts", "memberships", "ownership_transfers", "sync_runs"]
