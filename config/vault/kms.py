"""The key management services: one wraps, as the environment says; each unwraps what it wrapped. Every call is timed
and counted.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config.vault import metrics
from config.vault.errors import OpenFailedError, VaultUnavailableError
from config.vault.providers import configured
from config.vault.providers.base import KEK, KeyProvider, WrappedKey
from config.vault.subjects import KeySubject

log = structlog.get_logger(__name__)


def provider(name: str = "") -> KeyProvider:
    """The provider called `name`, or the one that `VAULT_PROVIDER` names.

    Raises ImproperlyConfigured when its settings do not do.
    """
    environment = settings.ENVIRONMENT
    return configured.provider(name or environment.vault_provider, environment)


def current() -> KEK:
    """The key-encryption key that wraps now. Raises VaultUnavailableError."""
    name = settings.ENVIRONMENT.vault_provider
    with _measured("describe", name):
        return provider(name).current()


def wrap(key: bytes, *, subject: KeySubject) -> WrappedKey:
    """Raises VaultUnavailableError."""
    name = settings.ENVIRONMENT.vault_provider
    with _measured("wrap", name):
        return provider(name).wrap(key, context=subject.canonical)


def unwrap(wrapped: WrappedKey, *, subject: KeySubject) -> bytes:
    """The data key, by the service that wrapped it. Raises VaultUnavailableError, OpenFailedError."""
    name = wrapped.kek.provider
    with _measured("unwrap", name):
        return provider(name).unwrap(wrapped, context=subject.canonical)


def rewrap(wrapped: WrappedKey, *, subject: KeySubject) -> WrappedKey:
    """The same data key under the current key; without showing it where the same service holds both.

    Raises VaultUnavailableError, OpenFailedError.
    """
    name = settings.ENVIRONMENT.vault_provider
    if wrapped.kek.provider != name:
        return wrap(unwrap(wrapped, subject=subject), subject=subject)
    with _measured("rewrap", name):
        return provider(name).rewrap(wrapped, context=subject.canonical)


@contextmanager
def _measured(operation: str, name: str) -> Iterator[None]:
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
        raise VaultUnavailableError(str(error)) from None
    except VaultUnavailableError as error:
        log.error("vault.unavailable", operation=operation, reason=error.reason)  # noqa: TRY400 - the same
        raise
    finally:
        elapsed = time.perf_counter() - started
        metrics.KMS_REQUESTS.labels(_known(name), operation, outcome).inc()
        metrics.KMS_REQUEST_DURATION.labels(_known(name), operation).observe(elapsed)


def _known(name: str) -> str:
    """What a tampered row says makes no new label."""
    return name if name in configured.NAMES else "unknown"
