"""An owner's offer to a member to take the account over."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel
from trading.models.membership import MembershipStatus, Permission

if TYPE_CHECKING:
    from accounts.models import User


class TransferStatus(models.TextChoices):
    OFFERED = "offered", _("offered")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")
    OVERTAKEN = "overtaken", _("overtaken by the end of the membership")


class OwnershipTransferQuerySet(FoundByPublicId, models.QuerySet["OwnershipTransfer"]):
    def standing(self) -> Self:
        """Those that nobody has answered, taken back or ended."""
        return self.filter(status=TransferStatus.OFFERED)

    def open(self, at: datetime) -> Self:
        """Those that may be accepted at that time: the offer stands, and the receiver is a member still."""
        lasting = models.Q(membership__expires_at=None) | models.Q(membership__expires_at__gt=at)
        return self.standing().filter(
            lasting, expires_at__gt=at, membership__status=MembershipStatus.ACTIVE
        )

    def overdue(self, at: datetime) -> Self:
        """Those whose time has passed and that nobody has ended."""
        return self.standing().filter(expires_at__lte=at)

    def to(self, user: "User") -> Self:
        """Those that `user` was offered."""
        return self.filter(membership__user=user)


class OwnershipTransfer(IdentifiedModel):
    """Made to a membership: whoever takes an account over is a member of it already, so an offer reaches nobody that
    the owner does not know, and ends with the membership. `keeps` is what the former owner may do afterwards.
    """

    PREFIX = "own"

    account = models.ForeignKey(
        "trading.TradingAccount",
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="ownership_transfers",
    )
    membership = models.ForeignKey(
        "trading.Membership",
        verbose_name=_("offered to"),
        on_delete=models.CASCADE,
        related_name="ownership_transfers",
    )
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("offered by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    keeps = ArrayField(
        models.CharField(max_length=16, choices=Permission.choices),
        verbose_name=_("the former owner keeps"),
        default=list,
        blank=True,
    )
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=TransferStatus.choices,
        default=TransferStatus.OFFERED,
    )
    expires_at = models.DateTimeField(_("good until"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects: ClassVar[OwnershipTransferQuerySet] = OwnershipTransferQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("transfer of ownership")
        verbose_name_plural = _("transfers of ownership")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(status__in=TransferStatus.values),
                name="ownership_transfer_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(keeps__contained_by=list(Permission.values)),
                name="ownership_transfer_permissions_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status=TransferStatus.OFFERED, ended_at__isnull=True)
                | ~models.Q(status=TransferStatus.OFFERED) & models.Q(ended_at__isnull=False),
                name="ownership_transfer_fields_fit_status",
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(status=TransferStatus.OFFERED),
                name="ownership_transfer_once_at_a_time",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(status=TransferStatus.OFFERED),
                name="ownership_transfer_by_expiry",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
