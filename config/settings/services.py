"""Django's settings for static files, the cache and mail."""

from typing import Any
from urllib.parse import unquote

from config.settings.addresses import check_url

# Static files have the hash of their content in their name, so browsers may keep them for ever.
STATIC_STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}


# On the process's one connection to Redis, under a prefix of their own
CACHES = {
    "default": {
        "BACKEND": "config.redis.cache.SharedRedisCache",
        "KEY_PREFIX": "gatehouse:cache",
    }
}


def email(url: str) -> dict[str, Any]:
    """The EMAIL_… settings for `smtp://user:password@host:port` (STARTTLS) or `smtps://` (TLS from the start)."""
    parts = check_url("email_url", url)
    implicit = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if implicit else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit,
        "EMAIL_USE_TLS": not implicit,
        "EMAIL_TIMEOUT": 10,
    }
