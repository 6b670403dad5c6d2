"""What production demands of the environment, beyond values that can be read.

Each demand returns what is wrong, starting with the variable's name, or nothing; no text shows a value. The first
line of its docstring stands in the operators' documentation.
"""

import zlib
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from config.settings.environment import Environment
from config.settings.vault_demands import key_service_is_complete, vault_key_is_strong

Demand = Callable[[Environment], Iterator[str]]

SECRET_KEY_LENGTH = 50
SECRET_KEY_SUBSTANCE = 40  # bytes that are left of it when zlib has taken out what repeats
METRICS_TOKEN_LENGTH = 32


def problems(environment: Environment) -> list[str]:
    """Everything that production refuses to start with."""
    return [problem for demand in DEMANDS for problem in demand(environment)]


def secret_key_is_strong(environment: Environment) -> Iterator[str]:
    """`SECRET_KEY` has 50 characters or more and does not repeat itself."""
    if environment.secret_key is None:
        yield "SECRET_KEY: is missing"
        return
    key = environment.secret_key.get_secret_value().encode()
    if len(key) < SECRET_KEY_LENGTH:
        yield f"SECRET_KEY: is shorter than {SECRET_KEY_LENGTH} characters"
    elif len(zlib.compress(key, 9)) < SECRET_KEY_SUBSTANCE:
        yield "SECRET_KEY: repeats itself; `openssl rand -base64 48` makes a good one"


def services_are_named(environment: Environment) -> Iterator[str]:
    """`DATABASE_URL`, `REDIS_URL` and `EMAIL_URL` are set: nothing is embedded, and mails must reach people."""
    for name in ("database_url", "redis_url", "email_url"):
        if getattr(environment, name) is None:
            yield f"{name.upper()}: is missing"


def addresses_are_https(environment: Environment) -> Iterator[str]:
    """`PUBLIC_URL` and `GOOGLE_SERVER_URL` are `https://…`, and so are the other providers' and Kite's, where set."""
    for name in ("public_url", "google_server_url", "kite_api_url", "kite_login_url"):
        url = getattr(environment, name)
        if url is not None and urlsplit(url).scheme != "https":
            yield f"{name.upper()}: must start with https://"
    for provider in environment.sign_in_providers:
        if provider.server_url and urlsplit(provider.server_url).scheme != "https":
            yield f"SIGN_IN_PROVIDERS: the server_url of {provider.id} must start with https://"


def hosts_are_named(environment: Environment) -> Iterator[str]:
    """`ALLOWED_HOSTS` names our own hosts: not the default, and no `*`."""
    if "allowed_hosts" not in environment.model_fields_set:
        yield "ALLOWED_HOSTS: is missing"
    elif any(host in {"*", "."} for host in environment.allowed_hosts):
        yield "ALLOWED_HOSTS: must not let every host in"
    elif not environment.allowed_hosts:
        yield "ALLOWED_HOSTS: is empty"


def metrics_token_is_strong(environment: Environment) -> Iterator[str]:
    """`METRICS_TOKEN`, if it is set, has 32 characters or more."""
    token = environment.metrics_token
    if token is not None and len(token.get_secret_value()) < METRICS_TOKEN_LENGTH:
        yield f"METRICS_TOKEN: is shorter than {METRICS_TOKEN_LENGTH} characters"


DEMANDS: list[Demand] = [
    secret_key_is_strong,
    vault_key_is_strong,
    key_service_is_complete,
    services_are_named,
    addresses_are_https,
    hosts_are_named,
    metrics_token_is_strong,
]
