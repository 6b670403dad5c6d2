"""The console's pages about people, sessions, keys and clients."""

from accounts.admin import service_client, session, signing_key, user

__all__ = ["service_client", "session", "signing_key", "user"]
