"""What an account's owner lets somebody else do with it."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel

if TYPE_CHECKING:
    from accounts.models import User


class Permission(models.TextChoices):
    READ = "read", _("see it")
    TRADE = "trade", _("trade with it")
    MANAGE = "manage", _("manage it")


class MembershipStatus(models.TextChoices):
    INVITED = "invited", _("invited")
    ACTIVE = "active", _("active")
    DECLINED = "declined", _("declined")
    LEFT = "left", _("left")
    REVOKED = "revoked", _("revoked")
    EXPIRED = "expired", _("expired")


STANDING = (MembershipStatus.INVITED, MembershipStatus.ACTIVE)


class MembershipQuerySet(FoundByPublicId, models.QuerySet["Membership"]):
    def live(self, at: datetime) -> Self:
        """Accepted, and not past their time."""
        return self.filter(status=MembershipStatus.ACTIVE).unexpired(at)

    def unexpired(self, at: datetime) -> Self:
        return self.filter(models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=at))

    def standing(self) -> Self:
        """Invited or accepted: what the owner has a list of."""
        return self.filter(status__in=STANDING)

    def concerning(self, user: "User", *, at: datetime) -> Self:
        """What `user` is a member of, and what their verified address has been invited to."""
        mine = models.Q(status=MembershipStatus.ACTIVE, user=user)
        if user.email_verified_at is not None:
            mine |= models.Q(
                status=MembershipStatus.INVITED,
                invited_email=user.email.lower(),
                invitation_expires_at__gt=at,
            )
        return self.filter(mine).unexpired(at)

    def overdue(self, at: datetime) -> Self:
        """Those whose time, or whose invitation's time, has passed and that nobody has ended."""
        invitation = models.Q(status=MembershipStatus.INVITED, invitation_expires_at__lte=at)
        return self.standing().filter(invitation | models.Q(expires_at__lte=at))


class Membership(IdentifiedModel):
    """An invitation goes to an e-mail address, whoever that is; accepting it turns the address into a person."""

    PREFIX = "mem"

    account = models.ForeignKey(
        "trading.TradingAccount",
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("member"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="trading_memberships",
    )
    invited_email = models.EmailField(_("invited address"), max_length=254, blank=True)
    permissions = ArrayField(
        models.CharField(max_length=16, choices=Permission.choices), verbose_name=_("permissions")
    )
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=MembershipStatus.choices,
        default=MembershipStatus.INVITED,
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("granted by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    invitation_expires_at = models.DateTimeField(_("invitation good until"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(status__in=MembershipStatus.values),
                name="membership_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(permissions__contained_by=list(Permission.values))
                & models.Q(permissions__len__gt=0),
                name="membership_permissions_known",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status=MembershipStatus.INVITED, user__isnull=True, ended_at__isnull=True
                )
                & ~models.Q(invited_email="")
                | models.Q(
                    status=MembershipStatus.ACTIVE,
                    user__isnull=False,
                    accepted_at__isnull=False,
                    ended_at__isnull=True,
                )
                | ~models.Q(status__in=STANDING) & models.Q(ended_at__isnull=False),
                name="membership_fields_fit_status",
            ),
            models.UniqueConstraint(
                fields=["account", "user"],
                condition=models.Q(status=MembershipStatus.ACTIVE),
                name="membership_once_per_member",
            ),
            models.UniqueConstraint(
                fields=["account", "invited_email"],
                condition=models.Q(status=MembershipStatus.INVITED),
                name="membership_invited_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["user", "status"],
                condition=models.Q(user__isnull=False),
                name="membership_by_user",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(status__in=STANDING),
                name="membership_by_expiry",
            ),
            models.Index(
                fields=["invited_email"],
                condition=models.Q(status=MembershipStatus.INVITED),
                name="membership_by_invitee",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
