"""One sync of one account: planned, under way, or how it ended."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel

if TYPE_CHECKING:
    from trading.models.account import TradingAccount


class SyncTrigger(models.TextChoices):
    REQUEST = "request", _("somebody who uses the account")
    STAFF = "staff", _("staff")
    SCHEDULE = "schedule", _("the clock")
    COMMAND = "command", _("a command")


class SyncOutcome(models.TextChoices):
    """How a sync ended. `ADVICE` has what to do about it."""

    SUCCEEDED = "succeeded", _("succeeded")
    UNAVAILABLE = "unavailable", _("the broker did not answer")
    THROTTLED = "throttled", _("the broker was too busy")
    CIRCUIT_OPEN = "circuit_open", _("not asked: the broker was not answering anybody")
    RATE_LIMITED = "rate_limited", _("not asked: too many requests were waiting for this API key")
    REFUSED = "refused", _("the broker refused")
    SESSION_ENDED = "session_ended", _("the login at the broker had ended")
    NOT_USABLE = "not_usable", _("the account could not be used")
    VAULT_UNAVAILABLE = "vault_unavailable", _("the vault was away")
    SKIPPED = "skipped", _("another sync of the account was under way")
    ABANDONED = "abandoned", _("its worker died")
    FAILED = "failed", _("something went wrong on our side")


ADVICE = {
    SyncOutcome.SUCCEEDED: "",
    SyncOutcome.UNAVAILABLE: _(
        "Nothing to do: it is tried again by itself. You can also sync now."
    ),
    SyncOutcome.THROTTLED: _(
        "Nothing to do: it is tried again by itself. You can also sync later."
    ),
    SyncOutcome.CIRCUIT_OPEN: _("Nothing to do: it is tried again when the broker answers."),
    SyncOutcome.RATE_LIMITED: _("Sync again in a minute."),
    SyncOutcome.REFUSED: _("Check the app's permissions at the broker, then sync now."),
    SyncOutcome.SESSION_ENDED: _("Log in at the broker again."),
    SyncOutcome.NOT_USABLE: _("Look at the account's status: it says what it needs."),
    SyncOutcome.VAULT_UNAVAILABLE: _("Nothing to do: it is tried again by itself."),
    SyncOutcome.SKIPPED: _("Nothing to do: the other sync brings the same."),
    SyncOutcome.ABANDONED: _("Nothing to do: it is tried again by itself. You can also sync now."),
    SyncOutcome.FAILED: _("Tell the platform's support, with the id of this sync."),
}

# What of a snapshot may differ from the one before.
PARTS = ("name", "email", "exchanges", "products", "order_types", "margins")


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def queued(self) -> Self:
        return self.filter(started_at__isnull=True, ended_at__isnull=True)

    def due(self, at: datetime, *, except_at: Collection[str] = ()) -> Self:
        """Those that wait to be done and may be begun at that time, but for accounts at these brokers."""
        due = self.queued().filter(due_at__lte=at)
        return due.exclude(account__broker__in=except_at) if except_at else due

    def running(self) -> Self:
        return self.filter(started_at__isnull=False, ended_at__isnull=True)

    def lapsed(self, at: datetime) -> Self:
        """Running ones whose worker has held them for longer than any sync takes."""
        return self.running().filter(lease_expires_at__lte=at)

    def held(self, at: datetime) -> Self:
        """Running ones that a worker has in hand, as far as one can tell at that time."""
        return self.running().filter(lease_expires_at__gt=at)

    def of_job(self, job_id: UUID) -> Self:
        return self.filter(job_id=job_id)

    def settled(self) -> Self:
        """Those that ended and whose account is not tried again for it."""
        return self.filter(ended_at__isnull=False).exclude(outcome=SyncOutcome.ABANDONED)


class SyncRun(IdentifiedModel):
    """Queued while `started_at` is empty, running until `ended_at`, ended with an `outcome`.

    While it runs, its worker holds it until `lease_expires_at`. One account has one running sync, which the database
    sees to. `reason` is a word of ours about what the broker did, never the broker's.
    """

    PREFIX = "syn"

    account: "models.ForeignKey[TradingAccount, TradingAccount]" = models.ForeignKey(
        "trading.TradingAccount",
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="sync_runs",
        db_index=False,
    )
    job = models.ForeignKey(
        "jobs.Job",
        verbose_name=_("job"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    trigger = models.CharField(_("asked for by"), max_length=16, choices=SyncTrigger.choices)
    due_at = models.DateTimeField(_("due"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    lease_expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=24, choices=SyncOutcome.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    changed = models.JSONField(_("changed"), default=list, blank=True)

    objects: ClassVar[SyncRunQuerySet] = SyncRunQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("sync")
        verbose_name_plural = _("syncs")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(started_at=None, lease_expires_at=None)
                | Q(started_at__isnull=False, ended_at=None, lease_expires_at__isnull=False)
                | Q(ended_at__isnull=False, lease_expires_at=None),
                name="sync_run_held_while_running",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="")
                | Q(ended_at__isnull=False, outcome__in=SyncOutcome.values),
                name="sync_run_outcome_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(trigger__in=SyncTrigger.values), name="sync_run_trigger_known"
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(started_at__isnull=False, ended_at=None),
                name="sync_run_one_running",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-id"], name="sync_run_by_account"),
            models.Index(fields=["job", "outcome"], name="sync_run_by_job"),
            models.Index(
                fields=["due_at"],
                condition=Q(started_at=None, ended_at=None),
                name="sync_run_queued",
            ),
            # The dashboard counts weeks of them by outcome, from the index alone.
            models.Index(fields=["created_at"], include=["outcome"], name="sync_run_by_time"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def duration(self) -> float | None:
        """Seconds, once it has ended; None for one that was never begun."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()

    @property
    def advice(self) -> str:
        """What there is to do about it, for a person; empty when there is nothing to say."""
        return str(ADVICE[SyncOutcome(self.outcome)]) if self.outcome else ""
