"""How the chains stand, shard by shard: what has its place, what is signed, what was found at the last look."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Sum

from audit.chain.checkpoint_models import AuditCheckpoint, ChainHead
from audit.chain.hashes import SHARDS
from audit.chain.models import AuditVerification, UnchainedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardState:
    """`rows` are those of `day`, the last that the shard has a chain of; of `unsigned` ones, which have a place, no
    checkpoint tells; those that are `waiting` have no place."""

    shard: int
    day: date | None
    rows: int
    unsigned: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    shards: tuple[ShardState, ...]
    checkpoint: AuditCheckpoint | None
    verification: AuditVerification | None


def chain_state() -> ChainState:
    """Read from what checkpoints and verifications left; nothing is verified now."""
    newest = {
        head.shard: head for head in ChainHead.objects.order_by("shard", "-day").distinct("shard")
    }
    unsigned = ChainHead.objects.untold().order_by().values_list("shard")
    behind = dict(unsigned.annotate(rows=Sum(F("position") - F("told"))))
    waiting = dict(UnchainedEvent.objects.order_by().values_list("shard").annotate(Count("pk")))
    return ChainState(
        shards=tuple(
            ShardState(
                shard=shard,
                day=newest[shard].day if shard in newest else None,
                rows=newest[shard].position if shard in newest else 0,
                unsigned=behind.get(shard, 0),
                waiting=waiting.get(shard, 0),
            )
            for shard in range(SHARDS)
        ),
        checkpoint=AuditCheckpoint.objects.first(),
        verification=AuditVerification.objects.first(),
    )
