"""The key management service in use: chosen by the environment, every call timed and counted."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from pydantic import SecretStr

from config.settings.environment import Environment
from config.vault import metrics
from config.vault.errors import OpenFailedError, VaultUnavailableError
from config.vault.providers.base import KeyProvider, WrappedKey
from config.vault.providers.local import LocalProvider
from config.vault.subjects import KeySubject

log = structlog.get_logger(__name__)


def provider() -> KeyProvider:
    """The provider that `VAULT_PROVIDER` names. Raises ImproperlyConfigured when its settings do not do."""
    environment = settings.ENVIRONMENT
    refuse_two_keys(environment)
    return _local(environment.vault_local_key, environment.vault_local_key_file)


def refuse_two_keys(environment: Environment) -> None:
    """Raises ImproperlyConfigured when the local key is given twice."""
    if None not in {environment.vault_local_key, environment.vault_local_key_file}:
        raise ImproperlyConfigured("set VAULT_LOCAL_KEY or VAULT_LOCAL_KEY_FILE, not both")


@lru_cache(maxsize=1)
def _local(key: SecretStr | None, file: Path | None) -> LocalProvider:
    if key is not None:
        return LocalProvider.from_text(key.get_secret_value())
    if file is not None:
        return LocalProvider.from_file(file)
    raise ImproperlyConfigured("the local vault needs VAULT_LOCAL_KEY or VAULT_LOCAL_KEY_FILE")


def wrap(key: bytes, *, subject: KeySubject) -> tuple[str, WrappedKey]:
    """The name of the provider and the wrapped key. Raises VaultUnavailableError."""
    with _measured("wrap"):
        service = provider()
        return service.name, service.wrap(key, context=subject.canonical)


def unwrap(wrapped: WrappedKey, *, subject: KeySubject) -> bytes:
    """The data key. Raises VaultUnavailableError, OpenFailedError."""
    with _measured("unwrap"):
        return provider().unwrap(wrapped, context=subject.canonical)


@contextmanager
def _measured(operation: str) -> Iterator[None]:
    name = settings.ENVIRONMENT.vault_provider
    started = time.perf_counter()
    outcome = "unavailable"
    try:
        yield
        outcome = "success"
    except OpenFailedError:
        outcome = "refused"
        raise
    except ImproperlyConfigured as error:
        log.error("vault.misconfigured", reason=str(error))  # noqa: TRY400 - its text is ours and says it all
        raise VaultUnavailableError from None
    except VaultUnavailableError as error:
        log.error("vault.unavailable", operation=operation, reason=error.detail)  # noqa: TRY400 - the same
        raise
    finally:
        elapsed = time.perf_counter() - started
        metrics.KMS_REQUESTS.labels(name, operation, outcome).inc()
        metrics.KMS_REQUEST_DURATION.labels(name, operation).observe(elapsed)
