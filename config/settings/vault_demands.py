"""What production demands of the vault's settings; see `config.settings.demands`."""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from config.private_files import is_exposed
from config.settings.environment import Environment

KEY_LENGTH = 32
KEY_VARIETY = 20  # different bytes; 32 random ones have 30, and fewer than this never


def vault_key_is_strong(environment: Environment) -> Iterator[str]:
    """With `VAULT_PROVIDER=local`, `VAULT_LOCAL_KEY` or a private file has 32 random bytes in base64."""
    key, path = environment.vault_local_key, environment.vault_local_key_file
    if key is not None:
        yield from _key("VAULT_LOCAL_KEY", key.get_secret_value())
    elif path is not None:
        yield from _key_file("VAULT_LOCAL_KEY_FILE", path)
    elif environment.vault_provider == "local":
        yield "VAULT_LOCAL_KEY or VAULT_LOCAL_KEY_FILE: is missing"


def key_service_is_complete(environment: Environment) -> Iterator[str]:
    """`VAULT_PROVIDER=aws` has its key and `vault` its address and one way to log in; their addresses are `https://…`."""
    if environment.vault_provider == "aws" and environment.vault_aws_key_id is None:
        yield "VAULT_AWS_KEY_ID: is missing"
    if environment.vault_provider == "vault":
        if environment.vault_addr is None:
            yield "VAULT_ADDR: is missing"
        if _ways_to_log_in(environment) != 1:
            yield (
                "VAULT_TOKEN, VAULT_TOKEN_FILE, or VAULT_ROLE_ID with VAULT_SECRET_ID: "
                "one of the three is needed, and only one"
            )
    for name in ("vault_addr", "vault_aws_endpoint_url"):
        url = getattr(environment, name)
        if url is not None and urlsplit(url).scheme != "https":
            yield f"{name.upper()}: must start with https://"


def _ways_to_log_in(environment: Environment) -> int:
    role = environment.vault_role_id is not None and environment.vault_secret_id is not None
    given = (environment.vault_token is not None, environment.vault_token_file is not None, role)
    return sum(given)


def _key_file(name: str, path: Path) -> Iterator[str]:
    try:
        if is_exposed(path.stat()):
            yield f"{name}: others than its owner may use it; set its mode to 0600"
        yield from _key(name, path.read_text())
    except (OSError, UnicodeDecodeError):
        yield f"{name}: cannot be read"


def _key(name: str, text: str) -> Iterator[str]:
    try:
        key = b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_LENGTH:
        yield f"{name}: is not {KEY_LENGTH} bytes in base64; `openssl rand -base64 32` makes them"
    elif len(set(key)) < KEY_VARIETY:
        yield f"{name}: is not random; `openssl rand -base64 32` makes a good one"
