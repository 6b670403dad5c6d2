"""Signing in with a password."""

from django.conf import settings
from django.db import transaction

from accounts.errors import AccountClosedError, InvalidCredentialsError
from accounts.events.sessions import (
    SessionAnomaly,
    SignInDelayed,
    SignInRefused,
    StuffingSuspected,
)
from accounts.metrics import SIGN_IN_DURATION, SIGN_INS
from accounts.models import User
from accounts.models.session import SignInMethod
from accounts.services import reopening, second_factor, sign_in_throttle, stuffing, tokens
from accounts.services.breached_passwords import is_breached
from accounts.services.password_hashing import verify_password
from accounts.services.reopening import ReopeningOffered
from accounts.services.second_factor import ProvenSignIn, SecondFactorNeeded
from accounts.services.sessions import Device
from accounts.services.tokens import TokenPair
from config.compiled_queries import CompiledQuery, parameter
from config.http import context
from events.domain import emit

_with_email = CompiledQuery(lambda: User.objects.with_lowered_email(parameter("email")))


def log_in(
    *, email: str, password: str, device: Device
) -> TokenPair | SecondFactorNeeded | ReopeningOffered:
    """Sign in, or ask for the second factor; or offer to take back that the person has closed the account.

    Raises InvalidCredentialsError for every cause there is, after the same work.
    """
    context.amend(device_fingerprint=device.fingerprint)
    try:
        proven = right_password(email=email, password=password, device=device)
    except AccountClosedError:
        return reopening.offer(User.objects.with_email(email).get())
    return second_factor.proceed(proven, answer=tokens.first_pair)


def check_password(*, email: str, password: str) -> User:
    """The active person whom e-mail and password open; the failures before are forgotten.

    Raises InvalidCredentialsError for every cause there is, among them AccountClosedError where the person could take
    that back.
    """
    proven = right_password(email=email, password=password, device=Device())
    if proven.tries.counted:
        sign_in_throttle.forget(email)
    return proven.user


def right_password(*, email: str, password: str, device: Device) -> ProvenSignIn:
    """The same as the beginning of a sign-in whose risk is still to be assessed: nothing is forgotten yet."""
    with SIGN_IN_DURATION.labels("password").time():
        return _right_password(email=email, password=password, device=device)


def _right_password(*, email: str, password: str, device: Device) -> ProvenSignIn:
    user = _with_email.first(email=email.lower())
    right = verify_password(user, password)
    # Looked at last: others may have failed while this one waited for its place.
    standing = sign_in_throttle.standing_of(email)
    delayed = standing.delayed
    if delayed or not right or user is None or not user.is_active:
        _refuse(user, email=email, delayed=delayed, right=right)
        if user is not None and right and not delayed and user.may_reopen:
            raise AccountClosedError
        raise InvalidCredentialsError
    return ProvenSignIn(
        user=user,
        method=SignInMethod.PASSWORD,
        amr=("pwd",),
        device=device,
        tries=standing,
        breached=is_breached(password),
    )


def refuse_entry(user: User) -> InvalidCredentialsError:
    """The password was right, but not for this door: the same answer as ever, once the trail has the cause."""
    with transaction.atomic():
        emit(SignInRefused(user_id=user.public_id, reason="not_staff"))
    SIGN_INS.labels("password", "locked").inc()
    return InvalidCredentialsError()


def _refuse(user: User | None, *, email: str, delayed: bool, right: bool) -> None:
    """Write down why, in a transaction of its own: the refusal stands whatever becomes of the request."""
    known = user.public_id if user else ""
    suspicions = stuffing.note_failure(email=email)
    with transaction.atomic():
        for suspicion in suspicions:
            emit(StuffingSuspected(network=suspicion.network, accounts=suspicion.accounts))
        if (
            not right and not delayed
        ):  # a guess during the delay must not make its owner wait longer
            failures = sign_in_throttle.record_failure(email)
            if user is not None and failures == settings.ENVIRONMENT.login_free_failures:
                emit(SessionAnomaly(user_id=known, session_id="", kind="many_failures"))
        if delayed:
            emit(SignInDelayed(user_id=known, reason="delayed"))
        elif user is None or not right:
            emit(SignInRefused(user_id=known, reason="bad_credentials"))
        else:
            emit(SignInRefused(user_id=known, reason=f"account_{user.status}"))
    SIGN_INS.labels(
        "password", "delayed" if delayed else "locked" if right else "bad_credentials"
    ).inc()
