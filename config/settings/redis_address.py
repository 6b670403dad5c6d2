"""REDIS_URL, taken apart: one server, the Sentinels that know which one is in charge, or a cluster.

Messages never quote the URL: it holds a password.
"""

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

Kind = Literal["server", "sentinel", "cluster"]

# What the field writes; with `rediss` the servers, and the Sentinels too, are spoken to over TLS.
KINDS: dict[str, Kind] = {
    "redis": "server",
    "rediss": "server",
    "unix": "server",
    "redis+sentinel": "sentinel",
    "rediss+sentinel": "sentinel",
    "redis+cluster": "cluster",
    "rediss+cluster": "cluster",
}
PORTS: dict[Kind, int] = {"server": 6379, "sentinel": 26379, "cluster": 6379}
SEVERAL_HOSTS = re.compile(
    r"(?P<scheme>[^:/]+://)(?P<user>[^/?#]*@)?(?P<hosts>[^/?#@]*)(?P<rest>[/?#].*)?", re.DOTALL
)
SENTINEL_OPTION = "sentinel_"  # how the options start that are for the Sentinels alone


@dataclass(frozen=True, kw_only=True)
class RedisAddress:
    """`server` is a URL of one server, whose host counts for a single server alone: it says how to speak to each of
    them (user, password, database, TLS, options). `sentinel` says the same of the Sentinels.
    """

    kind: Kind
    server: str = field(repr=False)
    sentinel: str = field(default="", repr=False)
    nodes: tuple[tuple[str, int], ...] = ()
    service: str = ""


def redis_address(url: str) -> RedisAddress:
    """Of `redis://`, `rediss://` or `unix://` as redis-py reads them, of
    `redis+sentinel://user:password@host:26379,host2:26379/service/0?sentinel_password=…`, or of
    `redis+cluster://user:password@host:6379,host2:6379`. Raises ValueError.
    """
    scheme = url.partition("://")[0]
    kind = KINDS.get(scheme)
    if kind is None:
        starts = " or ".join(f"{scheme}://" for scheme in KINDS)
        raise ValueError(f"must start with {starts}")
    if kind == "server":
        _parts(url)
        return RedisAddress(kind=kind, server=url)
    user, hosts, rest = _cut(url)
    nodes = tuple(_node(host, PORTS[kind]) for host in hosts.split(","))
    service, database = _path(kind, rest)
    ours, theirs = _options(rest.query)
    transport = scheme.partition("+")[0]
    return RedisAddress(
        kind=kind,
        server=f"{transport}://{user}host/{database}?{ours}",
        sentinel=f"{transport}://host?{theirs}",
        nodes=nodes,
        service=service,
    )


def _cut(url: str) -> tuple[str, str, SplitResult]:
    """`user:password@` or nothing, the hosts with their commas, and the rest, whose host says nothing.

    Taken apart before it is read as a URL: several hosts are none, which `urlsplit` says where one is of IPv6.
    """
    found = SEVERAL_HOSTS.fullmatch(url)
    if found is None:
        raise ValueError("is not a URL")
    return (
        found["user"] or "",
        found["hosts"],
        _parts(f"{found['scheme']}host{found['rest'] or ''}"),
    )


def _path(kind: Kind, parts: SplitResult) -> tuple[str, str]:
    """The name of the service, and the number of the database."""
    path = parts.path.strip("/")
    if kind == "cluster":
        if path not in {"", "0"}:
            raise ValueError("must name no database but 0: a cluster has no other")
        return "", "0"
    service, _, database = path.partition("/")
    if not service:
        raise ValueError("must name the service: redis+sentinel://host:26379/service/0")
    if not (database or "0").isdecimal():
        raise ValueError("must end with the number of a database")
    return unquote(service), database or "0"


def _options(query: str) -> tuple[str, str]:
    """Those for the servers, and those for the Sentinels: how to trust a certificate is for both."""
    each = [part for part in query.split("&") if part]
    theirs = [part for part in each if part.startswith(SENTINEL_OPTION)]
    ours = [part for part in each if part not in theirs]
    trust = [part for part in ours if part.startswith("ssl_")]
    named = [part.removeprefix(SENTINEL_OPTION) for part in theirs]
    return "&".join(ours), "&".join([*trust, *named])


def _node(text: str, port: int) -> tuple[str, int]:
    parts = _parts(f"//{text}")
    if not parts.hostname:
        raise ValueError("must name its hosts, with commas between")
    return parts.hostname, parts.port or port


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL") from None
    return parts
