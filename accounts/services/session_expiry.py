"""Sessions that ran out are ended: what was true by the clock alone becomes a fact that others hear of."""

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.events.sessions import SessionEnded
from accounts.metrics import SESSIONS_ENDED
from accounts.models import Session
from accounts.models.session import EndReason
from events.domain import emit


def end_run_out() -> int:
    """End every session that ran out; returns how many. Safe to run on many machines at once: each takes others."""
    total = 0
    while ended := _end_batch(settings.ENVIRONMENT.session_sweep_batch):
        total += ended
    return total


def _end_batch(size: int) -> int:
    """One transaction. A session ended when it ran out, not when somebody noticed."""
    with transaction.atomic():
        rows = Session.objects.run_out().select_related("user").order_by("idle_expires_at")
        batch = list(rows.select_for_update(of=("self",), skip_locked=True)[:size])
        for reason in (EndReason.EXPIRED, EndReason.IDLE):
            ended = [session for session in batch if _why(session) is reason]
            Session.objects.filter(pk__in=[session.pk for session in ended]).update(
                ended_at=F("idle_expires_at"), end_reason=reason
            )
            for session in ended:
                _tell(session, reason)
    return len(batch)


def _why(session: Session) -> EndReason:
    """The idle end never lies beyond the absolute one; where they are the same moment, nobody was idle."""
    return EndReason.IDLE if session.idle_expires_at < session.expires_at else EndReason.EXPIRED


def _tell(session: Session, reason: EndReason) -> None:
    emit(
        SessionEnded(
            user_id=session.user.public_id, session_id=session.public_id, reason=reason.value
        )
    )
    transaction.on_commit(SESSIONS_ENDED.labels(reason.value).inc)
