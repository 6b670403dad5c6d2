"""The console's pages about roles, grants and policies."""

from authz.admin import grant, policy, role

__all__ = ["grant", "policy", "role"]
