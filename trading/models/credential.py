"""The key and secret that a person registered with the broker, version by version."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel
from config.vault.fields import SealedField
from trading.models.account_key import SealedUnderAccountKey


class CredentialKind(models.TextChoices):
    API_SECRET = "api_secret", _("API key and secret")


class CredentialStatus(models.TextChoices):
    PENDING = "pending", _("not proven yet")
    CURRENT = "current", _("current")
    RETIRED = "retired", _("retired")


class CredentialVersionQuerySet(models.QuerySet["CredentialVersion"]):
    def unretired(self) -> Self:
        return self.exclude(status=CredentialStatus.RETIRED)

    def current(self) -> Self:
        return self.filter(status=CredentialStatus.CURRENT)

    def pending(self) -> Self:
        return self.filter(status=CredentialStatus.PENDING)


class CredentialVersion(SealedUnderAccountKey, IdentifiedModel):
    """A version is pending until a login has proven it, then current, and retired when the next one is.
    A retired version keeps its number and its masked key, and nothing that opens a door."""

    PREFIX = "crd"

    account = models.ForeignKey(
        "trading.TradingAccount", on_delete=models.CASCADE, related_name="credential_versions"
    )
    kind = models.CharField(
        _("kind"), max_length=16, choices=CredentialKind.choices, default=CredentialKind.API_SECRET
    )
    number = models.PositiveIntegerField(_("version"))
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=CredentialStatus.choices,
        default=CredentialStatus.PENDING,
    )
    secret = SealedField(null=True, editable=False)
    api_key_masked = models.CharField(_("API key"), max_length=24)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    proven_at = models.DateTimeField(_("proven"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    objects: ClassVar[CredentialVersionQuerySet] = CredentialVersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(kind__in=CredentialKind.values), name="credential_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status=CredentialStatus.PENDING, secret__isnull=False, proven_at__isnull=True
                )
                | models.Q(
                    status=CredentialStatus.CURRENT, secret__isnull=False, proven_at__isnull=False
                )
                | models.Q(
                    status=CredentialStatus.RETIRED, secret__isnull=True, retired_at__isnull=False
                ),
                name="credential_fields_fit_status",
            ),
            models.UniqueConstraint(
                fields=["account", "kind", "number"], name="credential_number_once"
            ),
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=models.Q(status=CredentialStatus.CURRENT),
                name="credential_one_current",
            ),
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=models.Q(status=CredentialStatus.PENDING),
                name="credential_one_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.key_subject.id}"
