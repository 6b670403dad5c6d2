"""What the chains keep of months that are gone."""

from audit.chain.models import ChainLink, UnchainedEvent
from audit.services import partitions


def forget_expired_links(*, batch_size: int = 10_000) -> int:
    """Delete the links of days before the oldest month that is kept, whose rows went with their month; how many.

    What still waited for a place then waits no more.
    """
    UnchainedEvent.objects.filter(occurred_at__lt=partitions.oldest_kept().start).delete()
    total = 0
    while True:
        oldest = partitions.oldest_kept().start.date()
        old = ChainLink.objects.filter(day__lt=oldest).order_by("day").values_list("pk", flat=True)
        deleted, _ = ChainLink.objects.filter(pk__in=list(old[:batch_size])).delete()
        total += deleted
        if deleted < batch_size:
            return total
