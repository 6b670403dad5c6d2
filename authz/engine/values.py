"""The types of the language: string, number, boolean, list. Nothing is ever converted to fit."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from authz.engine.outcomes import Unknown

# By exact type, so that True is no number.
KINDS: dict[type, str] = {str: "string", int: "number", float: "number", bool: "boolean"}
LISTS = (list, tuple, set, frozenset)

# RFC 3339 section 5.6, with capital letters.
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Orderable = int | float | datetime


def kind_of(value: Any) -> str | None:
    """`string`, `number` or `boolean`; None for what is no scalar."""
    return KINDS.get(value.__class__)


def equal(one: Any, other: Any) -> bool | Unknown:
    """Whether two scalars of one type are the same; of two types nothing can be said."""
    kind = KINDS.get(one.__class__)
    if kind is None or KINDS.get(other.__class__) is not kind:
        return Unknown.WRONG_TYPE
    return bool(one == other)


def tagged(items: Iterable[Any]) -> tuple[set[tuple[str, Any]], set[str | None]]:
    """The scalars of a list as (kind, value), which sets keep apart where Python would not, and all the kinds."""
    scalars: set[tuple[str, Any]] = set()
    kinds: set[str | None] = set()
    for item in items:
        kind = KINDS.get(item.__class__)
        kinds.add(kind)
        if kind is not None:
            scalars.add((kind, item))
    return scalars, kinds


def moment(value: Any) -> datetime | None:
    """The aware time that an RFC 3339 string names, or None."""
    if not isinstance(value, str) or MOMENT.fullmatch(value) is None:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def orderable(value: Any) -> Orderable | None:
    """What has an order: a number, or the time that a string names. None for everything else."""
    if KINDS.get(value.__class__) == "number":
        number: int | float = value
        return number
    return moment(value)


@lru_cache(maxsize=4096)
def address(text: str) -> Address | None:
    """The IP address in `text`, an IPv4 address in IPv6 clothes as what it is; or None."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


@lru_cache(maxsize=4096)
def network(text: str) -> Network | None:
    """The network in CIDR form, or None. Bits beyond the prefix are an error, not a rounding."""
    try:
        return ip_network(text)
    except ValueError:
        return None
