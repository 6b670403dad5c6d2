"""Sign-ins that are too risky for a password alone: refused, told to the person, and let through if it was them.

Whoever tries gets the answer of a wrong password, so that a stolen one proves nothing from afar. The person gets a
mail, and whoever reads their mail may say "it was me": the next sign-in from the same device and country passes.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import mail, sign_in_mail, tasks
from accounts.errors import InvalidCredentialsError
from accounts.events.sessions import SignInApproved, SignInBlocked, SignInDisowned
from accounts.metrics import SIGN_INS
from accounts.models import BlockedSignIn, SingleUseToken, User
from accounts.models.session import SignInMethod
from accounts.models.single_use_token import TokenPurpose
from accounts.services import passwords, sessions, single_use_tokens
from accounts.services.risk.assessment import Assessment
from accounts.services.sessions import Device
from config import geography
from config.http import context
from events.domain import emit


def refuse_unless_approved(
    *, user: User, method: SignInMethod, device: Device, risk: Assessment
) -> None:
    """Raises InvalidCredentialsError, unless the person has said that a sign-in like this one is theirs.

    The refusal is written down in a transaction of its own.
    """
    attempt = _attempt(user, device, risk)
    if BlockedSignIn.objects.like(attempt).approved().update(approved_until=None):
        return
    _block(attempt, risk)
    SIGN_INS.labels(method.value, "blocked_by_risk").inc()
    raise InvalidCredentialsError


def _attempt(user: User, device: Device, risk: Assessment) -> BlockedSignIn:
    request, place = context.current(), geography.here()
    return BlockedSignIn(
        user=user,
        device_fingerprint=device.fingerprint,
        user_agent=request.user_agent,
        ip=request.ip,
        country=place.country,
        city=place.city[:100],
        risk_score=risk.score or 0,
        risk_signals=list(risk.signals),
    )


def _block(attempt: BlockedSignIn, risk: Assessment) -> None:
    """One mail for tries that are alike, while the link of the last one is good."""
    since = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.sign_in_approval_lifetime)
    with transaction.atomic():
        told = BlockedSignIn.objects.like(attempt).filter(created_at__gt=since).exists()
        attempt.save(force_insert=True)
        emit(
            SignInBlocked(
                user_id=attempt.user.public_id,
                reason="blocked_by_risk",
                risk_score=attempt.risk_score,
                risk_signals=risk.signals,
            )
        )
        sessions.announce(risk, user_id=attempt.user.public_id)
        if not told:
            transaction.on_commit(lambda: tasks.send_blocked_sign_in_mail.delay(attempt.public_id))


def send_mail(*, attempt: BlockedSignIn) -> None:
    """Tell the person, with a link that lets them say whether it was them."""
    token = single_use_tokens.issue(
        user=attempt.user,
        purpose=TokenPurpose.SIGN_IN_APPROVAL,
        lifetime=settings.ENVIRONMENT.sign_in_approval_lifetime,
        details={"blocked_sign_in": attempt.public_id},
    )
    mail.send(attempt.user, sign_in_mail.sign_in_blocked(attempt, token))


def asked_about(row: SingleUseToken) -> BlockedSignIn:
    """The sign-in that a token of SIGN_IN_APPROVAL is about."""
    blocked = BlockedSignIn.objects.select_related("user")
    return blocked.with_public_id(row.details["blocked_sign_in"]).get()


def approve(*, token: str) -> None:
    """It was the person: one sign-in like it passes within `sign_in_approval_lifetime`.

    Raises InvalidSingleUseTokenError.
    """
    with transaction.atomic():
        row = single_use_tokens.consume(token, purpose=TokenPurpose.SIGN_IN_APPROVAL)
        attempt = asked_about(row)
        lifetime = timedelta(seconds=settings.ENVIRONMENT.sign_in_approval_lifetime)
        attempt.approved_until = timezone.now() + lifetime
        attempt.save(update_fields=["approved_until", "updated_at"])
        context.amend(actor_type="user", actor_id=row.user.public_id)  # who reads the mail
        emit(SignInApproved(user_id=row.user.public_id, blocked_sign_in_id=attempt.public_id))


def disown(*, token: str) -> None:
    """It was not the person: somebody has their password, so they get a link to choose another.

    Raises InvalidSingleUseTokenError.
    """
    with transaction.atomic():
        row = single_use_tokens.consume(token, purpose=TokenPurpose.SIGN_IN_APPROVAL)
        attempt = asked_about(row)
        context.amend(actor_type="user", actor_id=row.user.public_id)  # who reads the mail
        emit(SignInDisowned(user_id=row.user.public_id, blocked_sign_in_id=attempt.public_id))
        transaction.on_commit(lambda: passwords.request_reset(email=row.user.email))


def forget_expired() -> int:
    """Delete those older than `blocked_sign_in_retention`; returns how many."""
    oldest = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.blocked_sign_in_retention)
    deleted, _ = BlockedSignIn.objects.filter(created_at__lt=oldest).delete()
    return deleted
