"""What vouches for the trail: checkpoints, verifications, and how each shard's chain stands."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from audit.chain.checkpoint_models import AuditCheckpoint
from audit.chain.models import AuditVerification
from audit.services.chain_state import chain_state
from config import base64url
from config.http.console import ConsoleAdmin


class WithChainState(ConsoleAdmin):
    """A list with the state of the chains above it."""

    view_scope = "audit:read"
    list_before_template = "console/chain_state.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page: HttpResponse = super().changelist_view(
            request, {**(extra_context or {}), "chain": chain_state()}
        )
        return page


@admin.register(AuditCheckpoint)
class AuditCheckpointAdmin(WithChainState):
    when_empty = _("The chains are signed every hour; the first checkpoint comes with the next.")
    list_display = ("number", "created_at", "rows", "kid")
    list_filter = (("created_at", admin.DateFieldListFilter),)
    search_fields = ("number__exact", "kid__exact")
    search_help_text = _("The number of a checkpoint, or the whole id of a key")
    ordering = ("-number",)
    fields = (
        "public_id",
        "number",
        "created_at",
        "rows",
        "told_of",
        "kid",
        "shown_statement",
        "shown_signature",
    )
    readonly_fields = fields

    @display(description=_("tells of"))
    def told_of(self, checkpoint: AuditCheckpoint) -> str:
        """Which days; place by place it is in the statement."""
        told = checkpoint.spans.aggregate(first=Min("day"), last=Max("day"), number=Count("pk"))
        if not told["number"]:
            return ""
        words = _("%(number)d parts of chains, of the days from %(first)s to %(last)s")
        return str(words % told)

    @display(description=_("statement, as signed"))
    def shown_statement(self, checkpoint: AuditCheckpoint) -> str:
        return format_html(
            '<details><summary class="cursor-pointer">{}</summary><code class="console-json">{}</code></details>',
            _("Show"),
            checkpoint.statement,
        )

    @display(description=_("signature (Ed25519, base64url)"))
    def shown_signature(self, checkpoint: AuditCheckpoint) -> str:
        return base64url.encode(bytes(checkpoint.signature))


@admin.register(AuditVerification)
class AuditVerificationAdmin(WithChainState):
    when_empty = _("The trail is verified by the clock, and by manage.py audit_verify.")
    list_display = ("public_id", "finished_at", "since", "until", "rows", "outcome")
    list_filter = (("finished_at", admin.DateFieldListFilter),)
    ordering = ("-finished_at",)
    fields = (*list_display[:-1], "findings")
    readonly_fields = fields

    @display(description=_("outcome"), label={"intact": "success", "changed": "danger"})
    def outcome(self, verification: AuditVerification) -> tuple[str, Any]:
        if verification.findings:
            told = ngettext("%(count)d finding", "%(count)d findings", verification.findings)
            return "changed", told % {"count": verification.findings}
        return "intact", _("as it was written")
