"""The `jti` of what must not count again: assertions that were used, access tokens that were revoked."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from accounts.models.service_client import ServiceClient
from config.models import TimestampedModel


class ExpiringQuerySet(models.QuerySet[models.Model]):
    def expired(self) -> Self:
        """Those that nobody needs any more: what they are about is refused for its age by now."""
        return self.filter(expires_at__lte=timezone.now())

    def in_force(self) -> Self:
        return self.filter(expires_at__gt=timezone.now())


class UsedAssertion(TimestampedModel):
    """An assertion that proved its client once (RFC 7523 section 3). `jti_hash` is the SHA-256 of its `jti`."""

    client = models.ForeignKey(ServiceClient, on_delete=models.CASCADE, related_name="+")
    jti_hash = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()

    objects = ExpiringQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["client", "jti_hash"], name="used_assertion_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["expires_at"], name="used_assertion_expiry"),
        ]

    def __str__(self) -> str:
        return f"an assertion of {self.client_id}"


class RevokedToken(TimestampedModel):
    """A service's access token that was revoked before its time (RFC 7009)."""

    client = models.ForeignKey(ServiceClient, on_delete=models.CASCADE, related_name="+")
    jti = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    objects = ExpiringQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["expires_at"], name="revoked_token_expiry"),
        ]

    def __str__(self) -> str:
        return self.jti
