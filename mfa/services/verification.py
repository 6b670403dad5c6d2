"""Proving a second factor with a code. Passkeys have a door of their own: `passkey_proofs`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.db import transaction
from django.utils import timezone

from config.http.problems import FieldError
from events.domain import emit
from mfa import metrics
from mfa.errors import CodesThrottledError, InvalidCodeError
from mfa.events import Method, MfaFailed, MfaPassed, Refusal
from mfa.models import TotpDevice
from mfa.oath import DIGITS, as_typed
from mfa.person import Person
from mfa.services import backup_codes, factors

AMR: Mapping[Method, tuple[str, ...]] = {"totp": ("otp",), "backup_code": ("otp",)}  # RFC 8176

ORDER: tuple[Method, ...] = ("totp", "passkey", "backup_code")


@dataclass(frozen=True, slots=True)
class VerifiedFactor:
    """A factor that was proved just now, and what that is called (RFC 8176)."""

    method: Method
    amr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Attempt:
    refusal: Refusal | Literal[""]
    wait: timedelta = timedelta()


def methods_of(user: Person) -> tuple[Method, ...]:
    """With what `user` can prove a second factor; empty when they have none. One query."""
    kinds = factors.kinds_of(user)
    if "totp" in kinds or "passkey" in kinds:
        return tuple(method for method in ORDER if method in kinds)
    return ()


def verify(*, user: Person, code: str) -> VerifiedFactor:
    """Prove a second factor with six digits of the app, or a backup code. Each works once.

    A failure is written down in a transaction of its own, so this is called outside any other: a RuntimeError says
    so. Raises InvalidCodeError, CodesThrottledError, VaultUnavailableError.
    """
    typed = as_typed(code)
    method: Method = "totp" if len(typed) == DIGITS else "backup_code"
    with transaction.atomic(durable=True):
        attempt = _try_app(user, typed) if method == "totp" else _try_backup_code(user, typed)
        if attempt.refusal:
            emit(MfaFailed(user_id=user.public_id, method=method, reason=attempt.refusal))
        else:
            emit(MfaPassed(user_id=user.public_id, method=method))
    metrics.VERIFICATIONS.labels(method, attempt.refusal or "success").inc()
    if attempt.refusal == "throttled":
        seconds = max(1, math.ceil(attempt.wait.total_seconds()))
        raise CodesThrottledError(headers={"Retry-After": str(seconds)})
    if attempt.refusal:
        raise InvalidCodeError(errors=[FieldError("code", "invalid", "Wrong, too old or used.")])
    return VerifiedFactor(method, AMR[method])


def _try_app(user: Person, code: str) -> _Attempt:
    """Attempts on one device wait for one another, so that guesses sent at once are counted one by one."""
    now = timezone.now()
    devices = TotpDevice.objects.confirmed().of(user.pk)
    device = devices.select_for_update(of=("self",), no_key=True).first()
    if device is None:
        return _Attempt("no_factor")
    wait = device.wait(at=now)
    if wait:
        return _Attempt("throttled", wait)
    verdict = device.try_code(code, at=now)
    if verdict == "accepted":
        return _Attempt("")
    TotpDevice.objects.record_failure(device, at=now)
    return _Attempt(verdict)


def _try_backup_code(user: Person, code: str) -> _Attempt:
    return _Attempt("" if backup_codes.use(user, code, at=timezone.now()) else "wrong")
