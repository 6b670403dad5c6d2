"""Sessions that a backup brings back: some were ended since it was made, and nobody knows which."""

from django.conf import settings

from accounts.models import Session
from accounts.models.session import EndReason
from accounts.services import sessions

NOTE = "a backup was restored"


def end_every_one() -> str:
    """End all live sessions; everybody signs in anew."""
    total = 0
    while batch := _next_batch():
        total += sum(
            sessions.end(session=session, reason=EndReason.REVOKED, note=NOTE) for session in batch
        )
    return f"{total} ended, everybody signs in anew"


def _next_batch() -> list[Session]:
    rows = Session.objects.live().select_related("user").order_by("pk")
    return list(rows[: settings.ENVIRONMENT.session_sweep_batch])
