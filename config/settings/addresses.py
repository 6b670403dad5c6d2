"""The URLs that settings may hold: which schemes we speak, and what is wrong with one.

Messages never quote the URL: it holds a password.
"""

from urllib.parse import SplitResult, urlsplit

SCHEMES = {
    "public_url": ("https", "http"),
    "database_url": ("postgresql", "postgres"),
    "redis_url": ("redis", "rediss", "unix"),
    "celery_broker_url": ("redis", "rediss", "unix", "amqp", "amqps"),
    "email_url": ("smtp", "smtps"),
}


def check_url(setting: str, url: str) -> SplitResult:
    """The parts of a well-formed `url` for `setting`. Raises ValueError."""
    schemes = SCHEMES[setting]
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL") from None
    if parts.scheme not in schemes:
        starts = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ValueError(f"must start with {starts}")
    return parts
