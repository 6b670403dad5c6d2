"""What a service client may look like: the faults of one, each at its field."""

import re
import secrets
from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_network

from django.utils.text import slugify

from accounts.models import ServiceClient
from accounts.models.service_client import (
    CLIENT_ID,
    CLIENT_ID_LENGTH,
    NAME_LENGTH,
    ServiceScope,
)
from accounts.services import client_jwks
from accounts.services.client_jwks import KeySetError
from config.http.outbound import BadUrlError, target_of
from config.http.problems import FieldError

SUFFIX_BYTES = 5
MOST_NETWORKS = 50
MOST_CERTIFICATES = 5
WIDEST = {4: 8, 6: 16}  # a network that holds more binds to nothing much
THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


def faults(client: ServiceClient) -> Iterator[FieldError]:
    """Everything that keeps `client` from being saved."""
    rules: tuple[Callable[[ServiceClient], Iterator[FieldError]], ...] = (_naming, _keys, _binding)
    for rule in rules:
        yield from rule(client)


def canonical_networks(networks: Iterable[str]) -> list[str]:
    """Sorted, each once, in the one way of writing it; what is no network stays as it is, for `faults` to find."""
    return sorted({_canonical(network) for network in networks})


def id_from(name: str) -> str:
    """An id made from the name, like no other: it ends in eight random characters."""
    suffix = b32encode(secrets.token_bytes(SUFFIX_BYTES)).decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", slugify(name)).strip("-")
    stem = words if words[:1].isalpha() else f"client-{words}"
    return f"{stem[: CLIENT_ID_LENGTH - len(suffix) - 1].strip('-')}-{suffix}"


def _naming(client: ServiceClient) -> Iterator[FieldError]:
    if not client.name or len(client.name) > NAME_LENGTH or not client.name.isprintable():
        yield FieldError("name", "invalid", f"1 to {NAME_LENGTH} printable characters.")
    if len(client.client_id) > CLIENT_ID_LENGTH or not re.fullmatch(CLIENT_ID, client.client_id):
        yield FieldError(
            "client_id", "invalid", "Words of lower-case letters and digits, with a - between them."
        )
    if not client.scopes:
        yield FieldError("scopes", "required", "At least one scope.")
    for scope in client.scopes:
        if scope not in ServiceScope.values:
            yield FieldError("scopes", "unknown", f"There is no scope {scope} for services.")


def _keys(client: ServiceClient) -> Iterator[FieldError]:
    if client.jwks is not None and client.jwks_url:
        yield FieldError("jwks_url", "conflict", "Keys are registered here or at a URL, not both.")
    if client.jwks is not None:
        try:
            client_jwks.read_strictly(client.jwks)
        except KeySetError as error:
            yield FieldError("jwks", "invalid", str(error))
    if client.jwks_url:
        try:
            target_of(client.jwks_url)
        except BadUrlError:
            yield FieldError("jwks_url", "invalid", "An https:// URL of at most 500 characters.")


def _binding(client: ServiceClient) -> Iterator[FieldError]:
    if len(client.networks) > MOST_NETWORKS:
        yield FieldError("networks", "too_many", f"At most {MOST_NETWORKS} networks.")
    for text in client.networks:
        try:
            network = ip_network(text)
        except ValueError:
            yield FieldError("networks", "invalid", "A network such as 10.1.0.0/16 is written so.")
            continue
        if network.prefixlen < WIDEST[network.version]:
            yield FieldError("networks", "too_wide", f"At most a /{WIDEST[network.version]}.")
    if len(client.certificates) > MOST_CERTIFICATES:
        yield FieldError("certificates", "too_many", f"At most {MOST_CERTIFICATES} certificates.")
    if not all(THUMBPRINT.fullmatch(thumbprint) for thumbprint in client.certificates):
        yield FieldError(
            "certificates", "invalid", "A SHA-256 thumbprint in base64url, 43 characters."
        )


def _canonical(network: str) -> str:
    try:
        return str(ip_network(network.strip()))
    except ValueError:
        return network
