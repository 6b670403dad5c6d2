"""Jobs as staff see them: what waits, what runs, what failed and why."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.http.console import ConsoleAdmin
from config.jobs.models import Job, JobState

STATE_COLOURS = {
    JobState.QUEUED: "info",
    JobState.RUNNING: "warning",
    JobState.SUCCEEDED: "success",
    JobState.FAILED: "danger",
}


@admin.register(Job)
class JobAdmin(ConsoleAdmin):
    view_scope = "jobs:read"
    list_display = ("public_id", "kind", "shown_state", "progress", "owner", "created_at", "error")
    list_filter = ("state", "kind", ("created_at", admin.DateFieldListFilter))
    search_fields = ("owner_id__exact", "request_id__exact")
    search_help_text = _("The whole id of an owner (usr_…) or of a request")
    ordering = ("-id",)
    fields = (
        "public_id",
        "kind",
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

    @display(description=_("state"), label=STATE_COLOURS)
    def shown_state(self, job: Job) -> tuple[str, str]:
        return job.state, job.get_state_display()

    @display(description=_("progress"))
    def progress(self, job: Job) -> str:
        return f"{job.done} / {job.total}" if job.total else ""

    @display(description=_("owner"))
    def owner(self, job: Job) -> str:
        return job.owner_id or job.get_owner_type_display()
