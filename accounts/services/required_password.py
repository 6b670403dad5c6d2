"""A password that may be known to others is taken away: the person chooses a new one by a mailed link."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import mail, tasks
from accounts.errors import StatusTransitionError
from accounts.events.people import PasswordChangeRequired
from accounts.models import User
from accounts.models.single_use_token import TokenPurpose
from accounts.services import sessions, single_use_tokens
from accounts.services.passwords import PROVEN_WITH_THE_OLD_PASSWORD
from events.domain import emit


def require_new(*, user: User, reason: str) -> int:
    """From the commit on no password opens the account until its person has chosen one; every session ends. Returns
    how many did. Who signs in without a password goes on so.

    Raises StatusTransitionError for an account that nobody may sign in to.
    """
    with transaction.atomic():
        changed = User.objects.active().filter(pk=user.pk)
        if not changed.update(password=make_password(None), updated_at=timezone.now()):
            raise StatusTransitionError("Only the password of an active account can be taken away.")
        single_use_tokens.end_all(user=user, purposes=PROVEN_WITH_THE_OLD_PASSWORD)
        ended = sessions.end_all_by_staff(user=user, note=reason)
        emit(PasswordChangeRequired(user_id=user.public_id, reason=reason))
        transaction.on_commit(lambda: tasks.send_password_required_mail.delay(user.public_id))
    return ended


def send_link(*, user: User) -> None:
    """The mail itself, for an account that may still be signed in to."""
    if not user.is_active:
        return
    token = single_use_tokens.issue(
        user=user,
        purpose=TokenPurpose.PASSWORD_RESET,
        lifetime=settings.ENVIRONMENT.password_reset_lifetime,
    )
    mail.send(user, mail.password_required(user, token))
