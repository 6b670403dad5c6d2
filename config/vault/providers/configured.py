"""The providers as the environment sets them up, each made once a process."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from pydantic import SecretStr

from config.settings.environment import Environment
from config.vault.providers.aws import AWSProvider
from config.vault.providers.base import KeyProvider
from config.vault.providers.local import LocalProvider, decoded, read_private
from config.vault.providers.transit import TransitProvider
from config.vault.providers.transit_login import (
    AppRole,
    GivenToken,
    Login,
    Server,
    TokenFile,
    TokenSource,
)


def provider(name: str, environment: Environment) -> KeyProvider:
    """The provider called `name`. Raises ImproperlyConfigured when its settings do not do, naming them."""
    build = _BUILDERS.get(name)
    if build is None:
        raise ImproperlyConfigured(f"there is no key provider called {name!r}")
    return build(environment)


def refuse_two_keys(environment: Environment) -> None:
    """Raises ImproperlyConfigured when the local key is given twice."""
    if None not in {environment.vault_local_key, environment.vault_local_key_file}:
        raise ImproperlyConfigured("set VAULT_LOCAL_KEY or VAULT_LOCAL_KEY_FILE, not both")


def _local(environment: Environment) -> KeyProvider:
    refuse_two_keys(environment)
    return _made_local(
        environment.vault_local_key,
        environment.vault_local_key_file,
        environment.vault_local_previous_keys,
        environment.vault_local_previous_key_file,
    )


@lru_cache(maxsize=1)
def _made_local(
    key: SecretStr | None,
    file: Path | None,
    previous_keys: SecretStr | None,
    previous_file: Path | None,
) -> LocalProvider:
    texts = previous_keys.get_secret_value().replace(",", " ").split() if previous_keys else []
    if previous_file is not None:
        texts += read_private(previous_file, "VAULT_LOCAL_PREVIOUS_KEY_FILE").split()
    previous = [decoded(text) for text in texts]
    if key is not None:
        return LocalProvider.from_text(key.get_secret_value(), previous=previous)
    if file is not None:
        return LocalProvider.from_file(file, previous=previous)
    raise ImproperlyConfigured("the local vault needs VAULT_LOCAL_KEY or VAULT_LOCAL_KEY_FILE")


def _aws(environment: Environment) -> KeyProvider:
    if environment.vault_aws_key_id is None:
        raise ImproperlyConfigured("the vault in AWS needs VAULT_AWS_KEY_ID")
    return _made_aws(
        environment.vault_aws_key_id,
        environment.vault_aws_region,
        environment.vault_aws_endpoint_url,
        environment.kms_timeout,
        environment.kms_attempts,
    )


@lru_cache(maxsize=1)
def _made_aws(
    key_id: str, region: str | None, endpoint_url: str | None, timeout: float, attempts: int
) -> AWSProvider:
    return AWSProvider(
        key_id=key_id,
        region=region,
        endpoint_url=endpoint_url,
        timeout=timeout,
        attempts=attempts,
    )


def _transit(environment: Environment) -> KeyProvider:
    if environment.vault_addr is None:
        raise ImproperlyConfigured("the vault server needs VAULT_ADDR")
    server = Server(
        address=environment.vault_addr,
        namespace=environment.vault_namespace,
        certificates=environment.vault_cacert,
        timeout=environment.kms_timeout,
    )
    return _made_transit(
        server,
        token_source(environment),
        environment.vault_transit_mount,
        environment.vault_transit_key,
        environment.kms_attempts,
    )


@lru_cache(maxsize=1)
def _made_transit(
    server: Server, source: TokenSource, mount: str, key: str, attempts: int
) -> TransitProvider:
    return TransitProvider(login=Login(server, source), mount=mount, key=key, attempts=attempts)


def token_source(environment: Environment) -> TokenSource:
    """Exactly one of the three ways to be known. Raises ImproperlyConfigured."""
    sources: list[TokenSource] = []
    if environment.vault_token is not None:
        sources.append(GivenToken(environment.vault_token.get_secret_value()))
    if environment.vault_token_file is not None:
        sources.append(TokenFile(environment.vault_token_file))
    if environment.vault_role_id is not None and environment.vault_secret_id is not None:
        secret_id = environment.vault_secret_id.get_secret_value()
        sources.append(AppRole(environment.vault_role_id, secret_id))
    if len(sources) != 1:
        raise ImproperlyConfigured(
            "the vault server needs one of VAULT_TOKEN, VAULT_TOKEN_FILE, "
            "and VAULT_ROLE_ID with VAULT_SECRET_ID"
        )
    return sources[0]


_BUILDERS: dict[str, Callable[[Environment], KeyProvider]] = {
    LocalProvider.name: _local,
    AWSProvider.name: _aws,
    TransitProvider.name: _transit,
}
NAMES = frozenset(_BUILDERS)
