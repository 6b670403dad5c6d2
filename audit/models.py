"""The trail: one row for each thing that happened, written once and never changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit import lookups  # noqa: F401 - registers `in_network`
from audit.chain.checkpoint_models import (  # noqa: F401 - where Django looks for models
    AuditCheckpoint,
    ChainHead,
    CheckpointKey,
    CheckpointSpan,
)
from audit.chain.daily_models import DailyCount  # noqa: F401
from audit.chain.models import (  # noqa: F401 - where Django looks for models
    AuditVerification,
    ChainLink,
    UnchainedEvent,
)
from audit.exports.models import ExportJob, ExportPart  # noqa: F401
from audit.networks import Network
from audit.searches.models import SavedSearch  # noqa: F401 - where Django looks for models
from audit.types import ActorType, AuditType, OCSFClass, Outcome
from config.ids import new_uuid, parse_public_id, public_id

NOTABLE_RISK = 30  # scores from here on have an index of their own
LONGEST_FINGERPRINT, LONGEST_USER_AGENT = 128, 512  # characters that are kept
NEWEST_FIRST = ("-occurred_at", "-event_id")
MOST_MERGED = 16  # types whose newest rows are looked up one type at a time

# Of several types the newest rows: by the index of each type, since no index has all of them in the order of time.
MERGED = """
    SELECT found.* FROM unnest(%s::text[]) AS kind(name) CROSS JOIN LATERAL ({newest}) AS found
     ORDER BY found.occurred_at DESC, found.event_id DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the trail: just behind the row with these two."""

    occurred_at: datetime
    event_id: UUID


class AuthEventQuerySet(models.QuerySet["AuthEvent"]):
    _types: tuple[str, ...] = ()

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]
        copy._types = self._types
        return copy

    def newest_first(self) -> Self:
        return self.order_by(*NEWEST_FIRST)

    def newest(self, limit: int) -> "list[AuthEvent]":
        """The newest `limit` rows. Of a few types it reads that many of each at the most, however rare they are."""
        rows = self.newest_first()
        if not 1 < len(self._types) <= MOST_MERGED:
            return list(rows[:limit])
        each = rows.extra(where=['"audit_authevent"."event_type" = kind.name'])[:limit]
        newest, terms = each.query.sql_with_params()
        merged = MERGED.format(newest=newest)
        return list(self.model._base_manager.raw(merged, [list(self._types), *terms, limit]))

    def after(self, position: Position) -> Self:
        """What comes behind `position`, newest first. The first condition is what lets PostgreSQL skip partitions."""
        return self.filter(occurred_at__lte=position.occurred_at).filter(
            Q(occurred_at__lt=position.occurred_at) | Q(event_id__lt=position.event_id)
        )

    def for_user(self, user_id: str) -> Self:
        """Rows about this person, by public id."""
        return self.filter(subject_user_id=user_id)

    def but_looks_of_staff(self) -> Self:
        """What happened to an account, and not who of the staff read of it (ADR 0201)."""
        return self.exclude(event_type=AuditType.CONSOLE_VIEWED)

    def of_types(self, types: Collection[AuditType]) -> Self:
        rows = self.filter(event_type__in=sorted(types))
        rows._types = tuple(sorted(types))
        return rows

    def since(self, moment: datetime) -> Self:
        """From `moment` on, it included."""
        return self.filter(occurred_at__gte=moment)

    def until(self, moment: datetime) -> Self:
        """Before `moment`, it not included."""
        return self.filter(occurred_at__lt=moment)

    def from_network(self, network: Network) -> Self:
        """From an address of the network; a network of one address is that address."""
        if network.num_addresses == 1:
            return self.filter(ip=str(network.network_address))
        return self.filter(ip__in_network=str(network))

    def in_session(self, session_id: str) -> Self:
        return self.filter(session_id=session_id)

    def with_outcome(self, outcome: Outcome) -> Self:
        return self.filter(outcome=outcome)

    def with_risk(self, lowest: int) -> Self:
        """Rows whose risk was assessed at `lowest` or more."""
        return self.filter(risk_score__gte=lowest)


class AuthEvent(models.Model):
    """One thing that happened. People, sessions and clients are named by public id, so that rows outlive them.

    The table is partitioned by month of `occurred_at` and refuses UPDATE, DELETE and TRUNCATE (ADR 0042, 0043). Its
    primary key in the database is (event_id, occurred_at): a partitioned table cannot have another.
    """

    PREFIX = "evt"

    event_id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    occurred_at = models.DateTimeField(_("time"))
    event_type = models.CharField(_("type"), max_length=64)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    actor_type = models.CharField(_("actor"), max_length=16, choices=ActorType.choices)
    actor_id = models.CharField(_("actor id"), max_length=128, blank=True)
    subject_user_id = models.CharField(_("person"), max_length=64, blank=True)
    session_id = models.CharField(_("session"), max_length=64, blank=True)
    client_id = models.CharField(_("client"), max_length=128, blank=True)
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    asn = models.BigIntegerField(_("network (AS number)"), null=True, blank=True)
    device_fingerprint = models.CharField(_("device"), max_length=LONGEST_FINGERPRINT, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=LONGEST_USER_AGENT, blank=True)
    risk_score = models.SmallIntegerField(_("risk"), null=True, blank=True)
    risk_signals = models.JSONField(_("risk signals"), default=list, blank=True)
    request_id = models.CharField(_("request"), max_length=128, blank=True)
    metadata = models.JSONField(_("details"), default=dict, blank=True)

    objects = AuthEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="authevent_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(actor_type__in=ActorType.values), name="authevent_actor_type_known"
            ),
            models.CheckConstraint(
                condition=Q(event_type__regex=r"^[a-z_]+(\.[a-z_]+)+$"), name="authevent_type_shape"
            ),
            models.CheckConstraint(
                condition=Q(risk_score__isnull=True) | Q(risk_score__range=(0, 100)),
                name="authevent_risk_score_range",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=NEWEST_FIRST, name="authevent_by_time"),
            models.Index(
                # The last two narrow within the index, before a row is read.
                fields=["subject_user_id", *NEWEST_FIRST, "ip", "risk_score"],
                condition=~Q(subject_user_id=""),
                name="authevent_of_user",
            ),
            models.Index(
                fields=["event_type", *NEWEST_FIRST, "risk_score"], name="authevent_of_type"
            ),
            models.Index(
                fields=["ip", *NEWEST_FIRST], condition=Q(ip__isnull=False), name="authevent_by_ip"
            ),
            models.Index(
                fields=["session_id", *NEWEST_FIRST],
                condition=~Q(session_id=""),
                name="authevent_by_session",
            ),
            models.Index(
                fields=[*NEWEST_FIRST, "risk_score"],
                condition=Q(risk_score__gte=NOTABLE_RISK),
                name="authevent_by_risk",
            ),
            models.Index(
                fields=NEWEST_FIRST,
                condition=Q(outcome=Outcome.FAILURE),
                name="authevent_failures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.public_id}"

    @property
    def public_id(self) -> str:
        """The same as the id of the CloudEvent that told of it, where there was one."""
        return public_id(self.PREFIX, self.event_id)

    @classmethod
    def parse_id(cls, text: str) -> UUID | None:
        """The key inside a public id, or None when `text` is not an id of an event."""
        return parse_public_id(cls.PREFIX, text)

    @property
    def position(self) -> Position:
        return Position(self.occurred_at, self.event_id)

    @property
    def ocsf_class(self) -> OCSFClass | None:
        """None for a type that a newer release wrote."""
        try:
            return AuditType(self.event_type).ocsf_class  # type: ignore[call-arg]
        except ValueError:
            return None
