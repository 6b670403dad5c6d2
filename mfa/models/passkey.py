"""A passkey: a key pair whose private half an authenticator keeps."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from config.models import FoundByPublicId, IdentifiedModel

LONGEST_CREDENTIAL_ID = 1023  # bytes; Web Authentication Level 3, section 4, "Credential ID"


class PasskeyQuerySet(FoundByPublicId, models.QuerySet["Passkey"]):
    def of(self, user_id: UUID) -> Self:
        return self.filter(user_id=user_id)

    def usable(self) -> Self:
        """Those that were never seen copied."""
        return self.filter(blocked_at=None)

    def with_credential_id(self, credential_id: bytes) -> Self:
        """The one passkey that an authenticator calls so."""
        return self.filter(credential_id=credential_id)

    def claim_count(self, passkey: "Passkey", count: int, *, at: datetime) -> bool:
        """Note a use, in one statement, if `count` is above every one before: of any number of callers who bring the
        same count one hears True. Authenticators that do not count always bring 0.
        """
        moved_on = Q(sign_count__lt=count) if count else Q(sign_count=0)
        claimed = self.usable().filter(moved_on, pk=passkey.pk)
        return claimed.update(sign_count=count, last_used_at=at, updated_at=at) == 1

    def block(self, passkey: "Passkey", *, at: datetime) -> bool:
        """Never accept it again; False when it was blocked before."""
        blocked = self.usable().filter(pk=passkey.pk).update(blocked_at=at, updated_at=at)
        return blocked == 1


class Passkey(IdentifiedModel):
    """A discoverable credential (Web Authentication Level 3). Nothing here is secret: the public key only verifies.

    `sign_count` is the newest count that its authenticator told. `backup_eligible` says whether the private key may
    leave the device for others of the person (a synced passkey). `blocked_at` is set once the count went backwards:
    there are two authenticators with one key then.
    """

    PREFIX = "pky"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=64)
    credential_id = models.BinaryField(max_length=LONGEST_CREDENTIAL_ID, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    aaguid = models.UUIDField()
    transports = models.JSONField(default=list)
    backup_eligible = models.BooleanField(default=False)
    last_used_at = models.DateTimeField(null=True)
    blocked_at = models.DateTimeField(null=True)

    objects = PasskeyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(sign_count__gte=0) & Q(sign_count__lt=2**32),
                name="passkey_sign_count_is_unsigned_32_bit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"

    @property
    def amr(self) -> tuple[str, ...]:
        """What using it proves (RFC 8176): a key bound to hardware or one that may be copied, and a person present."""
        return ("swk" if self.backup_eligible else "hwk", "user")
