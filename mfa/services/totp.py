"""The authenticator app: enrolled, confirmed by its first code, removed."""

import io
import os
from dataclasses import dataclass, field

import segno
from django.db import transaction
from django.utils import timezone

from config.http.problems import FieldError
from config.vault.sealing import open_field, seal_field
from events.domain import emit
from mfa import metrics
from mfa.errors import (
    AlreadyEnrolledError,
    InvalidCodeError,
    NotEnrolledError,
    NothingToConfirmError,
)
from mfa.events import MfaDisabled, MfaEnabled
from mfa.models import TotpDevice
from mfa.oath import SECRET_LENGTH, as_typed, base32, otpauth_uri
from mfa.person import Person, lock
from mfa.services import backup_codes
from mfa.services.verification import AMR


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """What the person needs until the first code is right: the secret in base 32, as a URI and as a QR code. `device`
    is the public id of what waits.
    """

    device: str
    secret: str = field(repr=False)
    otpauth_uri: str = field(repr=False)
    qr_svg: str = field(repr=False)


def enroll(*, user: Person) -> Enrolment:
    """Begin: a new secret that counts for nothing until `confirm`. An enrolment not yet confirmed is replaced.

    Raises AlreadyEnrolledError, VaultUnavailableError.
    """
    secret = os.urandom(SECRET_LENGTH)
    with transaction.atomic():
        lock(user)
        if TotpDevice.objects.confirmed().of(user.pk).exists():
            raise AlreadyEnrolledError
        TotpDevice.objects.pending().of(user.pk).delete()
        device = TotpDevice(user_id=user.pk, name="Authenticator app", confirmed=False)
        seal_field(device, "secret", secret)
        device.save(force_insert=True)
    return _enrolment(device, secret, account=user.email)


def waiting(*, user: Person, device: str) -> Enrolment | None:
    """The enrolment that began as `device`, if it still waits for its first code: for whoever was shown it already.

    Raises VaultUnavailableError and OpenFailedError.
    """
    pending = TotpDevice.objects.pending().of(user.pk).first()
    if pending is None or pending.public_id != device:
        return None
    return _enrolment(pending, open_field(pending, "secret"), account=user.email)


def confirm(*, user: Person, code: str) -> tuple[str, ...]:
    """Finish with a code that the app shows. The answer is the backup codes, to be shown once; nothing when the
    person has another factor, and codes with it.

    Raises NothingToConfirmError, InvalidCodeError, VaultUnavailableError.
    """
    with transaction.atomic():
        lock(user)
        device = TotpDevice.objects.pending().of(user.pk).first()
        if device is None:
            raise NothingToConfirmError
        if device.try_code(as_typed(code), at=timezone.now()) != "accepted":
            metrics.ENROLMENTS.labels("totp", "failure").inc()
            raise InvalidCodeError(errors=[FieldError("code", "invalid", "Not the code of now.")])
        device.confirmed = True
        device.save(update_fields=["confirmed", "updated_at"])
        codes = backup_codes.issue_with_the_first(user)
        emit(MfaEnabled(user_id=user.public_id, method="totp", amr=AMR["totp"]))
    metrics.ENROLMENTS.labels("totp", "success").inc()
    return codes


def remove(*, user: Person) -> None:
    """Remove the app and an enrolment that waits; with the last factor go the backup codes.

    Raises NotEnrolledError without an app.
    """
    with transaction.atomic():
        lock(user)
        if not TotpDevice.objects.confirmed().of(user.pk).exists():
            raise NotEnrolledError
        TotpDevice.objects.of(user.pk).delete()
        left = backup_codes.drop_with_the_last(user)
        emit(MfaDisabled(user_id=user.public_id, methods=("totp",), factors_left=left))


def _enrolment(device: TotpDevice, secret: bytes, *, account: str) -> Enrolment:
    uri = otpauth_uri(secret, account=account)
    return Enrolment(
        device=device.public_id, secret=base32(secret), otpauth_uri=uri, qr_svg=_qr_svg(uri)
    )


def _qr_svg(uri: str) -> str:
    drawing = io.BytesIO()
    segno.make(uri, micro=False, error="m").save(
        drawing, kind="svg", scale=4, xmldecl=False, nl=False, title="QR code for the app"
    )
    return drawing.getvalue().decode()
