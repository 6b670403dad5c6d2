"""The proof that a row is in the trail that was signed, for those who trust the key and not our database."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from audit.chain.checkpoint_models import AuditCheckpoint, CheckpointSpan
from audit.chain.hashes import PERSONAL_TEXT, PUBLIC_TEXT
from audit.chain.merkle import Step, path_of
from audit.chain.models import ChainLink
from audit.chain.statements import Statement
from audit.errors import AuditEventNotFoundError, NotSignedYetError

TEXTS = f"SELECT {PUBLIC_TEXT}, {PERSONAL_TEXT} FROM audit_authevent e WHERE e.event_id = %s"  # noqa: S608 - ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`public` and `commitment` make the leaf; `path` leads from it to the root in the checkpoint's statement. `salt`
    and `personal` open the commitment; they are None once the person is erased."""

    public: str
    commitment: bytes
    salt: bytes | None
    personal: str | None
    path: list[Step]
    checkpoint: AuditCheckpoint


def prove(event_id: UUID) -> Proof:
    """Raises AuditEventNotFoundError, NotSignedYetError."""
    public, personal = _texts(event_id)
    link = ChainLink.objects.filter(event_id=event_id).first()
    span = _span_of(link) if link is not None else None
    if link is None or span is None:
        raise NotSignedYetError
    salt = bytes(link.salt) if link.salt is not None else None
    return Proof(
        public=public,
        commitment=bytes(link.commitment),
        salt=salt,
        personal=None if salt is None else personal,
        path=_path(link, span),
        checkpoint=span.checkpoint,
    )


def _texts(event_id: UUID) -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(TEXTS, [event_id])
        row = cursor.fetchone()
    if row is None:
        raise AuditEventNotFoundError
    public, personal = row
    return public, personal


def _span_of(link: ChainLink) -> CheckpointSpan | None:
    return (
        CheckpointSpan.objects.select_related("checkpoint")
        .filter(day=link.day, shard=link.shard, first__lte=link.position, last__gte=link.position)
        .first()
    )


def _path(link: ChainLink, span: CheckpointSpan) -> list[Step]:
    """Through the tree of the span, and then through that of the checkpoint, whose leaves are the roots of spans."""
    leaves = ChainLink.objects.filter(
        day=span.day, shard=span.shard, position__gte=span.first, position__lte=span.last
    ).order_by("position")
    within = path_of(
        [bytes(each) for each in leaves.values_list("row_hash", flat=True)],
        link.position - span.first,
    )
    spans = Statement.read(span.checkpoint.statement).spans
    places = [(each.day, each.shard, each.first) for each in spans]
    at = places.index((span.day, span.shard, span.first))
    return within + path_of([each.root for each in spans], at)
