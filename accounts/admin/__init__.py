"""The console's pages about people, sessions, keys and clients."""

from accounts.admin import api_key, reset_request, service_client, session, signing_key, user

__all__ = ["api_key", "reset_request", "service_client", "session", "signing_key", "user"]
