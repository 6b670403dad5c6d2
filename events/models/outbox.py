"""The outbox: events that are true and have yet to be told."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Min, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel

Aggregate = tuple[str, str]  # type and public id
LONGEST_ERROR = 300
EMPTIED: dict[str, Any] = {"erased": True}  # the data of an event whose person was erased


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """What waits to be sent. `oldest_age` is in seconds, 0 when nothing waits."""

    pending: int
    oldest_age: float


class OutboxQuerySet(models.QuerySet["OutboxEvent"]):
    def pending(self) -> Self:
        """Committed, not yet on the stream, and not set aside."""
        return self.filter(sent_at__isnull=True, sequence__isnull=False, set_aside_at__isnull=True)

    def set_aside(self) -> Self:
        """Refused by Redis again and again, and in nobody's way any more."""
        return self.filter(set_aside_at__isnull=False)

    def undelivered(self) -> Self:
        """Those that no webhook has a delivery of: nobody needs what they carry any more."""
        return self.filter(deliveries=None)

    def sent(self) -> Self:
        return self.filter(sent_at__isnull=False)

    def unemptied(self) -> Self:
        """Those that still say what they said."""
        return self.exclude(data=EMPTIED)

    def sent_no_later(self, moment: datetime, *, than: UUID) -> Self:
        """What comes behind the row `than`, sent at `moment`, when the last is first."""
        return self.filter(sent_at__lte=moment).filter(Q(sent_at__lt=moment) | Q(id__lt=than))

    def sent_before(self, moment: datetime) -> Self:
        return self.filter(sent_at__lt=moment)

    def between(self, begin: datetime, end: datetime) -> Self:
        """Those that happened from `begin` on and before `end`."""
        return self.filter(created_at__gte=begin, created_at__lt=end)

    def kept(self) -> Self:
        """Locked against deletion until the transaction ends."""
        return self.select_for_update(no_key=True, skip_locked=True, of=("self",))

    def in_order(self) -> Self:
        return self.order_by("sequence")

    def claim(self, limit: int) -> Self:
        """The oldest pending rows that no other relay holds, locked until the transaction ends."""
        return self.pending().in_order().select_for_update(skip_locked=True)[:limit]

    def oldest_left_out(self, claimed: "Collection[OutboxEvent]") -> dict[Aggregate, int]:
        """Of the aggregates in `claimed`: the lowest sequence that is pending and not claimed, by aggregate."""
        left = (
            self.pending()
            .filter(
                aggregate_id__in={row.aggregate_id for row in claimed},
                sequence__lt=max(row.sequence or 0 for row in claimed),
            )
            .exclude(id__in=[row.id for row in claimed])
            .values("aggregate_type", "aggregate_id")
            .annotate(oldest=Min("sequence"))
            .values_list("aggregate_type", "aggregate_id", "oldest")
        )
        return {(kind, name): oldest for kind, name, oldest in left}

    def backlog(self) -> Backlog:
        """How many are pending, and how old the oldest of them is."""
        found = self.pending().aggregate(rows=Count("id"), oldest=Min("created_at"))
        age = (timezone.now() - found["oldest"]).total_seconds() if found["oldest"] else 0.0
        return Backlog(pending=found["rows"], oldest_age=max(0.0, age))

    def mark_sent(self, ids: Collection[UUID]) -> int:
        """Note that these are on the stream; returns how many."""
        return self.filter(id__in=ids).update(
            sent_at=Now(), attempts=F("attempts") + 1, error="", updated_at=Now()
        )

    def mark_failed(self, ids: Collection[UUID], error: str) -> int:
        """Note a try that did not get through; they stay pending."""
        return self.filter(id__in=ids).update(
            attempts=F("attempts") + 1, error=error[:LONGEST_ERROR], updated_at=Now()
        )

    def mark_refused(self, ids: Collection[UUID], error: str) -> None:
        """Note that Redis takes others and not these; they are set aside after so many tries."""
        self.mark_failed(ids, error)
        self.filter(
            id__in=ids, sent_at=None, attempts__gte=settings.ENVIRONMENT.relay_attempts
        ).update(set_aside_at=Now())

    def send_again(self, ids: Collection[UUID]) -> int:
        """Put sent ones back in line, in front of what came later; returns how many."""
        return self.filter(id__in=ids).update(sent_at=None, updated_at=Now())

    def try_again(self) -> int:
        """Put those that were set aside back in line; returns how many."""
        return self.set_aside().update(set_aside_at=None, attempts=0, updated_at=Now())


class OutboxEvent(IdentifiedModel):
    """One event for the outside. The key is the event's id, so it stays the same however often it is sent.

    `sequence` is given by the database at commit, under a lock on the aggregate: within an aggregate it rises in
    the order of the commits (ADR 0040). It is NULL only inside the transaction that wrote the row.
    """

    PREFIX = "evt"

    event_type = models.CharField(
        _("type"), max_length=100, help_text=_("With its version: user.created.v1")
    )
    channel = models.CharField(_("channel"), max_length=100)
    aggregate_type = models.CharField(_("aggregate"), max_length=50)
    aggregate_id = models.CharField(_("aggregate id"), max_length=100)
    sequence = models.BigIntegerField(_("sequence"), null=True, editable=False)
    data = models.JSONField(_("data"))
    traceparent = models.CharField(_("trace"), max_length=55, blank=True)
    request_id = models.CharField(_("request"), max_length=128, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    error = models.CharField(_("last error"), max_length=LONGEST_ERROR, blank=True)
    set_aside_at = models.DateTimeField(_("set aside"), null=True, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("outbox")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(event_type="")
                & ~Q(channel="")
                & ~Q(aggregate_type="")
                & ~Q(aggregate_id=""),
                name="outbox_event_is_addressed",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(sequence__isnull=False),
                name="outbox_sent_in_sequence",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(set_aside_at__isnull=True),
                name="outbox_sent_or_set_aside",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["sequence"], condition=Q(sent_at__isnull=True), name="outbox_pending"
            ),
            models.Index(
                fields=["id"], condition=Q(sequence__isnull=True), name="outbox_unsequenced"
            ),
            models.Index(fields=["aggregate_id", "sequence"], name="outbox_by_aggregate"),
            models.Index(
                fields=["sent_at"], condition=Q(sent_at__isnull=False), name="outbox_sent"
            ),
            models.Index(
                fields=["set_aside_at"],
                condition=Q(set_aside_at__isnull=False),
                name="outbox_set_aside",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.public_id}"

    @property
    def aggregate(self) -> Aggregate:
        return self.aggregate_type, self.aggregate_id
