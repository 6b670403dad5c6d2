"""Drafts of policies, for staff: what was tried, and whom it would newly deny or allow something."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from authz.admin.links import editor_of, simulator_of
from authz.admin.policy_editor import checked, names_for, try_out
from authz.admin.policy_text import text_of
from authz.admin.staff import StaffAdmin
from authz.models import DraftEffect, PolicyDraft
from authz.names import Named
from config.http.console import holds
from config.http.console_people import NamesPeople
from config.jobs.models import Job, JobState

PAGE = 25
DENIED, ALLOWED = "denied", "allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownExample:
    """A recorded decision that would be another one; `why` leads to the simulator with it and the draft."""

    action: str
    resource: Named
    decided_at: datetime
    policy: str
    record: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEffect:
    subject: Named
    number: int
    examples: tuple[ShownExample, ...]


@admin.register(PolicyDraft)
class PolicyDraftAdmin(NamesPeople, StaffAdmin):
    """For those who may write policies: what nobody has put in force is nobody else's rule."""

    when_empty = _(
        "What is typed in the editor of a policy is kept here while somebody looks whom it would concern."
    )
    named = ("created_by",)
    view_scope = "policies:write"
    list_display = ("shown_name", "policy", "author", "created_at", "denied", "allowed")
    list_select_related = ("policy",)
    search_fields = ("policy__name", "created_by__exact")
    search_help_text = _("Part of the name of a policy, or a whole author (user:usr_…)")
    ordering = ("-id",)

    @admin.display(description=_("draft"))
    def shown_name(self, draft: PolicyDraft) -> str:
        return str(draft)

    @admin.display(description=_("by"))
    def author(self, draft: PolicyDraft) -> str:
        return self.called(draft, "created_by")

    @admin.display(description=_("newly denied"))
    def denied(self, draft: PolicyDraft) -> int | None:
        return draft.found and draft.found["newly_denied"]

    @admin.display(description=_("newly allowed"))
    def allowed(self, draft: PolicyDraft) -> int | None:
        return draft.found and draft.found["newly_allowed"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyDraft]:
        rows: QuerySet[PolicyDraft] = super().get_queryset(request)
        return rows.select_related("policy__current", "job")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What the trial came to; a POST tries it, for the first time or again."""
        if not self.has_view_permission(request) or object_id is None:
            raise PermissionDenied
        draft = self.get_object(request, object_id)
        if draft is None:
            return self.not_there(request, object_id)
        if request.method == "POST":
            return try_out(request, draft)
        return render(
            request,
            "authz/policy_trial.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Whom %(policy)s would concern") % {"policy": draft},
                "opts": self.opts,
                "original": draft,
                "draft": draft,
                "editor": editor_of(draft.policy, draft),
                "simulator": simulator_of(draft=draft.public_id),
                "may_explain": holds(request, "authz:explain"),
                "text": text_of(draft.document),
                **_state(draft.job),
                **(_effects(request, draft, draft.found) if draft.found else {}),
                **checked(text_of(draft.document), draft.policy),
                **(extra_context or {}),
            },
        )


def _state(job: Job | None) -> dict[str, Any]:
    return {
        "job": job,
        "unfinished": job is not None and not job.ended,
        "failed": job is not None and job.state == JobState.FAILED,
    }


def _effects(request: HttpRequest, draft: PolicyDraft, found: dict[str, Any]) -> dict[str, Any]:
    """One page of those who would be denied something, or of those who would be allowed something."""
    kinds = {DENIED: draft.effects.newly_denied(), ALLOWED: draft.effects.newly_allowed()}
    usual = DENIED if found["newly_denied"] or not found["newly_allowed"] else ALLOWED
    kind = request.GET.get("show", usual)
    kind = kind if kind in kinds else usual
    page = Paginator(kinds[kind], PAGE).get_page(request.GET.get("page"))
    return {
        "show": kind,
        "page": page,
        "effects": _shown(request, draft, list(page), kind),
        "may_see_records": holds(request, "audit:read"),
        "share": f"{found['allows_recorded'] * 100:g}%",
        "oldest": datetime.fromisoformat(found["oldest"]) if found["oldest"] else None,
    }


def _shown(
    request: HttpRequest, draft: PolicyDraft, rows: Iterable[DraftEffect], kind: str
) -> list[ShownEffect]:
    rows = list(rows)
    resources = {example["resource"] for row in rows for example in row.examples}
    found = names_for(request, resources | {row.subject for row in rows})
    return [
        ShownEffect(
            subject=found[row.subject],
            number=row.newly_denied if kind == DENIED else row.newly_allowed,
            examples=tuple(
                _example(row, example, draft, found)
                for example in row.examples
                if example["allowed"] is (kind == ALLOWED)
            ),
        )
        for row in rows
    ]


def _example(
    row: DraftEffect, example: dict[str, Any], draft: PolicyDraft, found: dict[str, Named]
) -> ShownExample:
    return ShownExample(
        action=example["action"],
        resource=found[example["resource"]],
        decided_at=datetime.fromisoformat(example["decided_at"]),
        policy=example["after"],
        record=reverse("admin:authz_decisionrecord_change", args=[example["record"]]),
        why=simulator_of(
            subject=row.subject,
            action=example["action"],
            resource=example["resource"],
            draft=draft.public_id,
        ),
    )
