"""What the dashboard tells of people: anomalies, sessions, newcomers; and how old keys and secrets are."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from accounts.devices import place_in_words
from accounts.models import ClientSecret, Session, SigningKey, User
from accounts.models.service_client import SecretState
from accounts.models.signing_key import KeyState
from audit.models import AuthEvent
from audit.types import AuditType
from config.dashboard.cards import Card, Drawn, Figure, Row, Series, register
from config.dashboard.counting import NOTHING, counted, shown, total
from config.dashboard.span import Span

ANOMALIES = 8
KINDS = {
    "new_device": _("A new device"),
    "new_country": _("A country for the first time"),
    "impossible_travel": _("Farther than anybody travels in the time"),
    "many_failures": _("Many wrong passwords"),
    "refresh_token_reuse": _("A refresh token came twice"),
    "disowned": _("The person said that it was not theirs"),
    "credential_stuffing": _("Many accounts tried from one network"),
}


def anomalies(span: Span) -> Drawn:
    """The newest, each leading to its session where there is one, and else to its row in the trail."""
    rows = AuthEvent.objects.of_types([AuditType.SESSION_ANOMALY])
    newest = list(rows.since(span.begin).until(span.end).newest_first()[:ANOMALIES])
    keys = [key for row in newest if (key := Session.parse_id(row.session_id))]
    known = Session.objects.filter(pk__in=keys).select_related("user")
    sessions = {session.public_id: session for session in known}
    return Drawn(
        rows=tuple(_anomaly(row, sessions.get(row.session_id)) for row in newest),
        empty=_("Nothing unusual in this time. Choose a longer one to look further back."),
    )


def _anomaly(row: AuthEvent, session: Session | None) -> Row:
    kind = row.metadata.get("kind", "")
    what = KINDS.get(kind, kind)
    when = date_format(row.occurred_at, "j M, H:i")
    if session is None:
        about = row.metadata.get("network") or row.subject_user_id
        return Row(texts=(what, about, when), model="audit.AuthEvent", key=row.pk, tone="warn")
    place = place_in_words(session.country, session.city)
    texts = (what, ", ".join(filter(None, (session.user.email, place))), when)
    live = session.ended_at is None
    return Row(
        texts=texts, model="accounts.Session", key=session.pk, tone="bad" if live else "warn"
    )


def live_sessions(span: Span) -> Drawn:
    """Now, whatever the span: no session idles beyond its absolute end, so one clock is enough."""
    running = Q(ended_at=None, idle_expires_at__gt=timezone.now())
    high = settings.ENVIRONMENT.risk_high
    live = Session.objects.filter(running).count()
    risky = Session.objects.filter(running, risk_score__gte=high).count()
    return Drawn(
        figures=(
            Figure(text=_("live now"), value=shown(live), query={"state": "live"}),
            Figure(
                text=_("of high risk"),
                value=shown(risky),
                query={"state": "live", "risk": "high"},
                tone="bad" if risky else "",
            ),
        )
    )


def newcomers(span: Span) -> Drawn:
    days = span.daily()
    counts = counted(User.objects.all(), at="created_at", span=days, by="status")
    by_day: dict[datetime, int] = {}
    for of_status in counts.values():
        for bucket, number in of_status.items():
            by_day[bucket] = by_day.get(bucket, 0) + number
    unconfirmed = total(counts.get("pending_verification", {}))
    narrowed = span.query("created_at")
    return Drawn(
        figures=(
            Figure(text=_("new"), value=shown(sum(by_day.values())), query=narrowed),
            Figure(
                text=_("not confirmed yet"),
                value=shown(unconfirmed),
                query={"status__exact": "pending_verification"} | narrowed,
            ),
        ),
        chart=(Series(text=_("new people"), values=days.filled(by_day), tone="info"),),
        span=days,
    )


def signing_keys(span: Span) -> Drawn:
    keys = SigningKey.objects.filter(state__in=[KeyState.ACTIVE, KeyState.NEXT, KeyState.RETIRING])
    return Drawn(
        rows=tuple(
            Row(
                texts=(key.get_state_display(), key.algorithm, _for(key.state_since)),
                model="accounts.SigningKey",
                key=key.pk,
                tone="good" if key.state == KeyState.ACTIVE else "info",
            )
            for key in keys
        ),
        empty=_("There is no signing key: run manage.py bootstrap."),
    )


def client_secrets(span: Span) -> Drawn:
    found = ClientSecret.objects.filter(state=SecretState.CURRENT, client__enabled=True).aggregate(
        oldest=Min("created_at"), clients=Count("client", distinct=True)
    )
    oldest = _for(found["oldest"]) if found["oldest"] else NOTHING
    return Drawn(
        figures=(
            Figure(
                text=_("clients with a secret"),
                value=shown(found["clients"]),
                query={"enabled__exact": "1"},
            ),
            Figure(text=_("age of the oldest"), value=str(oldest), query={"enabled__exact": "1"}),
        )
    )


def _for(moment: datetime) -> Any:
    """How long ago, in the largest unit that fits."""
    return timesince(moment, depth=1)


register(
    Card(title=_("Anomalies"), model="audit.AuthEvent", draw=anomalies, order=20),
    Card(title=_("Sessions"), model="accounts.Session", draw=live_sessions, order=75),
    Card(title=_("New people"), model="accounts.User", draw=newcomers, order=30),
    Card(title=_("Signing keys"), model="accounts.SigningKey", draw=signing_keys, order=90),
    Card(title=_("Client secrets"), model="accounts.ServiceClient", draw=client_secrets, order=95),
)
