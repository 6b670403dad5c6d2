"""Django's and Celery's settings for Redis and mail, each made from a URL."""

from typing import Any
from urllib.parse import parse_qsl, unquote

from config.settings.addresses import check_url

# A cache that is slower than this is worse than none.
REDIS_CONNECT_TIMEOUT, REDIS_TIMEOUT = 0.5, 1.0  # seconds

# Static files have the hash of their content in their name, so browsers may keep them for ever.
STATIC_STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}


def caches(redis_url: str) -> dict[str, Any]:
    """CACHES on the one Redis, under a prefix of their own."""
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis_url,
            "KEY_PREFIX": "gatehouse:cache",
            "OPTIONS": {
                "socket_connect_timeout": REDIS_CONNECT_TIMEOUT,
                "socket_timeout": REDIS_TIMEOUT,
            },
        }
    }


def celery_broker(url: str) -> str:
    """CELERY_BROKER_URL. Kombu spells a Unix socket in its own way; the rest is as it is."""
    parts = check_url("celery_broker_url", url)
    if parts.scheme != "unix":
        return url
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number}"


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
