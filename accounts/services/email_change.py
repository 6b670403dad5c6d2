"""Another e-mail address: asked for by the person or by staff, confirmed from the new address, taken back from the old.

Whoever asks learns nothing of whether anybody has the new address: that is looked up where the mail is made.
"""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import email_change_mail, mail, tasks
from accounts.errors import (
    EmailChangedLatelyError,
    EmailTakenError,
    InvalidSingleUseTokenError,
    StatusTransitionError,
)
from accounts.events.people import (
    EmailChanged,
    EmailChangeEnded,
    EmailChangeRequested,
    EmailRestored,
)
from accounts.metrics import EMAIL_CHANGES
from accounts.models import EmailChange, Session, SingleUseToken, User
from accounts.models.email_change import EmailChangeState
from accounts.models.session import EndReason
from accounts.models.single_use_token import TokenPurpose
from accounts.services import passwords, sessions, sign_in_throttle, single_use_tokens
from config.http import context
from config.http.problems import FieldError, InvalidRequestError
from events.domain import emit

# What was mailed to one address is good for nothing once the account has another; the way back alone is.
MAILED = [each for each in TokenPurpose if each != TokenPurpose.EMAIL_CHANGE_DISOWNING]


def ask(*, user: User, email: str, session: Session | None = None, reason: str = "") -> EmailChange:
    """Mail a link to `email`, which a form has found to be an address, and a notice to the present one. Nothing changes
    before the link is used; one that was sent before is good no longer. `session` is that of the person, if it is they
    who ask; `reason` is that of staff.

    Raises InvalidRequestError for the address that they have, EmailChangedLatelyError, and StatusTransitionError for an
    account that is not active.
    """
    address = User.objects.normalize_email(email)
    with transaction.atomic():
        held = _hold(user)
        _require_may_change(held, address)
        _end_waiting(held, why="replaced")
        change = EmailChange.objects.create(
            user=held,
            session=session,
            old_email=held.email,
            new_email=address,
            expires_at=timezone.now() + _lifetime("email_change_lifetime"),
        )
        emit(EmailChangeRequested(user_id=held.public_id, reason=reason))
        transaction.on_commit(lambda: tasks.send_email_change_link_mail.delay(change.public_id))
        _tell_the_old_address(change)
    EMAIL_CHANGES.labels("requested").inc()
    return change


def send_link(*, change: EmailChange) -> None:
    """The mail to the new address: the link, or that the address has an account already, or is kept for one."""
    if change.state != EmailChangeState.ASKED or change.expires_at <= timezone.now():
        return
    owner = User.objects.with_email(change.new_email).first()
    kept = _kept_for_another(change)
    if owner is not None:
        mail.send(owner, email_change_mail.in_use(owner))
    elif kept is not None:
        mail.send_to_address(change.new_email, email_change_mail.address_kept(kept))
    else:
        token = single_use_tokens.issue(
            user=change.user,
            purpose=TokenPurpose.EMAIL_CHANGE,
            lifetime=settings.ENVIRONMENT.email_change_lifetime,
            details={"change": change.public_id},
        )
        message = email_change_mail.confirm(change, token)
        mail.send(change.user, message, to=change.new_email)


def send_notice(*, change: EmailChange) -> None:
    """The mail to the old address: what is to happen or has happened, with the way to say "it was not me"."""
    if change.state not in {EmailChangeState.ASKED, EmailChangeState.CONFIRMED}:
        return
    token = single_use_tokens.issue(
        user=change.user,
        purpose=TokenPurpose.EMAIL_CHANGE_DISOWNING,
        lifetime=settings.ENVIRONMENT.email_change_disowning_lifetime,
        details={"change": change.public_id},
    )
    made = change.state == EmailChangeState.CONFIRMED
    words = email_change_mail.changed if made else email_change_mail.asked
    mail.send(change.user, words(change, token), to=change.old_email)


def asked_about(row: SingleUseToken) -> EmailChange:
    """The change that a token of either purpose is about. Raises InvalidSingleUseTokenError when it is forgotten."""
    changes = EmailChange.objects.select_related("user")
    change = changes.with_public_id(row.details["change"]).first()
    if change is None:
        raise InvalidSingleUseTokenError
    return change


def confirm(*, token: str) -> User:
    """The new address is the person's: whoever reads it has said so. Every session ends but the one that asked, and so
    does whatever was mailed to the old address.

    Raises InvalidSingleUseTokenError, and EmailTakenError when another person was faster.
    """
    row = single_use_tokens.peek(token, purpose=TokenPurpose.EMAIL_CHANGE)
    try:
        with transaction.atomic():
            user = _hold(row.user)
            change = _spend(token, TokenPurpose.EMAIL_CHANGE)
            _move(user, change)
    except (IntegrityError, EmailTakenError) as error:
        _refuse(row)
        raise EmailTakenError from error
    EMAIL_CHANGES.labels("confirmed").inc()
    return user


def withdraw(*, user: User) -> bool:
    """The person thinks better of it. False when nothing waits."""
    with transaction.atomic():
        return _end_waiting(_hold(user), why="withdrawn")


def disown(*, token: str) -> bool:
    """It was not the person: the change is stopped, or undone; every session ends, and a link for a new password goes
    to the old address. True when it was made already and is undone.

    Raises InvalidSingleUseTokenError, and EmailTakenError when the old address has another account by now.
    """
    row = single_use_tokens.peek(token, purpose=TokenPurpose.EMAIL_CHANGE_DISOWNING)
    try:
        with transaction.atomic():
            user = _hold(row.user)
            change = _spend(token, TokenPurpose.EMAIL_CHANGE_DISOWNING)
            undone = EmailChange.objects.restorable().filter(pk=change.pk).exists()
            if undone:
                _put_back(user, change)
            else:
                _end_waiting(user, why="disowned")
            sessions.end_all(user=user, reason=EndReason.REVOKED)
            transaction.on_commit(lambda: passwords.request_reset(email=user.email))
    except IntegrityError as error:
        raise EmailTakenError from error
    EMAIL_CHANGES.labels("restored" if undone else "disowned").inc()
    return undone


def forget_expired() -> int:
    """Delete those that can neither be confirmed nor taken back; returns how many."""
    oldest = timezone.now() - _lifetime("email_change_disowning_lifetime")
    deleted, _ = EmailChange.objects.over(before=oldest).delete()
    return deleted


def _lifetime(setting: str) -> timedelta:
    return timedelta(seconds=getattr(settings.ENVIRONMENT, setting))


def _hold(user: User) -> User:
    """The row, held: of a change and its confirmation one comes first. Locks are taken in this order everywhere."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _require_may_change(user: User, address: str) -> None:
    if not user.is_active:
        raise StatusTransitionError("Only the address of an active account can be changed.")
    if address.lower() == user.email.lower():
        own = FieldError("email", "unchanged", "It is the address of the account already.")
        raise InvalidRequestError(errors=[own])
    if EmailChange.objects.restorable().filter(user=user).exists():
        raise EmailChangedLatelyError


def _end_waiting(user: User, *, why: str) -> bool:
    single_use_tokens.end_all(user=user, purposes=[TokenPurpose.EMAIL_CHANGE])
    waiting = EmailChange.objects.asked().filter(user=user)
    if not waiting.update(state=EmailChangeState.ENDED, updated_at=timezone.now()):
        return False
    emit(EmailChangeEnded(user_id=user.public_id, why=why))
    return True


def _spend(token: str, purpose: TokenPurpose) -> EmailChange:
    """Use the token up; from here on its person acts, who reads the mail."""
    row = single_use_tokens.consume(token, purpose=purpose)
    context.amend(actor_type="user", actor_id=row.user.public_id)
    return asked_about(row)


def _move(user: User, change: EmailChange) -> None:
    if not user.is_active or change.state != EmailChangeState.ASKED:
        raise InvalidSingleUseTokenError
    if _kept_for_another(change) is not None:
        raise EmailTakenError
    change.state = EmailChangeState.CONFIRMED
    change.restorable_until = timezone.now() + _lifetime("email_change_disowning_lifetime")
    change.save(update_fields=["state", "restorable_until", "updated_at"])
    _store(user, change.new_email)
    sessions.end_all(user=user, reason=EndReason.EMAIL_CHANGE, except_for=change.session_id)
    emit(EmailChanged(user_id=user.public_id))
    _tell_the_old_address(change)


def _put_back(user: User, change: EmailChange) -> None:
    EmailChange.objects.filter(pk=change.pk).update(
        state=EmailChangeState.RESTORED, updated_at=timezone.now()
    )
    _store(user, change.old_email)
    emit(EmailRestored(user_id=user.public_id))


def _store(user: User, address: str) -> None:
    sign_in_throttle.forget(user.email)
    user.email, user.email_verified_at = address, timezone.now()
    user.save(update_fields=["email", "email_verified_at", "updated_at"])
    single_use_tokens.end_all(user=user, purposes=MAILED)


def _refuse(row: SingleUseToken) -> None:
    with transaction.atomic():
        if _end_waiting(_hold(row.user), why="taken"):
            EMAIL_CHANGES.labels("taken").inc()


def _kept_for_another(change: EmailChange) -> EmailChange | None:
    kept = EmailChange.objects.keeping(change.new_email).exclude(user=change.user_id)
    return kept.select_related("user").first()


def _tell_the_old_address(change: EmailChange) -> None:
    transaction.on_commit(lambda: tasks.send_email_change_notice_mail.delay(change.public_id))
