"""What the chains keep of months that are gone."""

from django.db.models import Exists, OuterRef

from audit.chain.models import ChainLink, UnchainedEvent
from audit.models import AuthEvent
from audit.services import partitions


def forget_expired_links(*, batch_size: int = 10_000) -> int:
    """Delete the links of days before the oldest month that is kept, whose rows went with their month; how many. Rows
    that are still there, in a chunk that reaches into that month, keep theirs.

    What still waited for a place then waits no more.
    """
    UnchainedEvent.objects.filter(occurred_at__lt=partitions.oldest_kept().start).delete()
    total = 0
    row = AuthEvent.objects.filter(
        event_id=OuterRef("event_id"), occurred_at=OuterRef("occurred_at")
    )
    while True:
        oldest = partitions.oldest_kept().start.date()
        gone = ChainLink.objects.filter(~Exists(row), day__lt=oldest)
        old = gone.order_by("day").values_list("pk", flat=True)
        deleted, _ = ChainLink.objects.filter(pk__in=list(old[:batch_size])).delete()
        total += deleted
        if deleted < batch_size:
            return total
