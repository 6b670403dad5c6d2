"""Policies, for staff: the list, and taking one out of force. Their pages are the editor's and the history's."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from audit.admin.watched import WatchedAdmin
from authz.admin.simulator import PolicySimulator
from authz.admin.staff import principal
from authz.models import Policy
from authz.services import policies
from authz.services.authorship import author
from config.http.proof import proof_wanted

EFFECT_COLOURS = {"allow": "success", "deny": "danger"}


@admin.register(Policy)
class PolicyAdmin(WatchedAdmin, PolicySimulator):
    view_scope = "policies:read"
    change_scope = "policies:write"
    addable = True
    list_display = ("name", "effect", "priority", "enabled", "version", "updated_at")
    list_select_related = ("current",)
    search_fields = ("name",)
    ordering = ("name",)
    actions = ("take_out_of_force",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        return Policy.objects.live().with_current()

    @display(description=_("effect"), label=EFFECT_COLOURS)
    def effect(self, policy: Policy) -> str:
        return str(policy.current.document["effect"])

    @admin.display(description=_("priority"))
    def priority(self, policy: Policy) -> int:
        return int(policy.current.document.get("priority", 0))

    @admin.display(description=_("enabled"), boolean=True)
    def enabled(self, policy: Policy) -> bool:
        return bool(policy.current.document.get("enabled", True))

    @admin.display(description=_("version"))
    def version(self, policy: Policy) -> int:
        return policy.current.number

    @admin.action(description=_("Take out of force"), permissions=["policies_write"])
    def take_out_of_force(
        self, request: HttpRequest, chosen: QuerySet[Policy]
    ) -> HttpResponse | None:
        if proof := proof_wanted(request):
            return proof
        by = author(principal(request))

        def take_out(policy: Any, reason: str) -> None:
            policies.delete(policy_id=policy.pk, by=by, reason=reason)

        return self.with_reason(
            request,
            chosen,
            action="take_out_of_force",
            title=str(_("Take out of force")),
            service=take_out,
        )
