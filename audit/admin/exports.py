"""Exports of the trail: who asked for which, how far it is, and the file for whoever asked for it."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from audit.admin.export_form import ExportForm
from audit.exports.formats import WRITERS
from audit.exports.models import ExportJob
from audit.services import exports
from config.http.console import ConsoleAdmin, holds
from config.http.principal import Principal
from config.http.problems import ProblemError
from config.jobs.admin import STATE_COLOURS
from config.jobs.models import JobState

LIST = "admin:audit_exportjob_changelist"


def asker(request: HttpRequest) -> Principal:
    person: Any = request.user
    return Principal(type="user", id=person.public_id)


@admin.register(ExportJob)
class ExportJobAdmin(ConsoleAdmin):
    """The files are for those who asked for them, as at the API; the list is for all who read the trail."""

    when_empty = _("Ask for an export above: a worker writes the file, which waits here for a day.")
    view_scope = "audit:read"
    list_display = (
        "public_id",
        "shown_state",
        "progress",
        "size",
        "file",
        "expires_at",
        "format",
        "asked_by",
    )
    list_select_related = ("job",)
    list_filter = ("format", ("created_at", admin.DateFieldListFilter))
    search_fields = ("job__owner_id__exact",)
    search_help_text = _("The whole id of whoever asked (usr_…, or a client id)")
    ordering = ("-id",)
    fields: ClassVar[tuple[str, ...]] = (
        "public_id",
        "format",
        "question",
        "before",
        "state_in_words",
        "error",
        "progress",
        "size",
        "asked_by",
        "created_at",
        "expires_at",
        "file",
    )
    readonly_fields = fields
    actions_list = ("ask",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExportJob]:
        rows: Any = super().get_queryset(request)
        marked: QuerySet[ExportJob] = rows.with_size().marked_for(asker(request), at=timezone.now())
        return marked

    @display(description=_("state"), label=STATE_COLOURS | {"expired": "info"})
    def shown_state(self, export: ExportJob) -> tuple[str, str]:
        return "expired" if export.has_expired else export.state, self.state_in_words(export)

    @display(description=_("state"))
    def state_in_words(self, export: ExportJob) -> str:
        return str(_("expired") if export.has_expired else JobState(export.state).label)

    @display(description=_("rows"))
    def progress(self, export: ExportJob) -> str:
        total = export.job.total if export.job is not None else 0
        return (
            f"{export.rows:,}" if export.expires_at or not total else f"{export.rows:,} / {total:,}"
        )

    @display(description=_("size, compressed"))
    def size(self, export: ExportJob) -> str:
        return filesizeformat(export.size)

    @display(description=_("asked by"))
    def asked_by(self, export: ExportJob) -> str:
        return export.job.owner_id if export.job is not None else ""

    @display(description=_("went wrong"))
    def error(self, export: ExportJob) -> str:
        return export.job.error if export.job is not None else ""

    @display(description=_("file"))
    def file(self, export: ExportJob) -> str:
        if not export.fetchable:
            return ""
        address = reverse("admin:audit_exportjob_content", args=[export.pk])
        return format_html('<a href="{}" class="underline">{}</a>', address, _("Download"))

    def has_audit_read_permission(self, request: HttpRequest) -> bool:
        return holds(request, self.view_scope)

    def get_urls(self) -> list[Any]:
        fetch = self.admin_site.admin_view(self.content)
        return [
            path("<uuid:pk>/content/", fetch, name="audit_exportjob_content"),
            *super().get_urls(),
        ]

    def content(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """The file. The service says who may have it, and that they had it."""
        if not holds(request, self.view_scope):
            raise PermissionDenied
        try:
            export, contents = exports.open_content(
                principal=asker(request), export_id=ExportJob(pk=pk).public_id
            )
        except ProblemError as problem:
            messages.error(request, problem.detail or problem.title)
            return HttpResponseRedirect(reverse(LIST))
        writer = WRITERS[export.format]
        name = f"audit-{export.public_id}.{writer.ending}"
        return StreamingHttpResponse(
            contents,
            content_type=writer.media_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @action(description=_("Ask for an export"), url_path="ask", permissions=["audit_read"])
    def ask(self, request: HttpRequest) -> HttpResponse:
        form = ExportForm(request.POST if request.method == "POST" else None)
        if request.method != "POST" or not form.is_valid():
            page = {
                **self.admin_site.each_context(request),
                "title": _("Ask for an export"),
                "explanation": _(
                    "A worker writes what there is now, newest first. The file waits here for a day, for you alone; "
                    "the trail says that you asked for it, and when you fetch it."
                ),
                "form": form,
                "back": reverse(LIST),
            }
            return render(request, "console/form.html", page)
        export = exports.request(
            principal=asker(request), format=form.cleaned_data["format"], question=form.question()
        )
        messages.success(request, _("%(export)s is being written.") % {"export": export})
        return HttpResponseRedirect(reverse(LIST))
