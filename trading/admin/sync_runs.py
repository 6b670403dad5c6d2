"""Syncs, for staff: what was asked when, and what came of it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.http.console import ConsoleAdmin
from trading.models import SyncOutcome, SyncRun, TradingAccount

OUTCOME_COLOURS = {
    "running": "info",
    "waiting": "info",
    SyncOutcome.SUCCEEDED: "success",
    SyncOutcome.SKIPPED: "info",
    SyncOutcome.SESSION_ENDED: "warning",
    SyncOutcome.NOT_USABLE: "warning",
    SyncOutcome.CIRCUIT_OPEN: "warning",
    SyncOutcome.RATE_LIMITED: "warning",
    SyncOutcome.THROTTLED: "warning",
    SyncOutcome.UNAVAILABLE: "danger",
    SyncOutcome.REFUSED: "danger",
    SyncOutcome.VAULT_UNAVAILABLE: "danger",
    SyncOutcome.ABANDONED: "danger",
    SyncOutcome.FAILED: "danger",
}


@admin.register(SyncRun)
class SyncRunAdmin(ConsoleAdmin):
    view_scope = "trading:read"
    when_empty = _("Accounts are synced by the clock once they are linked and logged in.")
    list_display = (
        "account",
        "trigger",
        "created_at",
        "started_at",
        "seconds",
        "shown_outcome",
        "reason",
    )
    list_select_related = ("account",)
    list_filter = ("outcome", "trigger", ("created_at", admin.DateFieldListFilter))
    search_fields = ("account__nickname",)
    search_help_text = _("Part of an account's nickname, or its whole id (acc_…)")
    ordering = ("-id",)
    fields = (
        "public_id",
        "account",
        "job",
        "trigger",
        "created_at",
        "due_at",
        "started_at",
        "ended_at",
        "seconds",
        "outcome",
        "reason",
        "changes",
        "advice",
    )
    readonly_fields = fields

    @display(description=_("outcome"), label=OUTCOME_COLOURS)
    def shown_outcome(self, run: SyncRun) -> tuple[str, str]:
        if run.outcome:
            return run.outcome, run.get_outcome_display()
        return ("running", str(_("running"))) if run.started_at else ("waiting", str(_("waiting")))

    @display(description=_("seconds"))
    def seconds(self, run: SyncRun) -> str:
        return "" if run.duration is None else f"{run.duration:.2f}"

    @display(description=_("changed"))
    def changes(self, run: SyncRun) -> str:
        return ", ".join(run.changed)

    @display(description=_("what to do"))
    def advice(self, run: SyncRun) -> str:
        return run.advice

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SyncRun], search_term: str
    ) -> tuple[QuerySet[SyncRun], bool]:
        if account := TradingAccount.parse_id(search_term.strip()):
            return queryset.filter(account_id=account), False
        found: tuple[QuerySet[SyncRun], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found
