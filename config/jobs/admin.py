"""Jobs as staff see them: what waits, what runs, what failed and why."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.http.console_people import NamesPeople
from config.http.console_values import IndexedValues
from config.jobs.kinds import name_of
from config.jobs.models import Job, JobState, OwnerType

STATE_COLOURS = {
    JobState.QUEUED: "info",
    JobState.RUNNING: "warning",
    JobState.SUCCEEDED: "success",
    JobState.FAILED: "danger",
}


class KindFilter(IndexedValues):
    """By the names that kinds have for staff."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": name_of(str(choice["display"]))}


@admin.register(Job)
class JobAdmin(NamesPeople):
    named = ("owner_id",)
    when_empty = _(
        "What takes long is a job: exports, syncs of all accounts, changes to many people."
    )
    view_scope = "jobs:read"
    list_display = (
        "public_id",
        "shown_kind",
        "shown_state",
        "progress",
        "owner",
        "created_at",
        "error",
    )
    list_filter = ("state", ("kind", KindFilter), ("created_at", admin.DateFieldListFilter))
    search_fields = ("owner_id__exact",)  # a box is shown; `get_search_results` reads it
    search_help_text = _(
        "The whole id of a job (job_…), of an owner (usr_… or a client) or of a request"
    )
    ordering = ("-id",)
    fields = (
        "public_id",
        "shown_kind",
        "state",
        "progress",
        "owner",
        "request_id",
        "task",
        "arguments",
        "attempts",
        "created_at",
        "sent_at",
        "started_at",
        "lease_expires_at",
        "finished_at",
        "result",
        "error",
    )
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        """By what has an index, whole."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if key := Job.parse_id(term):
            return queryset.filter(pk=key), False
        owned = queryset.filter(owner_type__in=OwnerType.values, owner_id=term)
        return (owned if owned.exists() else queryset.filter(request_id=term)), False

    @display(description=_("kind"))
    def shown_kind(self, job: Job) -> str:
        return name_of(job.kind)

    @display(description=_("state"), label=STATE_COLOURS)
    def shown_state(self, job: Job) -> tuple[str, str]:
        return job.state, job.get_state_display()

    @display(description=_("progress"))
    def progress(self, job: Job) -> str:
        return f"{job.done} / {job.total}" if job.total else ""

    @display(description=_("owner"))
    def owner(self, job: Job) -> str:
        return self.called(job, "owner_id") or str(job.get_owner_type_display())
