"""What the trail tells on a person's page: what happened, as sentences, newest first."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from audit.models import AuthEvent
from audit.people import actor_in_words, addresses_of, origin_of
from audit.sentences import sentence_of
from audit.types import AuditType, Outcome
from config.dashboard.panels import Content, Line, Panel, Person, moment, register

NEWEST = 50


def timeline(person: Person) -> Content:
    """That staff looked at the page is in the trail and not here, where it would leave no room for the rest."""
    rows = list(
        AuthEvent.objects.for_user(person.public_id).but_looks_of_staff().newest_first()[:NEWEST]
    )
    addresses = addresses_of(row.actor_id for row in rows)
    return Content(
        columns=(_("what"), _("when (UTC)"), _("by whom"), _("from where")),
        lines=tuple(
            Line(
                texts=(
                    sentence_of(row),
                    moment(row.occurred_at),
                    actor_in_words(row, addresses),
                    origin_of(row),
                ),
                model="audit.AuthEvent",
                key=row.pk,
                tone=_tone(row),
            )
            for row in rows
        ),
        empty=_("Nothing has happened yet."),
        query={"q": person.public_id},
    )


def _tone(row: AuthEvent) -> str:
    risky = row.risk_score is not None and row.risk_score >= settings.ENVIRONMENT.risk_high
    if risky or row.event_type == AuditType.SESSION_ANOMALY:
        return "bad"
    return "warn" if row.outcome == Outcome.FAILURE else ""


register(
    Panel(title=_("Timeline"), model="audit.AuthEvent", draw=timeline, order=90, wide=True),
)
