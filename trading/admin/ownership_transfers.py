"""Offers to take an account over, for staff: seen."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.http.console import ConsoleAdmin
from trading.models import OwnershipTransfer, TransferStatus

STATUS_COLOURS = {
    TransferStatus.OFFERED: "info",
    TransferStatus.ACCEPTED: "success",
    TransferStatus.EXPIRED: "warning",
    TransferStatus.OVERTAKEN: "warning",
}


@admin.register(OwnershipTransfer)
class OwnershipTransferAdmin(ConsoleAdmin):
    """The owner offers and takes back, the member accepts or declines: nobody else does it for them."""

    when_empty = _("Owners give accounts to members of theirs in My account, under Sharing.")
    view_scope = "trading:read"
    list_display = (
        "account",
        "offered_by",
        "offered_to",
        "keeps",
        "shown_status",
        "expires_at",
        "ended_at",
    )
    list_select_related = ("account", "offered_by", "membership__user")
    list_filter = ("status", ("created_at", admin.DateFieldListFilter))
    search_fields = ("account__nickname", "offered_by__email", "membership__user__email")
    search_help_text = _("Part of the account's nickname, or of either person's e-mail")
    ordering = ("-id",)
    fields = (
        "public_id",
        "account",
        "offered_by",
        "offered_to",
        "keeps",
        "status_in_words",
        "created_at",
        "expires_at",
        "ended_at",
    )
    readonly_fields = fields

    @display(description=_("offered to"))
    def offered_to(self, transfer: OwnershipTransfer) -> str:
        return str(transfer.membership.user)

    @display(description=_("status"), label=STATUS_COLOURS)
    def shown_status(self, transfer: OwnershipTransfer) -> tuple[str, str]:
        status = _in_effect(transfer)
        return status.value, str(status.label)

    @display(description=_("status"))
    def status_in_words(self, transfer: OwnershipTransfer) -> str:
        return str(_in_effect(transfer).label)


def _in_effect(transfer: OwnershipTransfer) -> TransferStatus:
    """The status as it is now: an offer ends on time, whoever has noted it or not."""
    over = transfer.status == TransferStatus.OFFERED and transfer.expires_at <= timezone.now()
    return TransferStatus.EXPIRED if over else TransferStatus(transfer.status)
