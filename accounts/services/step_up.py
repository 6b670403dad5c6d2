"""Proving oneself again, in a session that is open already (RFC 9470)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.errors import WrongPasswordError
from accounts.events.sessions import SteppedUp
from accounts.models import Session
from accounts.services.password_hashing import verify_password
from accounts.services.sessions import acr_of
from config.http.problems import FieldError, ProblemError
from events.domain import emit
from mfa.ceremonies import Credential
from mfa.metrics import STEP_UPS
from mfa.models.passkey_challenge import ChallengePurpose
from mfa.services import passkey_proofs, verification


def with_code(*, session: Session, code: str) -> None:
    """A code of a second factor: the session becomes `mfa`.

    Raises `mfa.errors.InvalidCodeError`, CodesThrottledError.
    """
    with _counted("code"):
        factor = verification.verify(user=session.user, code=code)
    prove(session, amr=factor.amr, method=factor.method)


def passkey_options(*, session: Session) -> dict[str, Any]:
    """What the browser asks for one of the person's passkeys with, good in this session alone."""
    return passkey_proofs.begin(
        user=session.user, purpose=ChallengePurpose.STEP_UP, binding=session.public_id
    )


def with_passkey(*, session: Session, credential: Credential) -> None:
    """A passkey: the session becomes `mfa`. Raises `mfa.errors.InvalidPasskeyError`."""
    with _counted("passkey"):
        factor = passkey_proofs.verify(
            user=session.user,
            credential=credential,
            purpose=ChallengePurpose.STEP_UP,
            binding=session.public_id,
        )
    prove(session, amr=factor.amr, method=factor.method)


def with_password(*, session: Session, password: str) -> None:
    """The password again: a fresh `auth_time` at the assurance of a password. Raises WrongPasswordError."""
    with _counted("password"):
        if not verify_password(session.user, password):
            raise WrongPasswordError(errors=[FieldError("password", "wrong", "Not your password.")])
    prove(session, amr=("pwd",), method="password")


def is_fresh(session: Session, *, acr: str) -> bool:
    """Whether the session proved `acr` or more within `step_up_max_age`."""
    oldest = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.step_up_max_age)
    return session.auth_time >= oldest and acr in {"pwd", session.acr}


def prove(session: Session, *, amr: tuple[str, ...], method: str) -> None:
    """Write into the session what was proven now. A password alone never keeps an older second factor fresh."""
    session.acr = acr_of(amr)
    session.amr = sorted({*session.amr, *amr}) if session.acr == "mfa" else list(amr)
    session.auth_time = timezone.now()
    with transaction.atomic():
        session.save(update_fields=["acr", "amr", "auth_time", "updated_at"])
        emit(SteppedUp(user_id=session.user.public_id, session_id=session.public_id, method=method))


@contextmanager
def _counted(method: str) -> Iterator[None]:
    try:
        yield
    except ProblemError:
        STEP_UPS.labels(method, "failure").inc()
        raise
    STEP_UPS.labels(method, "success").inc()
