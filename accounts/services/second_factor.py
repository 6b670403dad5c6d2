"""From a proven first factor to a session: at once, or by way of the second factor where the person has one."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from accounts.events.sessions import SecondFactorChallenged
from accounts.metrics import SIGN_INS
from accounts.models import Session, SingleUseToken, User
from accounts.models.session import SignInMethod
from accounts.models.single_use_token import TokenPurpose
from accounts.services import blocked_sign_ins, sessions, sign_in_throttle, single_use_tokens
from accounts.services.risk.assessment import UNASSESSED, Assessment, Level, assess
from accounts.services.sessions import Device
from accounts.services.sign_in_throttle import NO_TRIES, Standing
from config.http import context
from events.domain import emit
from mfa.ceremonies import Credential
from mfa.models.passkey_challenge import ChallengePurpose
from mfa.services import passkey_proofs, verification
from mfa.services.verification import VerifiedFactor

T = TypeVar("T")
# What becomes of a session that has just begun, in the transaction that began it: tokens, or a browser's own session
Answer = Callable[[Session], T]


@dataclass(frozen=True, kw_only=True)
class SecondFactorNeeded:
    """The first factor was right; the answer to `mfa_token` is a proof by one of `methods`."""

    mfa_token: str
    methods: tuple[str, ...]

    def __repr__(self) -> str:
        return f"SecondFactorNeeded({self.methods!r})"


@dataclass(frozen=True, kw_only=True)
class ProvenSignIn:
    """Who has proven what (`amr`, RFC 8176), and from which device: all that a session needs.

    `tries` and `breached` are what a password adds to the risk; `risk` is None until it is assessed.
    """

    user: User
    method: SignInMethod
    amr: tuple[str, ...]
    device: Device
    tries: Standing = NO_TRIES
    breached: bool = False
    risk: Assessment | None = None


def proceed(proven: ProvenSignIn, answer: Answer[T]) -> T | SecondFactorNeeded:
    """A first factor has been proved just now: begin the session, or ask for the second.

    Raises InvalidCredentialsError when the account changed meanwhile, and for what is too risky without a second.
    """
    proven = assessed(proven)
    return challenge(proven) or begin(proven, answer)


def assessed(proven: ProvenSignIn) -> ProvenSignIn:
    """With its risk, which is assessed once; failures before are forgotten then, unless the sign-in is stopped.

    Raises InvalidCredentialsError for a high one by somebody who has no second factor.
    """
    if proven.risk is not None:
        return proven
    user, fingerprint = proven.user, proven.device.fingerprint
    context.amend(device_fingerprint=fingerprint)
    risk = assess(
        user=user,
        fingerprint=fingerprint,
        failures=proven.tries.failures,
        breached=proven.breached,
    )
    weak = sessions.acr_of(proven.amr) != "mfa"
    if risk.level is Level.HIGH and weak and not verification.methods_of(user):
        blocked_sign_ins.refuse_unless_approved(
            user=user, method=proven.method, device=proven.device, risk=risk
        )
    if proven.tries.counted:
        sign_in_throttle.forget(user.email)
    return replace(proven, risk=risk)


def challenge(proven: ProvenSignIn) -> SecondFactorNeeded | None:
    """Ask for the second factor, if the person has one; None where there is nothing to ask for."""
    methods = verification.methods_of(proven.user)
    if not methods:
        return None
    details = {
        "method": proven.method.value,
        "amr": proven.amr,
        "device": asdict(proven.device),
        "risk": asdict(proven.risk) if proven.risk else None,
    }
    with transaction.atomic():
        token = single_use_tokens.issue(
            user=proven.user,
            purpose=TokenPurpose.SECOND_FACTOR,
            lifetime=settings.ENVIRONMENT.mfa_token_lifetime,
            attempts=settings.ENVIRONMENT.mfa_token_attempts,
            details=details,
        )
        emit(SecondFactorChallenged(user_id=proven.user.public_id, methods=methods))
    SIGN_INS.labels(proven.method.value, "mfa_required").inc()
    return SecondFactorNeeded(mfa_token=token, methods=methods)


def begin(proven: ProvenSignIn, answer: Answer[T]) -> T:
    """The session that was proven. Raises InvalidCredentialsError as `proceed` does."""
    proven = assessed(proven)
    with transaction.atomic():
        session = sessions.begin(
            user=proven.user,
            method=proven.method,
            amr=proven.amr,
            device=proven.device,
            risk=proven.risk or UNASSESSED,
        )
        answered = answer(session)
    SIGN_INS.labels(proven.method.value, "success").inc()
    return answered


def finish_with_code(*, mfa_token: str, code: str, answer: Answer[T]) -> T:
    """Finish a sign-in with a code. A token survives `mfa_token_attempts` wrong proofs.

    Raises InvalidSingleUseTokenError for the token; `mfa.errors.InvalidCodeError` and CodesThrottledError for the code.
    """
    return begin(prove_with_code(mfa_token=mfa_token, code=code), answer)


def prove_with_code(*, mfa_token: str, code: str) -> ProvenSignIn:
    """The sign-in that `mfa_token` stands for, with its second factor; the token is used up. Raises as above."""
    row = single_use_tokens.spend_attempt(mfa_token, purpose=TokenPurpose.SECOND_FACTOR)
    return _proven(row, verification.verify(user=row.user, code=code))


def passkey_options(*, mfa_token: str) -> dict[str, Any]:
    """What the browser asks for one of the person's passkeys with, good for this token alone.

    Raises InvalidSingleUseTokenError.
    """
    row = single_use_tokens.peek(mfa_token, purpose=TokenPurpose.SECOND_FACTOR)
    return passkey_proofs.begin(
        user=row.user, purpose=ChallengePurpose.SECOND_FACTOR, binding=_binding(row)
    )


def finish_with_passkey(*, mfa_token: str, credential: Credential, answer: Answer[T]) -> T:
    """Finish a sign-in with a passkey. Raises InvalidSingleUseTokenError, and `mfa.errors.InvalidPasskeyError`."""
    return begin(prove_with_passkey(mfa_token=mfa_token, credential=credential), answer)


def prove_with_passkey(*, mfa_token: str, credential: Credential) -> ProvenSignIn:
    """As `prove_with_code`. Raises InvalidSingleUseTokenError, and `mfa.errors.InvalidPasskeyError`."""
    row = single_use_tokens.spend_attempt(mfa_token, purpose=TokenPurpose.SECOND_FACTOR)
    factor = passkey_proofs.verify(
        user=row.user,
        credential=credential,
        purpose=ChallengePurpose.SECOND_FACTOR,
        binding=_binding(row),
    )
    return _proven(row, factor)


def _binding(row: SingleUseToken) -> str:
    return bytes(row.token_hash).hex()


def _proven(row: SingleUseToken, factor: VerifiedFactor) -> ProvenSignIn:
    single_use_tokens.use_up(row)
    return ProvenSignIn(
        user=row.user,
        method=SignInMethod(row.details["method"]),
        amr=(*row.details["amr"], *factor.amr),
        device=Device(**row.details["device"]),
        risk=Assessment.from_json(row.details.get("risk")),
    )
