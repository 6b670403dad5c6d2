"""Who shares which account, and who is invited to, for staff: seen."""

from datetime import datetime

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.http.console import ConsoleAdmin
from trading.models import Membership, MembershipStatus

STATUS_COLOURS = {
    MembershipStatus.INVITED: "info",
    MembershipStatus.ACTIVE: "success",
    MembershipStatus.REVOKED: "danger",
    MembershipStatus.EXPIRED: "warning",
}


@admin.register(Membership)
class MembershipAdmin(ConsoleAdmin):
    when_empty = _("Owners share their accounts in My account, under Sharing.")
    view_scope = "trading:read"
    list_display = (
        "account",
        "granted_by",
        "member",
        "permissions",
        "shown_status",
        "good_until",
    )
    list_select_related = ("account", "user", "granted_by")
    list_filter = ("status", ("created_at", admin.DateFieldListFilter))
    search_fields = ("account__nickname", "user__email", "invited_email", "granted_by__email")
    search_help_text = _(
        "Part of the account's nickname, of the member's or the owner's e-mail, or of an invited address"
    )
    ordering = ("-id",)
    fields = (
        "public_id",
        "account",
        "user",
        "invited_email",
        "permissions",
        "status",
        "granted_by",
        "created_at",
        "invitation_expires_at",
        "accepted_at",
        "expires_at",
        "ended_at",
    )
    readonly_fields = fields

    @display(description=_("member, or invited address"))
    def member(self, membership: Membership) -> str:
        return str(membership.user) if membership.user else membership.invited_email

    @display(description=_("good until"))
    def good_until(self, membership: Membership) -> datetime | None:
        """Of an invitation, when it lapses; of a membership, its end if it has one."""
        if membership.status == MembershipStatus.INVITED:
            return membership.invitation_expires_at
        return membership.expires_at

    @display(description=_("status"), label=STATUS_COLOURS)
    def shown_status(self, membership: Membership) -> tuple[str, str]:
        """As it is in effect now: what has run out is over, whoever has noted it or not."""
        status = MembershipStatus(membership.status)
        until = self.good_until(membership)
        standing = status in {MembershipStatus.INVITED, MembershipStatus.ACTIVE}
        if standing and until is not None and until <= timezone.now():
            status = MembershipStatus.EXPIRED
        return status.value, str(status.label)
