"""An account at a broker, as its owner linked it."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel
from config.vault.subjects import KeySubject
from trading.brokers.registry import broker_choices, broker_names
from trading.models.account_key import ACCOUNT_PREFIX, account_key
from trading.models.credential import CredentialVersion
from trading.models.membership import Membership, Permission

if TYPE_CHECKING:
    from accounts.models import User


class AccountStatus(models.TextChoices):
    """Only `trading.services.transitions` moves an account from one to another."""

    PENDING_LOGIN = "pending_login", _("waiting for the first login")
    ACTIVE = "active", _("active")
    DEGRADED = "degraded", _("active, but the broker does not answer")
    REAUTH_REQUIRED = "reauth_required", _("login needed")
    INVALID = "invalid", _("credentials refused")
    SUSPENDED = "suspended", _("suspended")
    DISCONNECTING = "disconnecting", _("being unlinked")
    UNLINKED = "unlinked", _("unlinked")


CLOSED = (AccountStatus.DISCONNECTING, AccountStatus.UNLINKED)

# There is a session at the broker: the account may be used. Of a degraded one we only know that the last sync got no
# answer, and a broker that does not answer us may well answer those who trade.
LIVE = (AccountStatus.ACTIVE, AccountStatus.DEGRADED)


class TradingAccountQuerySet(FoundByPublicId, models.QuerySet["TradingAccount"]):
    def open(self) -> Self:
        """Those that have not been unlinked, and are not about to be."""
        return self.exclude(status__in=CLOSED)

    def not_unlinked(self) -> Self:
        """Those of which anything is left: the open ones, and those whose unlinking has only begun."""
        return self.exclude(status=AccountStatus.UNLINKED)

    def syncable(self, at: datetime) -> Self:
        """Those with a session at the broker whose day is not over at that time."""
        return self.filter(status__in=LIVE, reauth_by__gt=at)

    def reachable_by(self, user: "User", *, at: datetime) -> Self:
        """Those that `user` owns or is a member of at that time."""
        shared = Membership.objects.live(at).filter(account=models.OuterRef("pk"), user=user)
        return self.filter(models.Q(owner=user) | models.Exists(shared))

    def login_ends(self, *, after: datetime, by: datetime) -> Self:
        """Those that are logged in at the broker until a moment in between."""
        return self.filter(reauth_by__gt=after, reauth_by__lte=by)

    def login_over(self, at: datetime) -> Self:
        """Those that want a login now, whether anybody has noted it or not."""
        wanting = (AccountStatus.PENDING_LOGIN, AccountStatus.REAUTH_REQUIRED)
        return self.open().filter(models.Q(status__in=wanting) | models.Q(reauth_by__lte=at))

    def not_warned(self) -> Self:
        """Those whose owner has not been told of this end of a login."""
        known = models.Q(login_warned_for=models.F("reauth_by"))
        return self.filter(models.Q(login_warned_for__isnull=True) | ~known)

    def with_permissions_of(self, user: "User", *, at: datetime) -> Self:
        """Each with `member_permissions`: what the membership of `user` allows, or None."""
        shared = Membership.objects.live(at).filter(account=models.OuterRef("pk"), user=user)
        return self.annotate(member_permissions=models.Subquery(shared.values("permissions")[:1]))

    def with_credentials(self) -> Self:
        """Each with its credential versions that are not retired, in one further query."""
        versions = CredentialVersion.objects.unretired().defer("secret")
        return self.prefetch_related(
            models.Prefetch("credential_versions", versions, to_attr="unretired_credentials")
        )


class TradingAccount(IdentifiedModel):
    """`broker_user_hash` tells one broker user from another without saying who it is."""

    PREFIX = ACCOUNT_PREFIX

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="trading_accounts",
    )
    broker = models.CharField(_("broker"), max_length=16, choices=broker_choices)
    nickname = models.CharField(_("nickname"), max_length=64)
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=AccountStatus.choices,
        default=AccountStatus.PENDING_LOGIN,
    )
    status_reason = models.CharField(_("reason for the status"), max_length=500, blank=True)
    status_changed_at = models.DateTimeField(_("status since"), auto_now_add=True)

    broker_user_hash = models.BinaryField(max_length=32, null=True, editable=False)
    broker_user_masked = models.CharField(_("broker user"), max_length=24, blank=True)
    profile = models.JSONField(_("profile at the broker"), default=dict, blank=True)
    margins = models.JSONField(_("margins"), default=list, blank=True)

    linked_at = models.DateTimeField(_("linked"), null=True, blank=True)
    last_synced_at = models.DateTimeField(_("last synced"), null=True, blank=True)
    sync_error = models.CharField(_("last sync failed by"), max_length=24, blank=True)
    reauth_by = models.DateTimeField(_("next login by"), null=True, blank=True)
    # The end of a day's login that the owner has been told of.
    login_warned_for = models.DateTimeField(null=True, blank=True, editable=False)

    # What the queryset's steps of the same names bring along.
    member_permissions: list[str] | None
    unretired_credentials: list[CredentialVersion]

    objects: ClassVar[TradingAccountQuerySet] = TradingAccountQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("trading account")
        verbose_name_plural = _("trading accounts")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(status__in=AccountStatus.values), name="account_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(broker__in=broker_names()), name="account_broker_known"
            ),
            models.CheckConstraint(condition=~models.Q(nickname=""), name="account_has_a_nickname"),
            models.CheckConstraint(
                condition=~models.Q(status__in=LIVE)
                | models.Q(
                    linked_at__isnull=False,
                    broker_user_hash__isnull=False,
                    reauth_by__isnull=False,
                ),
                name="account_active_is_linked",
            ),
            models.UniqueConstraint(
                fields=["broker", "broker_user_hash"],
                condition=~models.Q(status=AccountStatus.UNLINKED),
                name="account_broker_user_linked_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner", "-id"], name="account_by_owner"),
            models.Index(fields=["status", "-id"], name="account_by_status"),
            models.Index(
                fields=["reauth_by"],
                condition=models.Q(reauth_by__isnull=False),
                name="account_by_login_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nickname} ({self.get_broker_display()})"

    @property
    def entity(self) -> str:
        """How policies name it: `trading_account:acc_…`."""
        return f"trading_account:{self.public_id}"

    @property
    def key_subject(self) -> KeySubject:
        return account_key(self.id)

    def status_at(self, at: datetime) -> AccountStatus:
        """The status as it is in effect at that time: a day's login ends on time, whoever has noted it or not."""
        over = self.reauth_by is not None and self.reauth_by <= at
        if self.status in LIVE and over:
            return AccountStatus.REAUTH_REQUIRED
        return AccountStatus(self.status)

    def permissions_of(self, user: "User") -> list[str]:
        """All of them for the owner; of others, what `with_permissions_of` brought along."""
        if self.owner_id == user.pk:
            return list(Permission.values)
        return list(getattr(self, "member_permissions", None) or ())
