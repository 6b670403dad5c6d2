"""Signing in with a password, and with a second factor where the person has one."""

from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction

from accounts.errors import AccountClosedError, InvalidCredentialsError
from accounts.events.sessions import SecondFactorChallenged, SignInDelayed, SignInRefused
from accounts.metrics import SIGN_INS
from accounts.models import User
from accounts.models.session import SignInMethod
from accounts.models.single_use_token import TokenPurpose
from accounts.services import reopening, sessions, sign_in_throttle, single_use_tokens, tokens
from accounts.services.password_hashing import verify_password
from accounts.services.reopening import ReopeningOffered
from accounts.services.sessions import Device
from accounts.services.tokens import TokenPair
from events.domain import emit
from mfa.services import verification

AMR_OF_FACTOR = {"totp": "otp", "backup_code": "otp"}  # RFC 8176


@dataclass(frozen=True, kw_only=True)
class SecondFactorNeeded:
    """The password was right; the answer to `mfa_token` is a code from one of `methods`."""

    mfa_token: str
    methods: tuple[str, ...]


def log_in(
    *, email: str, password: str, device: Device
) -> TokenPair | SecondFactorNeeded | ReopeningOffered:
    """Sign in, or ask for the second factor; or offer to take back that the person has closed the account.

    Raises InvalidCredentialsError for every cause there is, after the same work.
    """
    try:
        user = check_password(email=email, password=password)
    except AccountClosedError:
        return reopening.offer(User.objects.with_email(email).get())
    methods = verification.methods_of(user)
    if methods:
        return _challenge(user, methods, device)
    with transaction.atomic():
        session = sessions.begin(
            user=user, method=SignInMethod.PASSWORD, amr=("pwd",), device=device
        )
        pair = tokens.first_pair(session)
    SIGN_INS.labels("password", "success").inc()
    return pair


def check_password(*, email: str, password: str) -> User:
    """The active person whom e-mail and password open. Raises InvalidCredentialsError for every cause there is, among
    them AccountClosedError where the person could take that back.
    """
    user = User.objects.with_email(email).first()
    standing = sign_in_throttle.standing_of(email)
    delayed, right = standing.delayed, verify_password(user, password)
    if delayed or not right or user is None or not user.is_active:
        _refuse(user, email=email, delayed=delayed, right=right)
        if user is not None and right and not delayed and user.may_reopen:
            raise AccountClosedError
        raise InvalidCredentialsError
    if standing.counted:
        sign_in_throttle.forget(email)
    return user


def verify_second_factor(*, mfa_token: str, code: str) -> TokenPair:
    """Finish a sign-in with a code. A token survives `mfa_token_attempts` wrong codes.

    Raises InvalidSingleUseTokenError for the token and `mfa.errors.InvalidCodeError` for the code.
    """
    row = single_use_tokens.spend_attempt(mfa_token, purpose=TokenPurpose.SECOND_FACTOR)
    factor = verification.verify(user=row.user, code=code)
    with transaction.atomic():
        single_use_tokens.use_up(row)
        session = sessions.begin(
            user=row.user,
            method=SignInMethod.PASSWORD,
            amr=("pwd", AMR_OF_FACTOR[factor.method]),
            device=Device(**row.details),
        )
        pair = tokens.first_pair(session)
    SIGN_INS.labels("password", "success").inc()
    return pair


def _challenge(user: User, methods: tuple[str, ...], device: Device) -> SecondFactorNeeded:
    with transaction.atomic():
        token = single_use_tokens.issue(
            user=user,
            purpose=TokenPurpose.SECOND_FACTOR,
            lifetime=settings.ENVIRONMENT.mfa_token_lifetime,
            attempts=settings.ENVIRONMENT.mfa_token_attempts,
            details=asdict(device),
        )
        emit(SecondFactorChallenged(user_id=user.public_id, methods=methods))
    SIGN_INS.labels("password", "mfa_required").inc()
    return SecondFactorNeeded(mfa_token=token, methods=methods)


def _refuse(user: User | None, *, email: str, delayed: bool, right: bool) -> None:
    """Write down why, in a transaction of its own: the refusal stands whatever becomes of the request."""
    known = user.public_id if user else ""
    with transaction.atomic():
        if (
            not right and not delayed
        ):  # a guess during the delay must not make its owner wait longer
            sign_in_throttle.record_failure(email)
        if delayed:
            emit(SignInDelayed(user_id=known, reason="delayed"))
        elif user is None or not right:
            emit(SignInRefused(user_id=known, reason="bad_credentials"))
        else:
            emit(SignInRefused(user_id=known, reason=f"account_{user.status}"))
    SIGN_INS.labels(
        "password", "delayed" if delayed else "locked" if right else "bad_credentials"
    ).inc()
