"""The console's pages about roles, grants and policies."""

from authz.admin import decision, grant, policy, role

__all__ = ["decision", "grant", "policy", "role"]
