"""Signing keys, for staff: in which state, since when; and the planned change of the active one."""

from typing import ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from accounts.errors import KeyNotPublishedLongEnoughError
from accounts.models import SigningKey
from accounts.models.signing_key import KeyState
from accounts.services import signing_keys
from config.http.console import ConsoleAdmin, as_json, holds
from config.http.proof import proof_wanted

COLOURS = {
    KeyState.NEXT: "info",
    KeyState.ACTIVE: "success",
    KeyState.RETIRING: "warning",
    KeyState.REVOKED: "danger",
}


@admin.register(SigningKey)
class SigningKeyAdmin(ConsoleAdmin):
    """Nothing is edited: keys move by the clock, by the button, or by `manage.py signing_keys revoke`."""

    view_scope = "console:access"
    list_display = (
        "kid",
        "shown_state",
        "algorithm",
        "published_at",
        "activated_at",
        "retiring_at",
        "tokens_expire_at",
        "retired_at",
        "revoked_at",
    )
    list_filter = ("state",)
    search_fields = ("kid",)
    ordering = ("-id",)
    fields: ClassVar[tuple[str, ...]] = (
        "public_id",
        *list_display[:1],
        "state",
        *list_display[2:],
        "revocation_reason",
        "shown_public_key",
    )
    readonly_fields = fields
    actions_list = ("rotate",)

    @display(description=_("state"), label=COLOURS)
    def shown_state(self, key: SigningKey) -> tuple[str, str]:
        return key.state, key.get_state_display()

    @admin.display(description=_("public key"))
    def shown_public_key(self, key: SigningKey) -> str:
        return as_json(key.public_jwk)

    def has_keys_write_permission(self, request: HttpRequest) -> bool:
        return holds(request, "keys:write")

    @action(description=_("Rotate"), url_path="rotate", permissions=["keys_write"])
    def rotate(self, request: HttpRequest) -> HttpResponse:
        """Asks first, and does it on POST; both with a second factor that was proved just now."""
        if proof := proof_wanted(request):
            return proof
        if request.method != "POST":
            page = {**self.admin_site.each_context(request), "title": _("Rotate the signing key")}
            return render(request, "console/rotate_signing_key.html", page)
        try:
            change = signing_keys.rotate()
        except KeyNotPublishedLongEnoughError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, _("%(kid)s signs from now on.") % {"kid": change.activated})
        return HttpResponseRedirect(reverse("admin:accounts_signingkey_changelist"))
