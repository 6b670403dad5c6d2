"""What a person's page tells of the account: how its state came about, where the person is signed in, and what
programs act in their name.
"""

from django.utils.translation import gettext_lazy as _

from accounts.devices import device_in_words, place_in_words
from accounts.models import ApiKey, Session, User
from accounts.services.risk.assessment import Level, level_of
from audit.models import AuthEvent
from audit.people import actor_in_words, addresses_of
from audit.sentences import sentence_of
from audit.types import AuditType
from config.dashboard.panels import Content, Deed, Line, Panel, moment, register

STATES = (
    AuditType.ACCOUNT_CREATED,
    AuditType.ACCOUNT_SUSPENDED,
    AuditType.ACCOUNT_REACTIVATED,
    AuditType.ACCOUNT_DEACTIVATED,
    AuditType.ACCOUNT_ERASED,
    AuditType.EMAIL_CHANGED,
    AuditType.EMAIL_RESTORED,
    AuditType.PASSWORD_CHANGE_REQUIRED,
)
CHANGES, SESSIONS, KEYS = 10, 25, 25
TONES = {Level.LOW: "good", Level.MEDIUM: "warn", Level.HIGH: "bad"}


def state(user: User) -> Content:
    """What it is now, and the last changes of it, each with who and why."""
    rows = list(
        AuthEvent.objects.for_user(user.public_id).of_types(STATES).newest_first()[:CHANGES]
    )
    addresses = addresses_of(row.actor_id for row in rows)
    since = _("%(status)s since %(moment)s (UTC).") % {
        "status": user.get_status_display().capitalize(),
        "moment": moment(user.status_changed_at),
    }
    why = _("Reason: %(reason)s") % {"reason": user.status_reason}
    return Content(
        columns=(_("what"), _("when (UTC)"), _("by whom")),
        lines=tuple(
            Line(
                texts=(
                    sentence_of(row),
                    moment(row.occurred_at),
                    actor_in_words(row, addresses),
                ),
                model="audit.AuthEvent",
                key=row.pk,
            )
            for row in rows
        ),
        notes=(since, *([why] if user.status_reason else [])),
        query={"q": user.email},
    )


def sessions(user: User) -> Content:
    live = list(Session.objects.live().for_user(user.pk).order_by("-last_active_at")[:SESSIONS])
    everything = Deed(
        text=_("End all sessions"),
        view="admin:accounts_user_end_sessions_of",
        scope="sessions:write",
        args=(user.pk,),
    )
    return Content(
        columns=(_("device"), _("place"), _("last active (UTC)"), _("how, and how risky")),
        lines=tuple(_session(session) for session in live),
        empty=_("Not signed in anywhere."),
        query={"q": user.email, "state": "live"},
        deeds=(everything,) if live else (),
    )


def _session(session: Session) -> Line:
    software = device_in_words(session.user_agent)
    name = f"{session.device_name} ({software})" if session.device_name else software
    where = (place_in_words(session.country, session.city), session.ip or "")
    how = session.get_method_display()
    risky = (
        "" if session.risk_score is None else _("risk %(score)d") % {"score": session.risk_score}
    )
    return Line(
        texts=(
            name,
            ", ".join(filter(None, where)),
            moment(session.last_active_at),
            ", ".join(filter(None, (str(how), str(risky)))),
        ),
        model="accounts.Session",
        key=session.pk,
        tone="" if session.risk_score is None else TONES[level_of(session.risk_score)],
        deeds=(
            Deed(
                text=_("End"),
                view="admin:accounts_session_end_this",
                scope="sessions:write",
                args=(session.pk,),
            ),
        ),
    )


def keys(user: User) -> Content:
    """Those that were not revoked; they are revoked on their own page, with a reason."""
    unrevoked = ApiKey.objects.for_user(user.pk).unrevoked()[:KEYS]
    return Content(
        columns=(_("name"), _("ends with"), _("until (UTC)"), _("last used (UTC)")),
        lines=tuple(
            Line(
                texts=(
                    key.name,
                    key.hint,
                    moment(key.expires_at),
                    " ".join(filter(None, (moment(key.last_used_at), key.last_used_ip))),
                ),
                model="accounts.ApiKey",
                key=key.pk,
                tone="warn" if key.is_expired else "",
            )
            for key in unrevoked
        ),
        empty=_("No program acts in their name."),
        query={"q": user.email},
    )


register(
    Panel(title=_("State"), model="accounts.User", draw=state, order=10),
    Panel(title=_("Sessions"), model="accounts.Session", draw=sessions, order=30, wide=True),
    Panel(title=_("API keys"), model="accounts.ApiKey", draw=keys, order=35),
)
