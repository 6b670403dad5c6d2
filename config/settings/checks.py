"""What can be wrong between settings that are each right alone. Registered by `config.devstack.apps`."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.http.request import validate_host


@register
def public_url_is_a_host_of_ours(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[CheckMessage]:
    """`gatehouse.E001`: links that we send would be answered with 400."""
    host = urlsplit(settings.ENVIRONMENT.public_url).hostname or ""
    bracketed = f"[{host}]" if ":" in host else host
    if validate_host(bracketed, settings.ALLOWED_HOSTS):
        return []
    return [
        Error(
            "PUBLIC_URL names a host that is not in ALLOWED_HOSTS.",
            hint="Add the host of PUBLIC_URL to ALLOWED_HOSTS.",
            id="gatehouse.E001",
        )
    ]


@register
def passkeys_belong_to_our_domain(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[CheckMessage]:
    """`gatehouse.E006`: browsers would refuse every passkey."""
    environment = settings.ENVIRONMENT
    hosts = [urlsplit(environment.public_url).hostname or ""]
    hosts += [urlsplit(origin).hostname or "" for origin in environment.passkey_origins]
    domain = environment.passkey_rp_id or hosts[0]
    if all(f".{host}".endswith(f".{domain}") for host in hosts):
        return []
    return [
        Error(
            "PASSKEY_RP_ID is not the domain of PUBLIC_URL and of each of PASSKEY_ORIGINS, or one above it.",
            hint="For https://id.example.com it is id.example.com or example.com.",
            id="gatehouse.E006",
        )
    ]


@register
def idle_sessions_end_before_old_ones(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[CheckMessage]:
    """`gatehouse.E002`: a limit that never comes into play is a mistake in one of the two."""
    environment = settings.ENVIRONMENT
    if environment.refresh_idle_lifetime <= environment.refresh_absolute_lifetime:
        return []
    return [
        Error(
            "REFRESH_IDLE_LIFETIME is longer than REFRESH_ABSOLUTE_LIFETIME.",
            hint="A session must be able to end from idleness before it ends from age.",
            id="gatehouse.E002",
        )
    ]


@register
def signing_keys_live_longer_than_caches(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[CheckMessage]:
    """`gatehouse.E003`: the next key would have to sign before others can have seen it."""
    environment = settings.ENVIRONMENT
    if environment.jwks_max_age < environment.signing_key_lifetime:
        return []
    return [
        Error(
            "JWKS_MAX_AGE is not shorter than SIGNING_KEY_LIFETIME.",
            hint="A new key is published for JWKS_MAX_AGE before it replaces one of SIGNING_KEY_LIFETIME.",
            id="gatehouse.E003",
        )
    ]
