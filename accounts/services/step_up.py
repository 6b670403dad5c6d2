"""Proving oneself again, in a session that is open already (RFC 9470)."""

from django.db import transaction
from django.utils import timezone

from accounts.errors import WrongPasswordError
from accounts.events.sessions import SteppedUp
from accounts.models import Session
from accounts.services import tokens
from accounts.services.login import AMR_OF_FACTOR
from accounts.services.password_hashing import verify_password
from accounts.services.tokens import TokenPair
from config.http.problems import FieldError
from events.domain import emit
from mfa.services import verification


def with_code(*, session: Session, code: str) -> TokenPair:
    """A code of a second factor: the session becomes `mfa`. Raises `mfa.errors.InvalidCodeError`."""
    factor = verification.verify(user=session.user, code=code)
    return _stepped_up(session, amr=AMR_OF_FACTOR[factor.method], method=factor.method)


def with_password(*, session: Session, password: str) -> TokenPair:
    """The password again: a fresh `auth_time` at the assurance of a password. Raises WrongPasswordError."""
    if not verify_password(session.user, password):
        raise WrongPasswordError(errors=[FieldError("password", "wrong", "Not your password.")])
    return _stepped_up(session, amr="pwd", method="password")


def prove(session: Session, *, amr: str, method: str) -> None:
    """Write into the session what was proven now. A password alone never keeps an older second factor fresh."""
    session.acr = "pwd" if amr == "pwd" else "mfa"
    session.amr = ["pwd"] if amr == "pwd" else sorted({*session.amr, amr})
    session.auth_time = timezone.now()
    with transaction.atomic():
        session.save(update_fields=["acr", "amr", "auth_time", "updated_at"])
        emit(SteppedUp(user_id=session.user.public_id, session_id=session.public_id, method=method))


def _stepped_up(session: Session, *, amr: str, method: str) -> TokenPair:
    prove(session, amr=amr, method=method)
    return tokens.pair(session)
