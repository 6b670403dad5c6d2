"""Where events are delivered to whoever cannot reach Redis."""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel
from config.vault.fields import SealedField
from config.vault.subjects import KeySubject

URL_LENGTH = 500
DESCRIPTION_LENGTH = 200
OWNER_LENGTH = 64  # of a client id
PLATFORM = ""  # the owner of those that staff made


class DisabledReason(models.TextChoices):
    """Why nothing is delivered."""

    ASKED = "asked", _("somebody asked for it")
    GONE = "gone", _("the endpoint says that it is gone (410)")
    FAILING = "failing", _("it failed for too long")


class WebhookQuerySet(FoundByPublicId, models.QuerySet["Webhook"]):
    def owned_by(self, owner: str) -> Self:
        return self.filter(owner=owner)

    def enabled(self) -> Self:
        return self.filter(disabled_reason="")

    def enabled_and_kept(self) -> "list[Webhook]":
        """Those that are enabled, none of which can be deleted before the transaction ends; changing them can."""
        return list(
            self.model.objects.raw(
                "SELECT * FROM events_webhook WHERE disabled_reason = '' FOR KEY SHARE"
            )
        )

    def by_state(self) -> dict[str, int]:
        """How many are enabled, paused for a while, and disabled."""
        return self.aggregate(
            enabled=Count("pk", filter=Q(disabled_reason="") & ~Q(paused_until__gt=Now())),
            paused=Count("pk", filter=Q(disabled_reason="", paused_until__gt=Now())),
            disabled=Count("pk", filter=~Q(disabled_reason="")),
        )

    def with_dead_letters(self) -> Self:
        """Each with `dead`: how many of its deliveries were given up and not replayed."""
        from events.models.webhook_delivery import WebhookDelivery  # noqa: PLC0415 - it points here

        given_up = WebhookDelivery.objects.dead().filter(webhook=OuterRef("pk")).order_by()
        counted = given_up.values("webhook").annotate(n=Count("pk")).values("n")
        return self.annotate(dead=Coalesce(Subquery(counted), 0))

    def locked(self) -> Self:
        """Held against other changes, while deliveries to it may still be made."""
        return self.select_for_update(no_key=True)

    def with_work(self, moment: datetime, *, owners: Collection[str], most: int) -> Self:
        """Those of `owners` that have a delivery due, and fewer than `most` under way."""
        from events.models.webhook_delivery import WebhookDelivery  # noqa: PLC0415 - it points here

        own = WebhookDelivery.objects.filter(webhook=OuterRef("pk")).order_by()
        under_way = own.under_way(moment).values("webhook").annotate(n=Count("pk")).values("n")
        return (
            self.enabled()
            .filter(Q(paused_until=None) | Q(paused_until__lte=moment), owner__in=owners)
            .filter(Exists(own.due(moment)))
            .alias(busy=Coalesce(Subquery(under_way), 0))
            .filter(busy__lt=most)
        )

    def reset_circuit(self, key: UUID) -> None:
        """Note that an endpoint works; nothing is written when nobody doubted it."""
        self.filter(pk=key).exclude(failures=0, paused_until=None).update(
            failures=0, failing_since=None, paused_until=None
        )


class Webhook(IdentifiedModel):
    """One endpoint of `owner` (a client id; empty for the platform's own) and the types of events that it wants.

    `event_types` holds full types (`user.created.v1`) and prefixes (`user.*`); empty means all. `failures` counts those
    in a row, `failing_since` is the first of them; until `paused_until` nothing is sent.
    """

    PREFIX = "whk"

    owner = models.CharField(_("client"), max_length=OWNER_LENGTH, blank=True)
    url = models.CharField(_("address"), max_length=URL_LENGTH)
    description = models.CharField(_("description"), max_length=DESCRIPTION_LENGTH, blank=True)
    event_types = ArrayField(
        models.CharField(max_length=100), verbose_name=_("types"), blank=True, default=list
    )
    secret = SealedField()
    previous_secret = SealedField(null=True)
    previous_secret_until = models.DateTimeField(_("former secret signs until"), null=True)
    disabled_reason = models.CharField(
        _("disabled because"), max_length=8, choices=DisabledReason.choices, blank=True
    )
    disabled_at = models.DateTimeField(_("disabled"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    paused_until = models.DateTimeField(_("left alone until"), null=True)

    dead: int  # what the queryset's step `with_dead_letters` brings along

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(url__startswith="https://"), name="webhook_url_is_https"
            ),
            models.CheckConstraint(
                condition=Q(disabled_reason="", disabled_at=None)
                | (~Q(disabled_reason="") & Q(disabled_at__isnull=False)),
                name="webhook_disabled_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(previous_secret=None, previous_secret_until=None)
                | Q(previous_secret__isnull=False, previous_secret_until__isnull=False),
                name="webhook_former_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since=None)
                | Q(failures__gt=0, failing_since__isnull=False),
                name="webhook_failing_since_the_first",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner"], name="webhook_by_owner"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def key_subject(self) -> KeySubject:
        return KeySubject("webhook", self.public_id)

    @property
    def is_enabled(self) -> bool:
        return not self.disabled_reason

    def wants(self, event_type: str) -> bool:
        """Whether its filter lets `event_type` through."""
        return not self.event_types or any(
            event_type.startswith(wanted[:-1]) if wanted.endswith(".*") else event_type == wanted
            for wanted in self.event_types
        )
