"""E-mail and IP addresses, shortened: enough to see a pattern, too little to find the person."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

KEPT_BITS = {4: 24, 6: 48}

# The local part: any letters of the world, and no character that often stands beside an address.
_LOCAL = r"""[^\s@<>()\[\]{}|,;:"'`=/\\&?*]"""
_WORD = re.compile(rf"({_LOCAL}){_LOCAL}*+(@[\w-]++(?:\.[\w-]++)++(?!@))?")
_IPV4 = re.compile(
    r"(?<![\w.])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:/(\d{1,3})(?!\w))?(?!\w|\.\d)"
)
_IPV6 = re.compile(
    r"(?<![\w:.])([0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]++)(?:%\w{1,16})?(?:/(\d{1,3}))?(?!\w)"
)


def redact_personal(text: str) -> str:
    """`asha@example.com` becomes `a***@example.com`, 203.0.113.7 becomes 203.0.113.0/24, 2001:db8::7 its /48."""
    if "@" in text:
        text = _WORD.sub(lambda word: f"{word[1]}***{word[2]}" if word[2] else word[0], text)
    if text.count(".") >= 3:
        text = _IPV4.sub(_network, text)
    if "::" in text or text.count(":") > 6:
        text = _IPV6.sub(_network, text)
    return text


def _network(found: re.Match[str]) -> str:
    written = found[1]
    address = _parse(written) or _parse(written := written.rstrip(".:"))
    if address is None or address.is_loopback or address.is_unspecified:
        return found[0]
    punctuation = found[1][len(written) :]
    kept, given = KEPT_BITS[address.version], found[2]
    if given is None or int(given) > address.max_prefixlen:
        rest = "" if given is None else f"/{given}"
        return f"{ip_network((address, kept), strict=False)}{punctuation}{rest}"
    return str(ip_network((address, min(kept, int(given))), strict=False))


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
