"""What runs by the clock, for staff: when it did last and how that went, and when it does next."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import IntervalSchedule
from unfold.decorators import action, display

from audit.services import scheduled_jobs
from config.http.console import ConsoleAdmin, holds, told
from config.http.problems import ProblemError
from config.jobs.scheduled import RunOutcome, ScheduledJob, ScheduledRun

OUTCOME_COLOURS = {
    RunOutcome.RUNNING: "info",
    RunOutcome.SUCCEEDED: "success",
    RunOutcome.FAILED: "danger",
    "never": "info",
}
RUNS = 20


@admin.register(ScheduledJob)
class ScheduledJobAdmin(ConsoleAdmin):
    view_scope = "jobs:read"
    list_display = ("called", "when", "enabled", "last", "shown_outcome", "took", "next")
    list_select_related = ("interval", "crontab")
    list_filter = ("enabled",)
    search_fields = ("name", "description")
    ordering = ("name",)
    actions_detail = ("run_now",)
    fields: ClassVar[tuple[str, ...]] = (
        "called",
        "purpose",
        "when",
        "switched_on",
        "last",
        "outcome",
        "took",
        "next",
        "runs",
        "what_runs",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduledJob]:
        entries: QuerySet[ScheduledJob] = ScheduledJob.objects.exclude(
            name="celery.backend_cleanup"  # Celery's own, of results that we do not keep
        ).with_last_run()
        return entries

    def has_jobs_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return holds(request, "jobs:write")

    @display(description=_("task"))
    def what_runs(self, job: ScheduledJob) -> str:
        return str(job.task)

    @display(description=_("name"), ordering="name")
    def called(self, job: ScheduledJob) -> str:
        return gettext(job.name)

    @display(description=_("description"))
    def purpose(self, job: ScheduledJob) -> str:
        return gettext(job.description) if job.description else ""

    @display(description=_("enabled"), boolean=True)
    def switched_on(self, job: ScheduledJob) -> bool:
        return bool(job.enabled)

    @display(description=_("when"))
    def when(self, job: ScheduledJob) -> str:
        return _every(job.interval) if job.interval else str(job.crontab or "")

    @display(description=_("last run (UTC)"))
    def last(self, job: ScheduledJob) -> str:
        return _time(job.last_started)

    @display(description=_("outcome"), label=OUTCOME_COLOURS)
    def shown_outcome(self, job: ScheduledJob) -> tuple[str, str]:
        if not job.last_outcome:
            return "never", str(_("not yet"))
        return job.last_outcome, str(RunOutcome(job.last_outcome).label)

    @display(description=_("outcome"))
    def outcome(self, job: ScheduledJob) -> str:
        return str(self.shown_outcome(job)[1])

    @display(description=_("took"))
    def took(self, job: ScheduledJob) -> str:
        if job.last_started is None or job.last_finished is None:
            return ""
        return _seconds((job.last_finished - job.last_started).total_seconds())

    @display(description=_("next run (UTC)"))
    def next(self, job: ScheduledJob) -> str:
        following = job.next_run(after=job.last_started, now=timezone.now())
        return _time(following) or str(_("switched off"))

    @display(description=_("last runs"))
    def runs(self, job: ScheduledJob) -> str:
        newest = ScheduledRun.objects.filter(name=job.name)[:RUNS]
        return format_html_join("", "<div>{}</div>", ((_run(run),) for run in newest))

    @action(description=_("Run now"), url_path="run-now", permissions=["jobs_write"])
    def run_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks once more, and sends it to the workers."""
        job = self.found(request, object_id)
        back = reverse("admin:jobs_scheduledjob_change", args=[job.pk])
        if request.method != "POST":
            page = {
                **self.admin_site.each_context(request),
                "title": _("Run now"),
                "explanation": _("%(job)s: %(what)s It runs once more, beside its own times.")
                % {"job": self.called(job), "what": self.purpose(job)},
                "back": back,
            }
            return render(request, "console/form.html", page)
        try:
            scheduled_jobs.run_now(job=job)
        except ProblemError as problem:
            messages.error(request, told(problem))
        else:
            messages.success(request, _("It is sent to the workers."))
        return HttpResponseRedirect(back)


def _run(run: ScheduledRun) -> str:
    took = "" if run.duration is None else _seconds(run.duration.total_seconds())
    told = (_time(run.started_at), run.get_outcome_display(), took)
    by_hand = _("by hand") if run.by_hand else ""
    return ", ".join(str(each) for each in (*told, by_hand) if each)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def _seconds(number: float) -> str:
    return f"{number:.2f} s"


def _every(interval: IntervalSchedule) -> str:
    """Such as "every 10 minutes"."""
    number = interval.every
    words = {
        IntervalSchedule.SECONDS: ngettext("every second", "every %(number)d seconds", number),
        IntervalSchedule.MINUTES: ngettext("every minute", "every %(number)d minutes", number),
        IntervalSchedule.HOURS: ngettext("every hour", "every %(number)d hours", number),
        IntervalSchedule.DAYS: ngettext("every day", "every %(number)d days", number),
    }
    return words.get(interval.period, str(interval)) % {"number": number}
