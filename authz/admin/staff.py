"""What the pages of this app share: whose name a change is made in, reasons, and refusals told in words."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from authz.services.roles import scopes_of
from config.http.console import ConsoleAdmin, told
from config.http.principal import Principal
from config.http.problems import ProblemError


def principal(request: HttpRequest) -> Principal:
    """The person at the console as the services know callers."""
    person: Any = request.user
    return Principal(type="user", id=person.public_id, scopes=scopes_of(person.pk))


class StaffAdmin(ConsoleAdmin):
    """A page whose changes go through services, which may refuse."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A refusal is told above the form, and nothing has changed."""
        try:
            page: HttpResponse = super().changeform_view(
                request, object_id, form_url, extra_context
            )
        except ProblemError as problem:
            messages.error(request, told(problem))
            return HttpResponseRedirect(request.get_full_path())
        return page

    def with_reason(
        self,
        request: HttpRequest,
        rows: Iterable[Any],
        *,
        action: str,
        title: str,
        service: Callable[[Any, str], object],
        explanation: Any = "",
    ) -> HttpResponse | None:
        """Say what it does and ask why, then call `service(row, reason)` for each row; a refusal of one does not stop
        the others.
        """
        reason = request.POST.get("reason", "").strip()
        if not reason:
            page = {
                **self.admin_site.each_context(request),
                "title": title,
                "explanation": explanation,
                "rows": rows,
                "action": action,
                "asked": "reason" in request.POST,
                "back": request.get_full_path(),
            }
            return render(request, "authz/confirm_with_reason.html", page)
        for row in rows:
            self.carry_out(request, row, lambda one: service(one, reason))
        return None

    def carry_out(self, request: HttpRequest, row: Model, service: Callable[[Any], object]) -> None:
        """Call `service(row)` and tell how it went; a refusal is told in words."""
        try:
            service(row)
        except ProblemError as problem:
            messages.error(request, f"{row}: {told(problem)}")
        else:
            messages.success(request, _("%(row)s: done.") % {"row": row})
