"""A person says that a session was not theirs: everything ends, and they choose a new password."""

from django.conf import settings
from django.db import transaction

from accounts import mail, sign_in_mail
from accounts.events.sessions import SessionDisowned
from accounts.models import Session, SingleUseToken
from accounts.models.session import EndReason
from accounts.models.single_use_token import TokenPurpose
from accounts.services import passwords, preferences, sessions, single_use_tokens
from accounts.services.risk.assessment import Level, level_of
from config.http import context
from events.domain import emit


def send_mail(*, session: Session) -> None:
    """Tell the person of a sign-in that was unusual, with a link for the case that it was not theirs. Of one that was
    not more than that, only if they want to hear of it.
    """
    wanted = preferences.document_of(preferences.of(session.user))["notifications"]
    if level_of(session.risk_score or 0) != Level.HIGH and not wanted["new_device_email"]:
        return
    token = single_use_tokens.issue(
        user=session.user,
        purpose=TokenPurpose.SESSION_DISOWNING,
        lifetime=settings.ENVIRONMENT.session_disowning_lifetime,
        details={"session": session.public_id},
    )
    mail.send(session.user, sign_in_mail.new_sign_in(session, token))


def asked_about(row: SingleUseToken) -> Session:
    """The session that a token of SESSION_DISOWNING is about."""
    return Session.objects.select_related("user").with_public_id(row.details["session"]).get()


def disown(*, token: str) -> int:
    """End the session, as one that taught us nothing of the person, and all others; mail a link for a new password.

    Returns how many ended. Raises InvalidSingleUseTokenError.
    """
    with transaction.atomic():
        row = single_use_tokens.consume(token, purpose=TokenPurpose.SESSION_DISOWNING)
        session = asked_about(row)
        context.amend(actor_type="user", actor_id=row.user.public_id)  # who reads the mail
        ended = int(sessions.end(session=session, reason=EndReason.DISOWNED))
        if not ended:
            Session.objects.filter(pk=session.pk).update(end_reason=EndReason.DISOWNED)
        ended += sessions.end_all(user=row.user, reason=EndReason.REVOKED)
        emit(SessionDisowned(user_id=row.user.public_id, session_id=session.public_id))
        transaction.on_commit(lambda: passwords.request_reset(email=row.user.email))
    return ended
