"""Trading accounts, for staff: seen without their secrets, suspended and given back with a reason."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from audit.admin.searches import SearchableAdmin
from audit.admin.watched import WatchedAdmin
from authz.admin.staff import StaffAdmin, principal
from config.http.console import holds
from trading.admin.login_filter import LoginFilter, ends_soon
from trading.models import AccountStatus, SyncTrigger, TradingAccount
from trading.services import suspension, sync_requests

STATUS_COLOURS = {
    AccountStatus.ACTIVE: "success",
    AccountStatus.DEGRADED: "warning",
    AccountStatus.PENDING_LOGIN: "info",
    AccountStatus.REAUTH_REQUIRED: "warning",
    AccountStatus.INVALID: "danger",
    AccountStatus.SUSPENDED: "danger",
    AccountStatus.DISCONNECTING: "warning",
    "ends_soon": "info",
}


@admin.register(TradingAccount)
class TradingAccountAdmin(WatchedAdmin, SearchableAdmin, StaffAdmin):
    when_empty = _("People link accounts at brokers in My account.")
    view_scope = "trading:read"
    list_display = (
        "nickname",
        "owner",
        "broker",
        "broker_user_masked",
        "shown_status",
        "last_synced_at",
        "sync_error",
        "reauth_by",
    )
    list_select_related = ("owner",)
    list_filter = ("status", LoginFilter, "broker", ("created_at", admin.DateFieldListFilter))
    search_fields = ("nickname", "owner__email")
    search_help_text = _("Part of a nickname or of the owner's e-mail, or a whole id (acc_…)")
    ordering = ("-id",)
    actions = ("sync_now", "suspend", "reactivate")
    fields = (
        "public_id",
        "owner",
        "broker",
        "broker_user_masked",
        "nickname",
        "status",
        "status_reason",
        "status_changed_at",
        "shown_credentials",
        "linked_at",
        "reauth_by",
        "last_synced_at",
        "sync_error",
        "created_at",
    )
    readonly_fields = fields

    def person_shown(self, row: TradingAccount) -> str:
        return row.owner.public_id

    @display(description=_("status"), label=STATUS_COLOURS)
    def shown_status(self, account: TradingAccount) -> tuple[str, str]:
        """As it is in effect now, with a mark when the day's login ends soon."""
        status = account.status_at(timezone.now())
        if ends_soon(account):
            return "ends_soon", _("%(status)s, login ends soon") % {"status": status.label}
        return status.value, str(status.label)

    @display(description=_("credentials"))
    def shown_credentials(self, account: TradingAccount) -> str:
        """Which versions there are, by the last characters of their API keys."""
        versions = account.credential_versions.defer("secret").order_by("-number")
        return ", ".join(
            f"{version.number}: {version.api_key_masked} ({version.get_status_display()})"
            for version in versions
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[TradingAccount], search_term: str
    ) -> tuple[QuerySet[TradingAccount], bool]:
        if TradingAccount.parse_id(search_term.strip()):
            return queryset.with_public_id(search_term.strip()), False  # type: ignore[attr-defined]
        found: tuple[QuerySet[TradingAccount], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

    def has_trading_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, "trading:write")

    def has_trading_sync_permission(self, request: HttpRequest) -> bool:
        return holds(request, "trading:sync")

    @admin.action(description=_("Sync now"), permissions=["trading_sync"])
    def sync_now(self, request: HttpRequest, accounts: QuerySet[TradingAccount]) -> None:
        """A job for each; the list tells when they were synced, and the syncs how it went."""
        staff = principal(request)
        for account in accounts.select_related("owner"):
            self.carry_out(
                request,
                account,
                lambda one: sync_requests.request(
                    account=one, owner=staff, trigger=SyncTrigger.STAFF
                ),
            )

    @admin.action(description=_("Suspend"), permissions=["trading_write"])
    def suspend(
        self, request: HttpRequest, accounts: QuerySet[TradingAccount]
    ) -> HttpResponse | None:
        return self._change(request, accounts, "suspend", _("Suspend"), suspension.suspend)

    @admin.action(description=_("Reactivate"), permissions=["trading_write"])
    def reactivate(
        self, request: HttpRequest, accounts: QuerySet[TradingAccount]
    ) -> HttpResponse | None:
        return self._change(request, accounts, "reactivate", _("Reactivate"), suspension.reactivate)

    def _change(
        self,
        request: HttpRequest,
        accounts: QuerySet[TradingAccount],
        action: str,
        title: Any,
        service: Callable[..., TradingAccount],
    ) -> HttpResponse | None:
        return self.with_reason(
            request,
            accounts,
            action=action,
            title=title,
            service=lambda account, reason: service(account_id=account.pk, reason=reason),
        )
