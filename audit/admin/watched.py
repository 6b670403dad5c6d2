"""Pages of the console that leave a row in the trail when somebody looks at them."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from audit.services import console_views
from config.http.console import ConsoleAdmin


class WatchedAdmin(ConsoleAdmin):
    """Every look at a row's page is noted, before it is shown."""

    def person_shown(self, row: Any) -> str:
        """The public id of the person whom the row tells of, or "" when it tells of nobody."""
        return ""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if row is not None and request.method == "GET":
            console_views.note(
                page=self.model._meta.model_name or "",
                object_id=row.public_id,
                user_id=self.person_shown(row),
            )
        page: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return page
