"""One event on its way to one endpoint, and each try of it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel
from events.models.outbox import OutboxEvent
from events.models.webhook import Webhook

LONGEST_EXCERPT = 200


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("waiting")
    DELIVERED = "delivered", _("delivered")
    DEAD = "dead", _("dead letter")


class DeliveryQuerySet(FoundByPublicId, models.QuerySet["WebhookDelivery"]):
    def pending(self) -> Self:
        return self.filter(state=DeliveryState.PENDING)

    def dead(self) -> Self:
        return self.filter(state=DeliveryState.DEAD)

    def finished(self) -> Self:
        return self.exclude(state=DeliveryState.PENDING)

    def finished_before(self, moment: datetime) -> Self:
        return self.filter(finished_at__lt=moment)

    def under_way(self, moment: datetime) -> Self:
        """In the hands of a dispatcher."""
        return self.pending().filter(leased_until__gt=moment)

    def due(self, moment: datetime) -> Self:
        """To be tried now, by whoever takes it."""
        return (
            self.pending()
            .filter(next_attempt_at__lte=moment)
            .filter(Q(leased_until=None) | Q(leased_until__lte=moment))
        )

    def given_up(self, moment: datetime) -> Self:
        """Past their time and in nobody's hands: those of an endpoint that is disabled or left alone."""
        return self.due(moment).filter(give_up_at__lte=moment)

    def between(self, begin: datetime, end: datetime) -> Self:
        """Those of events that happened from `begin` on and before `end`."""
        return self.filter(event__created_at__gte=begin, event__created_at__lt=end)

    def lease(self, ids: Collection[UUID], *, lease: UUID, until: datetime) -> None:
        self.filter(pk__in=ids).update(lease=lease, leased_until=until)

    def put_back(self, lease: UUID) -> None:
        """Let go of what was taken under `lease`: it is due as it was."""
        self.filter(lease=lease).update(lease=None, leased_until=None)

    def start_again(self, moment: datetime, *, retry_for: timedelta) -> int:
        """Have each tried from now on as if it were new; returns how many."""
        return self.update(
            state=DeliveryState.PENDING,
            next_attempt_at=moment,
            give_up_at=moment + retry_for,
            retries=0,
            finished_at=None,
            lease=None,
            leased_until=None,
            updated_at=moment,
        )


class WebhookDelivery(IdentifiedModel):
    """Receivers know it by the id of its event, which stays the same at every try.

    A dispatcher that takes it holds it until `leased_until`, under a `lease` of its own. `attempts` counts all tries,
    `retries` the failed ones since it was made or replayed.
    """

    PREFIX = "dlv"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(
        _("state"), max_length=9, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    retries = models.PositiveIntegerField(default=0, editable=False)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    give_up_at = models.DateTimeField(_("tried until"))
    lease = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True)
    status = models.PositiveSmallIntegerField(_("last status"), null=True)
    error = models.CharField(_("last error"), max_length=20, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["webhook", "event"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.PENDING, finished_at=None)
                | (~Q(state=DeliveryState.PENDING) & Q(finished_at__isnull=False)),
                name="webhook_delivery_finished_or_pending",
            ),
            models.CheckConstraint(
                condition=Q(lease=None, leased_until=None)
                | Q(state=DeliveryState.PENDING, lease__isnull=False, leased_until__isnull=False),
                name="webhook_delivery_lease_whole",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["webhook", "next_attempt_at"],
                condition=Q(state=DeliveryState.PENDING),
                name="webhook_delivery_due",
            ),
            models.Index(
                fields=["webhook", "leased_until"],
                condition=Q(leased_until__isnull=False),
                name="webhook_delivery_leased",
            ),
            models.Index(fields=["webhook", "-id"], name="webhook_delivery_log"),
            models.Index(
                fields=["finished_at"],
                condition=Q(finished_at__isnull=False),
                name="webhook_delivery_finished",
            ),
            models.Index(
                fields=["webhook"],
                condition=Q(state=DeliveryState.DEAD),
                name="webhook_delivery_dead",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class WebhookAttempt(IdentifiedModel):
    """One try: the status of the answer or what kept one from coming, and how long it took.

    `excerpt` is the beginning of an answer that was a refusal, with secrets taken out: enough to see what a receiver
    complains of, never its body.
    """

    PREFIX = "att"

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="log")
    number = models.PositiveIntegerField(_("attempt"))
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    error = models.CharField(_("error"), max_length=20, blank=True)
    duration_ms = models.PositiveIntegerField(_("milliseconds"))
    excerpt = models.CharField(_("answer begins"), max_length=LONGEST_EXCERPT, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return self.public_id
