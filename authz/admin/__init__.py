"""The console's pages about roles, grants and policies."""

from authz.admin import case, decision, draft, grant, policy, role

__all__ = ["case", "decision", "draft", "grant", "policy", "role"]
