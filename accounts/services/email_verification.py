"""Proving that an address is one's own."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import mail, tasks
from accounts.events.people import UserVerified
from accounts.metrics import EMAIL_VERIFICATIONS
from accounts.models import User
from accounts.models.single_use_token import TokenPurpose
from accounts.models.user import UserStatus
from accounts.services import single_use_tokens
from accounts.services.status import move
from config.http import context
from events.domain import emit


def send_link(*, user: User) -> None:
    """Mail a fresh link to somebody whose address is not verified yet; to others nothing."""
    if user.status != UserStatus.PENDING_VERIFICATION:
        return
    token = single_use_tokens.issue(
        user=user,
        purpose=TokenPurpose.EMAIL_VERIFICATION,
        lifetime=settings.ENVIRONMENT.email_verification_lifetime,
    )
    mail.send(user, mail.verification(user, token))


def resend(*, email: str) -> None:
    """Send the link again if that is of use. For an unknown address the same task runs and does nothing."""
    user = User.objects.with_email(email).first()
    tasks.send_verification_mail.delay(user.public_id if user else tasks.NOBODY)


def verify(*, token: str) -> User:
    """Confirm the address that `token` was sent to; the account becomes active.

    Raises InvalidSingleUseTokenError.
    """
    with transaction.atomic():
        user = single_use_tokens.consume(token, purpose=TokenPurpose.EMAIL_VERIFICATION).user
        confirm(user)
    return user


def confirm(user: User) -> None:
    """The address is the person's, who becomes active. Call it in the transaction that used the mailed token up."""
    context.amend(actor_type="user", actor_id=user.public_id)  # who reads the mail
    user.email_verified_at = timezone.now()
    user.save(update_fields=["email_verified_at", "updated_at"])
    move(user, UserStatus.ACTIVE, reason="")
    single_use_tokens.end_all(user=user, purposes=[TokenPurpose.EMAIL_VERIFICATION])
    emit(UserVerified(user_id=user.public_id))
    EMAIL_VERIFICATIONS.labels("verified").inc()
