"""Answers that are kept for a while, so that repeating a request does nothing twice."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone


class IdempotencyQuerySet(models.QuerySet["IdempotencyRecord"]):
    def expired(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())


class IdempotencyRecord(models.Model):
    """One `Idempotency-Key` of one caller at one endpoint. Without an answer, the first request is still running.

    `body` is sealed (see `config.http.idempotency`).
    """

    caller = models.CharField(max_length=80)
    endpoint = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    objects = IdempotencyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["caller", "endpoint", "key"], name="idempotency_key_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status__isnull=True, body__isnull=True)
                | models.Q(status__isnull=False, body__isnull=False),
                name="idempotency_answer_whole",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["expires_at"], name="idempotency_expiry")
        ]

    def __str__(self) -> str:
        return f"{self.caller} {self.endpoint}"
