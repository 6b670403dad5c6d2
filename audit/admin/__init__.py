"""The console's pages about the trail, its exports, and what vouches for it."""

from audit.admin import chain, exports, scheduled_jobs, trail

__all__ = ["chain", "exports", "scheduled_jobs", "trail"]
