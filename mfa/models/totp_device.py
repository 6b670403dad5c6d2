"""An authenticator app."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone
from django_otp.models import Device, DeviceManager

from config.models import IdentifiedModel
from config.vault.fields import SealedField
from config.vault.sealing import open_field
from config.vault.subjects import KeySubject
from mfa.oath import matching_steps

Verdict = Literal["accepted", "replayed", "wrong"]


class TotpDeviceQuerySet(models.QuerySet["TotpDevice"]):
    def of(self, user_id: UUID) -> Self:
        """With the person, whose data key the secret is sealed under."""
        return self.filter(user_id=user_id).select_related("user")

    def confirmed(self) -> Self:
        """Those that a code has proved."""
        return self.filter(confirmed=True)

    def pending(self) -> Self:
        """Those that wait for their first code."""
        return self.filter(confirmed=False)

    def claim_step(self, device: "TotpDevice", step: int, *, at: datetime) -> bool:
        """Use up `step` and every earlier one, in one statement: of any number of callers one hears True."""
        unused = models.Q(last_used_step__isnull=True) | models.Q(last_used_step__lt=step)
        claimed = self.filter(unused, pk=device.pk).update(
            last_used_step=step, last_used_at=at, failures=0, failed_at=None, updated_at=at
        )
        return claimed == 1

    def record_failure(self, device: "TotpDevice", *, at: datetime) -> None:
        self.filter(pk=device.pk).update(
            failures=models.F("failures") + 1, failed_at=at, updated_at=at
        )


class TotpDeviceManager(DeviceManager, models.Manager.from_queryset(TotpDeviceQuerySet)):  # type: ignore[misc]
    """With the question that django-otp asks of every kind of device."""


class TotpDevice(IdentifiedModel, Device):  # type: ignore[misc]
    """A secret that an app and we share, sealed under the person's data key.

    A person has one confirmed device at most, and one that waits for confirmation. `last_used_step` is the newest
    time step whose code was accepted; no step up to it is accepted again.
    """

    PREFIX = "totp"

    secret = SealedField()
    last_used_step = models.BigIntegerField(null=True)
    last_used_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)

    objects: ClassVar[TotpDeviceManager] = TotpDeviceManager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(confirmed=True),
                name="totp_one_confirmed_per_user",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(confirmed=False),
                name="totp_one_pending_per_user",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed=False) | models.Q(last_used_step__isnull=False),
                name="totp_confirmed_by_a_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"

    @property
    def key_subject(self) -> KeySubject:
        return KeySubject("user", self.user.public_id)

    def wait(self, *, at: datetime) -> timedelta:
        """How long after `at` the next code is looked at: nothing until `login_free_failures` wrong ones in a row,
        then 1, 2, 4 … seconds up to `login_failure_window`. A right code ends it.
        """
        environment = settings.ENVIRONMENT
        excess = self.failures - environment.login_free_failures
        if excess < 0 or self.failed_at is None:
            return timedelta()
        longest = environment.login_failure_window
        seconds = min(2 ** min(excess, longest.bit_length()), longest)
        return max(self.failed_at + timedelta(seconds=seconds) - at, timedelta())

    def try_code(self, code: str, *, at: datetime) -> Verdict:
        """Accept `code` if a step around `at` has it and was not used, and use that step up.

        Raises VaultUnavailableError and OpenFailedError.
        """
        steps = matching_steps(open_field(self, "secret"), code, at=at)
        if not steps:
            return "wrong"
        claimed = any(TotpDevice.objects.claim_step(self, step, at=at) for step in steps)
        return "accepted" if claimed else "replayed"

    def verify_token(self, token: str) -> bool:
        """django-otp's question. Whoever asks it keeps to `wait` and writes down the answer."""
        return self.try_code(str(token), at=timezone.now()) == "accepted"
