"""How many rows each day has of each kind."""

from datetime import date
from typing import ClassVar, TypedDict

from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from audit.chain.hashes import SHARDS
from audit.types import Outcome


class OfADay(TypedDict):
    """What one day has of one type and outcome."""

    day: date
    event_type: str
    outcome: str
    events: int


class DailyCountQuerySet(models.QuerySet["DailyCount"]):
    def between(self, first: date, last: date) -> "DailyCountQuerySet":
        """The days from `first` to `last`, both included."""
        return self.filter(day__range=(first, last))

    def summed(self) -> "models.QuerySet[DailyCount, OfADay]":
        """A row for each day, type and outcome that there was, in that order."""
        kinds = self.order_by("day", "event_type", "outcome").values("day", "event_type", "outcome")
        return kinds.annotate(events=Sum("events"))


class DailyCount(models.Model):
    """How many rows of one type and outcome a shard of the trail has of a day (UTC). Whoever chains rows counts them in
    the same transaction (ADR 0193)."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField(_("day"))
    event_type = models.CharField(_("type"), max_length=64)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    shard = models.SmallIntegerField(_("shard"))
    events = models.BigIntegerField(_("events"))

    objects = DailyCountQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["day", "event_type", "outcome", "shard"], name="audit_daily_count_once"
            ),
            models.CheckConstraint(
                condition=Q(events__gte=1) & Q(shard__range=(0, SHARDS - 1)),
                name="audit_daily_count_of_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.event_type} {self.outcome}: {self.events}"
