"""Signing in with a passkey alone. A person who is verified by their authenticator has shown two factors."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction

from accounts.errors import InvalidCredentialsError, PasskeyRefusedError
from accounts.events.sessions import SignInRefused
from accounts.metrics import SIGN_IN_DURATION, SIGN_INS
from accounts.models import User
from accounts.models.session import SignInMethod
from accounts.services import sessions
from accounts.services.risk.assessment import assess
from accounts.services.second_factor import Answer
from accounts.services.sessions import Device
from config.http import context
from events.domain import emit
from mfa.ceremonies import Credential
from mfa.models import Passkey
from mfa.services import passkey_proofs

T = TypeVar("T")


def begin(*, binding: str = "") -> dict[str, Any]:
    """What the browser asks for a passkey with; it answers within what `binding` names, where there is such a thing."""
    return passkey_proofs.begin_sign_in(binding=binding)


def log_in(
    *,
    credential: Credential,
    device: Device,
    answer: Answer[T],
    binding: str = "",
    may_enter: Callable[[User], bool] = lambda user: user.is_active,
) -> T:
    """Sign in whoever's passkey signed, if they may enter here.

    Raises PasskeyRefusedError for every cause there is, after the same work.
    """
    with SIGN_IN_DURATION.labels("passkey").time():
        return _log_in(credential, device, answer, binding, may_enter)


def _log_in(
    credential: Credential,
    device: Device,
    answer: Answer[T],
    binding: str,
    may_enter: Callable[[User], bool],
) -> T:
    found = passkey_proofs.identify(credential=credential, binding=binding)
    owner: User | None = found.passkey.user if found.passkey else None
    if found.refusal or found.passkey is None or owner is None:
        raise _refused(owner, reason=f"passkey_{found.refusal}", outcome="bad_credentials")
    if not may_enter(owner):
        raise _refused(owner, reason=f"account_{owner.status}", outcome="locked")
    context.amend(device_fingerprint=device.fingerprint)
    risk = assess(
        user=owner, fingerprint=device.fingerprint
    )  # told, never refused: it is two factors
    try:
        with transaction.atomic():
            session = sessions.begin(
                user=owner, method=SignInMethod.PASSKEY, amr=found.amr, device=device, risk=risk
            )
            _demand_still_good(found.passkey)
            answered = answer(session)
    except InvalidCredentialsError:
        raise _refused(owner, reason="changed_meanwhile", outcome="locked") from None
    SIGN_INS.labels("passkey", "success").inc()
    return answered


def _demand_still_good(passkey: Passkey) -> None:
    """Whoever removes a passkey holds the person's row, as we do now: no session begins after that."""
    if not passkey_proofs.still_good(passkey):
        raise InvalidCredentialsError


def _refused(owner: User | None, *, reason: str, outcome: str) -> PasskeyRefusedError:
    """The one answer, once the trail has the cause."""
    with transaction.atomic():
        emit(SignInRefused(user_id=owner.public_id if owner else "", reason=reason))
    SIGN_INS.labels("passkey", outcome).inc()
    return PasskeyRefusedError()
