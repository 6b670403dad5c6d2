"""After the key-encryption key has changed: every data key under the one that wraps now.

Each row is a statement of its own, so whoever stops half-way leaves rows that open under the old key and rows that
open under the new one, and whoever goes on takes those that are left. What is sealed is not touched: the KEK is no part
of what authenticates it.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.http.principal import Principal
from config.jobs import kinds
from config.jobs import services as jobs
from config.jobs.models import Job
from config.vault import alarms, kms
from config.vault.errors import OpenFailedError
from config.vault.models import DataKey, DataKeyQuerySet

KIND = kinds.named("vault.rewrap", _("re-wrapping of data keys"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a run is. `overtaken` were changed by others meanwhile: shredded, or wrapped by another run.
    `refused` do not open, whoever asks: each is logged, audited, and left as it is. `left` are still to be looked at.
    """

    rewrapped: int = 0
    overtaken: int = 0
    refused: int = 0
    left: int = 0

    @property
    def looked_at(self) -> int:
        return self.rewrapped + self.overtaken + self.refused


Report = Callable[[Progress], None]


def pending() -> int:
    """How many data keys are under another key than the current one, or an older version of it.

    Raises VaultUnavailableError.
    """
    return DataKey.objects.live().not_under(kms.current()).count()


def rewrap_all(*, report: Report = lambda _: None, seconds: float = math.inf) -> Progress:
    """Look at every data key that is not under the current KEK, oldest first, and `report` after every batch. After
    `seconds` no further batch is begun.

    Safe beside sealing, shredding and another run. Raises VaultUnavailableError, after which it can be called again;
    whatever `report` raises stops it as well.
    """
    rows = DataKey.objects.live().not_under(kms.current())
    progress, until = Progress(left=rows.count()), time.monotonic() + seconds
    report(progress)
    for batch in _in_batches(rows.order_by("pk").values_list("pk", flat=True)):
        for key_id in batch:
            progress = _counted(progress, _rewrap(rows, key_id))
        report(progress)
        if time.monotonic() >= until:
            return progress
    return replace(progress, left=0)


def enqueue(*, owner: Principal | None) -> Job:
    """Have the workers do it; the job tells how far they are."""
    from config.vault.tasks import rewrap_data_keys  # noqa: PLC0415 - which needs this module

    return jobs.enqueue(kind=KIND, task=rewrap_data_keys, owner=owner, arguments={})


def as_result(progress: Progress) -> dict[str, Any]:
    return asdict(progress)


def _in_batches(ids: Any) -> Iterator[list[UUID]]:
    """Page by page and by key, so that no cursor stays open while the key service is asked."""
    size, after = settings.ENVIRONMENT.rewrap_batch_size, None
    while True:
        page = ids if after is None else ids.filter(pk__gt=after)
        batch = list(page[:size])
        if not batch:
            return
        yield batch
        after = batch[-1]


def _rewrap(rows: DataKeyQuerySet, key_id: UUID) -> str:
    """What became of it: a field of Progress. Raises VaultUnavailableError."""
    row = rows.filter(pk=key_id).first()
    if row is None:
        return "overtaken"
    try:
        wrapped = kms.rewrap(row.as_wrapped(), subject=row.subject)
    except OpenFailedError as error:
        alarms.noted(error, place=f"the data key {row.public_id}")
        return "refused"
    changed = (
        DataKey.objects.live()
        .under(row.kek)
        .filter(pk=key_id, wrapped=row.wrapped)
        .update(
            provider=wrapped.kek.provider,
            kek_id=wrapped.kek.id,
            kek_version=wrapped.kek.version,
            wrapped=wrapped.ciphertext,
            updated_at=timezone.now(),
        )
    )
    return "rewrapped" if changed else "overtaken"


def _counted(progress: Progress, outcome: str) -> Progress:
    return replace(
        progress,
        **{outcome: getattr(progress, outcome) + 1},
        left=max(progress.left - 1, 0),
    )
