"""Service clients, for staff: made, changed, given new secrets, disabled."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from accounts.admin.service_client_form import ServiceClientForm
from accounts.errors import ServiceClientDisabledError, ServiceClientHasNoKeysError
from accounts.models import ClientSecret, ServiceClient
from accounts.services import service_clients
from accounts.services.service_clients import ClientKeys, IssuedSecret
from authz.admin.staff import StaffAdmin
from config.http.console import holds
from config.http.proof import proof_wanted

CHANGEABLE = ("scopes", "jwks", "jwks_url", "networks", "certificates")


class SecretInline(TabularInline):  # type: ignore[misc]
    model = ClientSecret
    fields = ("hint", "state", "created_at", "expires_at", "ended_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return holds(request, "console:access")


@admin.register(ServiceClient)
class ServiceClientAdmin(StaffAdmin):
    """A secret is shown in the answer to the request that made it, and kept nowhere: not in a message, not in a
    session, not in a log.
    """

    when_empty = _("A service client is a program of the platform with scopes of its own.")
    view_scope = "console:access"
    change_scope = "clients:write"
    addable = True
    form = ServiceClientForm
    inlines = (SecretInline,)
    list_display = ("client_id", "name", "enabled", "bound", "shown_scopes", "created_at")
    list_filter = ("enabled",)
    search_fields = ("client_id", "name")
    ordering = ("-id",)
    actions = ("rotate_secret", "end_secrets", "disable", "enable")

    def get_fields(self, request: HttpRequest, obj: ServiceClient | None = None) -> Any:
        if obj is None:
            return ("name", "client_id", "scopes")
        return ("public_id", "client_id", "name", *CHANGEABLE, "enabled", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: ServiceClient | None = None) -> Any:
        return () if obj is None else ("public_id", "client_id", "enabled", "created_at")

    def get_inlines(self, request: HttpRequest, obj: ServiceClient | None) -> Any:
        return () if obj is None else self.inlines

    def has_clients_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, self.change_scope)

    @admin.display(description=_("scopes"))
    def shown_scopes(self, client: ServiceClient) -> str:
        return " ".join(client.scopes)

    @admin.display(description=_("bound"), boolean=True)
    def bound(self, client: ServiceClient) -> bool:
        return bool(client.networks or client.certificates)

    def save_model(self, request: HttpRequest, obj: ServiceClient, form: Any, change: bool) -> None:
        """The services write; the page goes on with what they wrote."""
        given = form.cleaned_data
        if change:
            service_clients.update(
                client_id=obj.client_id,
                name=given["name"],
                scopes=given["scopes"],
                keys=ClientKeys(jwks=given["jwks"], jwks_url=given["jwks_url"]),
                networks=given["networks"],
                certificates=given["certificates"],
            )
            return
        issued = service_clients.create(
            client_id=given["client_id"], name=given["name"], scopes=given["scopes"]
        )
        obj.pk, obj.client_id = issued.client.pk, issued.client.client_id
        request.issued_secret = issued  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: ServiceClient, post_url_continue: str | None = None
    ) -> HttpResponse:
        issued: IssuedSecret = request.issued_secret  # type: ignore[attr-defined]
        return self._show_once(request, issued)

    @admin.action(description=_("New secret"), permissions=["clients_write"])
    def rotate_secret(
        self, request: HttpRequest, clients: QuerySet[ServiceClient]
    ) -> HttpResponse | None:
        if proof := proof_wanted(request):
            return proof
        try:
            client = clients.get()
        except ServiceClient.MultipleObjectsReturned:
            messages.error(request, _("Choose one client."))
            return None
        try:
            issued = service_clients.rotate_secret(client_id=client.client_id)
        except ServiceClientDisabledError as error:
            messages.error(request, error.title)
            return None
        return self._show_once(request, issued)

    @admin.action(description=_("End its secrets: keys alone"), permissions=["clients_write"])
    def end_secrets(
        self, request: HttpRequest, clients: QuerySet[ServiceClient]
    ) -> HttpResponse | None:
        if proof := proof_wanted(request):
            return proof
        for client in clients:
            try:
                service_clients.end_secrets(client_id=client.client_id)
            except ServiceClientHasNoKeysError as error:
                messages.error(request, f"{client}: {error.title}")
            else:
                messages.success(
                    request, _("%(client)s has no secret any more.") % {"client": client}
                )
        return None

    @admin.action(description=_("Disable"), permissions=["clients_write"])
    def disable(self, request: HttpRequest, clients: QuerySet[ServiceClient]) -> None:
        for client in clients:
            service_clients.disable(client_id=client.client_id)
            messages.success(request, _("%(client)s is disabled.") % {"client": client})

    @admin.action(description=_("Enable"), permissions=["clients_write"])
    def enable(self, request: HttpRequest, clients: QuerySet[ServiceClient]) -> None:
        for client in clients:
            service_clients.enable(client_id=client.client_id)
            messages.success(request, _("%(client)s is enabled.") % {"client": client})

    def _show_once(self, request: HttpRequest, issued: IssuedSecret) -> HttpResponse:
        page = {
            **self.admin_site.each_context(request),
            "title": _("The secret of %(client)s") % {"client": issued.client},
            "issued": issued,
        }
        return TemplateResponse(request, "console/client_secret.html", page)
