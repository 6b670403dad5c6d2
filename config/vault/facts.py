"""Which data keys wait to be wrapped again: for metrics and the console."""

import threading
import time
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count
from prometheus_client.metrics_core import Metric

from config.telemetry.metrics import fact
from config.vault import kms
from config.vault.errors import VaultUnavailableError
from config.vault.models import DataKey
from config.vault.providers.base import KEK


class _CurrentKEK:
    """What the key service said last, asked again after `kek_lookup_lifetime` or when another service is set."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kek: KEK | None = None
        self._asked_at = 0.0

    def __call__(self) -> KEK:
        environment = settings.ENVIRONMENT
        with self._lock:
            now = time.monotonic()
            if (
                self._kek is None
                or self._kek.provider != environment.vault_provider
                or now - self._asked_at >= environment.kek_lookup_lifetime
            ):
                self._kek = kms.current()
                self._asked_at = now
            return self._kek


# Raises VaultUnavailableError.
current_kek = _CurrentKEK()


def vault_facts() -> Iterator[Metric]:
    """How many live data keys are under another key-encryption key than the current one. Nothing is told while the
    key service does not say which that is.
    """
    try:
        kek = current_kek()
    except VaultUnavailableError:
        return
    rows = DataKey.objects.live().not_under(kek).order_by()
    counts = {kek.provider: 0} | dict(rows.values_list("provider").annotate(Count("pk")))
    yield fact(
        "rewrap_pending",
        "Data keys that are not under the current key-encryption key, by the service that holds theirs",
        ["provider"],
        [((provider,), number) for provider, number in counts.items()],
    )
