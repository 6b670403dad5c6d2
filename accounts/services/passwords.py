"""Changing a password, and getting back in without one."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import mail, tasks
from accounts.errors import InvalidSingleUseTokenError, WrongPasswordError
from accounts.events.people import PasswordChanged, PasswordReset
from accounts.models import Session, SingleUseToken, User
from accounts.models.session import EndReason
from accounts.models.single_use_token import TokenPurpose
from accounts.models.user import UserStatus
from accounts.services import email_verification, sessions, sign_in_throttle, single_use_tokens
from accounts.services.password_hashing import check_acceptable, hash_password, verify_password
from config.http import context
from config.http.problems import FieldError
from events.domain import emit

PROVEN_WITH_THE_OLD_PASSWORD = (
    TokenPurpose.PASSWORD_RESET,
    TokenPurpose.SECOND_FACTOR,
    TokenPurpose.HANDOFF,
)


def change(*, session: Session, current: str, new: str) -> int:
    """Replace the password of the session's person; every other session ends. Returns how many did.

    Raises WrongPasswordError and PasswordNotAcceptableError.
    """
    user = session.user
    if not verify_password(user, current):
        raise WrongPasswordError(
            errors=[FieldError("current_password", "wrong", "Not your password.")]
        )
    check_acceptable(new, user, field="new_password")
    encoded = hash_password(new)
    with transaction.atomic():
        _store(user, encoded)
        ended = sessions.end_all(user=user, reason=EndReason.PASSWORD_CHANGE, except_for=session.pk)
        emit(PasswordChanged(user_id=user.public_id))
        transaction.on_commit(lambda: tasks.send_password_changed_mail.delay(user.public_id))
    return ended


def request_reset(*, email: str) -> None:
    """Mail a link to the person with this address. For an unknown one the same task runs and does nothing."""
    user = User.objects.with_email(email).first()
    tasks.send_password_reset_mail.delay(user.public_id if user else tasks.NOBODY)


def send_reset_link(*, user: User) -> None:
    """The mail itself. Accounts that may not sign in get none."""
    if user.status not in {UserStatus.ACTIVE, UserStatus.PENDING_VERIFICATION}:
        return
    token = single_use_tokens.issue(
        user=user,
        purpose=TokenPurpose.PASSWORD_RESET,
        lifetime=settings.ENVIRONMENT.password_reset_lifetime,
    )
    mail.send(user, mail.password_reset(user, token))


def reset(*, token: str, new: str) -> int:
    """Set a new password by the mailed token; every session ends. Returns how many did.

    For an account that still waits for its address to be verified, this verifies it.

    An unacceptable password does not use the token up. Raises InvalidSingleUseTokenError, PasswordNotAcceptableError.
    """
    row = single_use_tokens.peek(token, purpose=TokenPurpose.PASSWORD_RESET)
    check_acceptable(new, row.user, field="new_password")
    encoded = hash_password(new)
    with transaction.atomic():
        user = _spend(row)
        context.amend(actor_type="user", actor_id=user.public_id)  # who reads the mail
        _store(user, encoded)
        if user.status == UserStatus.PENDING_VERIFICATION:
            email_verification.confirm(user)  # the mail reached its address
        sign_in_throttle.forget(user.email)
        ended = sessions.end_all(user=user, reason=EndReason.PASSWORD_RESET)
        emit(PasswordReset(user_id=user.public_id))
        transaction.on_commit(lambda: tasks.send_password_changed_mail.delay(user.public_id))
    return ended


def _spend(row: SingleUseToken) -> User:
    single_use_tokens.use_up(row)
    if row.user.status not in {UserStatus.ACTIVE, UserStatus.PENDING_VERIFICATION}:
        raise InvalidSingleUseTokenError
    return row.user


def _store(user: User, encoded: str) -> None:
    user.password = encoded
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "password_changed_at", "updated_at"])
    single_use_tokens.end_all(user=user, purposes=PROVEN_WITH_THE_OLD_PASSWORD)
