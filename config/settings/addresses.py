"""The URLs that settings may hold: which schemes we speak, and what is wrong with one.

Messages never quote the URL: it holds a password.
"""

import re
from urllib.parse import SplitResult, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from config.settings.redis_address import KINDS, redis_address

SCHEMES = {
    "public_url": ("https", "http"),
    "database_url": ("postgresql", "postgres"),
    "database_direct_url": ("postgresql", "postgres"),
    "database_replica_urls": ("postgresql", "postgres"),
    "redis_url": tuple(KINDS),
    "celery_broker_url": (
        *(scheme for scheme, kind in KINDS.items() if kind != "cluster"),
        "amqp",
        "amqps",
    ),
    "email_url": ("smtp", "smtps"),
    "google_server_url": ("https", "http"),
}

OF_POSTGRESQL = {name for name, schemes in SCHEMES.items() if "postgresql" in schemes}

BROKERS = ";"  # between the URLs of one RabbitMQ cluster's nodes

LOOPBACK = ("127.0.0.1", "[::1]", "localhost")
_HTTPS = re.compile(r"https://[a-z0-9.-]+(:[0-9]+)?/[^\s#*\\]*")
_LOOPBACK = re.compile(
    r"http://(127\.0\.0\.1|\[::1\])(:[0-9]+|:\*)?/[^\s#*\\]*|http://localhost(:[0-9]+)?/[^\s#*\\]*"
)
_PRIVATE_USE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:/[^\s#*\\]*")


def check_url(setting: str, url: str) -> SplitResult:
    """The parts of a well-formed `url` with one host for `setting`. Raises ValueError."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL") from None
    _check_scheme(setting, parts.scheme)
    return parts


def check_servers(setting: str, url: str) -> None:
    """Go on with a well-formed `url` for `setting`, of PostgreSQL, Redis or Celery's broker, which may have several
    hosts: those are no URL for `urlsplit`. Raises ValueError.
    """
    scheme = url.partition("://")[0]
    if setting in OF_POSTGRESQL:
        _check_scheme(setting, scheme)
        _check_hosts(url)
    elif scheme in SCHEMES[setting] and KINDS.get(scheme, "server") != "server":
        redis_address(url)
    else:
        for each in url.split(BROKERS) if url.startswith("amqp") else [url]:
            check_url(setting, each)


def _check_scheme(setting: str, scheme: str) -> None:
    schemes = SCHEMES[setting]
    if scheme not in schemes:
        starts = " or ".join(f"{each}://" for each in schemes)
        raise ValueError(f"must start with {starts}")


def _check_hosts(url: str) -> None:
    """Of PostgreSQL, each with a port, as libpq reads them."""
    try:
        for port in str(conninfo_to_dict(url).get("port", "")).split(","):
            _ = int(port or 0)
    except (ValueError, ProgrammingError):
        raise ValueError("is not a URL") from None


def check_redirect_uri(uri: str) -> str:
    """`uri`, if tokens' recipients may be registered by it; raises ValueError.

    `https://host/path`, a private-use scheme with a dot (`com.example.app:/path`, RFC 8252 section 7.1), or plain http
    on the loopback interface, where `*` as the port of an address stands for any (section 7.3). No fragment.
    """
    if not any(kind.fullmatch(uri) for kind in (_HTTPS, _LOOPBACK, _PRIVATE_USE)):
        raise ValueError(
            "holds a redirect URI that is neither https://host/path, nor a private-use scheme with a dot, "
            "nor http on the loopback interface"
        )
    return uri
