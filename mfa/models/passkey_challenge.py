"""What an authenticator is asked to sign: random, for one use and one purpose, and not for long."""

from datetime import datetime
from hashlib import sha256
from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from config.models import TimestampedModel


class ChallengePurpose(models.TextChoices):
    REGISTRATION = "registration"
    SECOND_FACTOR = "second_factor"
    STEP_UP = "step_up"
    SIGN_IN = "sign_in"


class PasskeyChallengeQuerySet(models.QuerySet["PasskeyChallenge"]):
    def expired(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())

    def take(
        self, challenge: bytes, *, purpose: ChallengePurpose, user_id: UUID | None, binding: str
    ) -> bool:
        """Use the challenge up, in one statement: of any number of callers one hears True."""
        of_person = Q(user=None) if user_id is None else Q(user_id=user_id)
        taken, _ = self.filter(
            of_person,
            pk=sha256(challenge).digest(),
            purpose=purpose,
            binding=binding,
            expires_at__gt=timezone.now(),
        ).delete()
        return taken == 1

    def remember(
        self,
        challenge: bytes,
        *,
        purpose: ChallengePurpose,
        user_id: UUID | None,
        binding: str,
        until: datetime,
    ) -> None:
        self.create(
            challenge_hash=sha256(challenge).digest(),
            purpose=purpose,
            user_id=user_id,
            binding=binding,
            expires_at=until,
        )


class PasskeyChallenge(TimestampedModel):
    """`binding` is what it was given out for: a session, a sign-in under way. Used ones are gone from the table."""

    challenge_hash = models.BinaryField(primary_key=True, max_length=32)
    purpose = models.CharField(max_length=16, choices=ChallengePurpose.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True
    )
    binding = models.CharField(max_length=80, blank=True)
    expires_at = models.DateTimeField()

    objects = PasskeyChallengeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(purpose=ChallengePurpose.SIGN_IN, user=None)
                | Q(
                    purpose__in=[
                        ChallengePurpose.REGISTRATION,
                        ChallengePurpose.SECOND_FACTOR,
                        ChallengePurpose.STEP_UP,
                    ],
                    user__isnull=False,
                ),
                name="passkey_challenge_knows_whose",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["expires_at"], name="passkey_challenge_expiry")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} challenge"
