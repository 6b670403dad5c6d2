"""Data keys, for staff: whose, under which key-encryption key; and the button that wraps them again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from config.http.console import ConsoleAdmin, holds
from config.http.console_values import IndexedValues
from config.http.principal import Principal
from config.vault import rewrapping
from config.vault.errors import VaultUnavailableError
from config.vault.facts import current_kek
from config.vault.models import DataKey

LIST = "admin:vault_datakey_changelist"


class WaitsFilter(admin.SimpleListFilter):
    title = _("wrapped")
    parameter_name = "wrapped"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("old", _("under an older key")), ("destroyed", _("no more"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "destroyed":
            return queryset.filter(destroyed_at__isnull=False)
        if self.value() != "old":
            return queryset
        try:
            waiting = DataKey.objects.live().not_under(current_kek())
        except VaultUnavailableError as error:
            messages.error(request, str(error))
            return queryset.none()
        return queryset.filter(pk__in=waiting.values("pk"))


@admin.register(DataKey)
class DataKeyAdmin(ConsoleAdmin):
    """Nothing is edited, and no key's bytes are shown, wrapped as they are."""

    view_scope = "console:access"
    list_display = (
        "public_id",
        "subject_kind",
        "subject_id",
        "provider",
        "kek_id",
        "kek_version",
        "created_at",
        "updated_at",
        "destroyed_at",
    )
    list_filter = (WaitsFilter, ("provider", IndexedValues), ("subject_kind", IndexedValues))
    search_fields = ("subject_id__exact", "kek_id__exact")
    search_help_text = _(
        "The whole id of a person (usr_…), an account (acc_…) or a key-encryption key"
    )
    ordering = ("-id",)
    fields = list_display
    readonly_fields = fields
    actions_list = ("rewrap",)

    @display(description=_("data key"))
    def public_id(self, key: DataKey) -> str:
        return key.public_id

    def has_keys_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, "keys:write")

    @action(description=_("Re-wrap"), url_path="rewrap", permissions=["keys_write"])
    def rewrap(self, request: HttpRequest) -> HttpResponse:
        """Says how many there are, and on POST has the workers do it."""
        try:
            waiting = rewrapping.pending()
        except VaultUnavailableError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse(LIST))
        if request.method != "POST":
            page = {
                **self.admin_site.each_context(request),
                "title": _("Re-wrap data keys"),
                "waiting": waiting,
            }
            return render(request, "console/rewrap_data_keys.html", page)
        owner = Principal(type="user", id=request.user.public_id)  # type: ignore[union-attr]
        job = rewrapping.enqueue(owner=owner)
        messages.success(request, _("%(job)s has begun.") % {"job": job.public_id})
        return HttpResponseRedirect(reverse("admin:jobs_job_changelist"))
