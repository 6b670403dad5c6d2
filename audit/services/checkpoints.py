"""Signs what the chains are: every hour by beat, and whenever somebody asks (ADR 0171)."""

from collections.abc import Sequence
from functools import partial

import structlog
from django.db import transaction
from django.utils import timezone

from audit.chain import keys
from audit.chain.checkpoint_models import AuditCheckpoint, ChainHead, CheckpointSpan
from audit.chain.keys import CheckpointSigner
from audit.chain.merkle import root_of
from audit.chain.models import ChainLink
from audit.chain.statements import BEFORE_THE_FIRST, SignedSpan, Statement, digest_of
from audit.events import CheckpointSigned
from audit.services import chaining
from config import base64url
from config.locking import alone
from events.domain import emit

log = structlog.get_logger(__name__)

LOCK = "audit.checkpoints"
MOST_ROWS = 65_536  # of one checkpoint; a proof reads all of its hashes


def sign_all(*, most_rows: int = MOST_ROWS) -> list[AuditCheckpoint]:
    """Chain what waits, and make checkpoints until they have told of every row: one at the least, for one that tells
    of nothing new still says that nothing has gone. Raises VaultUnavailableError."""
    chaining.chain_waiting()
    made = [sign_next(most_rows=most_rows)]
    while ChainHead.objects.untold().exists():
        made.append(sign_next(most_rows=most_rows))
    return made


def sign_next(*, most_rows: int = MOST_ROWS) -> AuditCheckpoint:
    """The next checkpoint, of `most_rows` at most. Raises VaultUnavailableError."""
    while True:
        signer = keys.signer()
        with transaction.atomic():
            alone(LOCK)
            if signer.is_active():
                return _signed(_next_statement(most_rows), signer)


def replace_key() -> str:
    """Sign with another key from now on; its `kid`. Raises VaultUnavailableError."""
    new = keys.prepared()
    with transaction.atomic():
        alone(LOCK)
        keys.replace(new)
    return new.kid


def _next_statement(most_rows: int) -> Statement:
    last = AuditCheckpoint.objects.first()
    return Statement(
        number=last.number + 1 if last else 1,
        previous=digest_of(last.statement) if last else BEFORE_THE_FIRST,
        made_at=timezone.now(),
        spans=_new_spans(most_rows),
    )


def _new_spans(most_rows: int) -> list[SignedSpan]:
    """What heads have that no checkpoint has told of, and from now on this one has."""
    spans, room = [], most_rows
    for head in ChainHead.objects.untold().order_by("day", "shard").select_for_update():
        if not room:
            break
        last = min(head.position, head.told + room)
        span = _span(head, last)
        spans.append(span)
        room -= span.rows
        head.told = last
        head.save(update_fields=["told"])
    return spans


def _span(head: ChainHead, last: int) -> SignedSpan:
    links = ChainLink.objects.filter(
        day=head.day, shard=head.shard, position__gt=head.told, position__lte=last
    ).order_by("position")
    hashes = [
        (bytes(row), bytes(chain)) for row, chain in links.values_list("row_hash", "chain_hash")
    ]
    return SignedSpan(
        day=head.day,
        shard=head.shard,
        first=head.told + 1,
        last=last,
        root=root_of([row for row, _ in hashes]),
        head=hashes[-1][1] if hashes else bytes(head.chain_hash),
    )


def _signed(statement: Statement, signer: CheckpointSigner) -> AuditCheckpoint:
    text = statement.text()
    checkpoint = AuditCheckpoint.objects.create(
        number=statement.number,
        kid=signer.kid,
        rows=statement.rows,
        statement=text,
        signature=signer.sign(text),
    )
    CheckpointSpan.objects.bulk_create(_span_rows(checkpoint, statement.spans))
    emit(
        CheckpointSigned(
            checkpoint_id=checkpoint.public_id,
            number=checkpoint.number,
            kid=signer.kid,
            statement=text,
            signature=base64url.encode(bytes(checkpoint.signature)),
        )
    )
    note = partial(
        log.info, "audit_checkpoint_signed", number=checkpoint.number, rows=checkpoint.rows
    )
    transaction.on_commit(note)
    return checkpoint


def _span_rows(checkpoint: AuditCheckpoint, spans: Sequence[SignedSpan]) -> list[CheckpointSpan]:
    return [
        CheckpointSpan(
            checkpoint=checkpoint, day=span.day, shard=span.shard, first=span.first, last=span.last
        )
        for span in spans
    ]
