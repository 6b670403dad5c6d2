"""What a person's page tells of their privacy: requests that are not met yet, and holds."""

from django.utils.translation import gettext_lazy as _

from audit.privacy.models import LegalHold, PrivacyRequest
from config.dashboard.panels import Content, Line, Panel, Person, moment, register


def requests(person: Person) -> Content:
    unmet = PrivacyRequest.objects.of(person.pk).unmet()
    holds = LegalHold.objects.of(person.pk).in_force()
    asked = tuple(
        Line(
            texts=(request.get_kind_display(), request.get_state_display(), moment(request.due_at)),
            model="privacy.PrivacyRequest",
            key=request.pk,
            tone="bad" if request.is_overdue else "info",
        )
        for request in unmet
    )
    held = tuple(
        Line(
            texts=(_("legal hold"), hold.reason, ""),
            model="privacy.LegalHold",
            key=hold.pk,
            tone="warn",
        )
        for hold in holds
    )
    return Content(
        columns=(_("what"), _("state"), _("due (UTC)")),
        lines=asked + held,
        empty=_("No open request, and nothing is held."),
        query={"q": person.email},
    )


register(
    Panel(title=_("Privacy"), model="privacy.PrivacyRequest", draw=requests, order=50, wide=True),
)
