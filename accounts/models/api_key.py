"""A person's own keys, for programs that act for them."""

from ipaddress import ip_address, ip_network
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.models import FoundByPublicId, IdentifiedModel

NAME_LENGTH = 100
HINT_LENGTH = 4
MOST_NETWORKS = 20


class ApiKeyScope(models.TextChoices):
    """What a key may be given. None is a scope of staff or of a service client: a key never opens what those do."""

    ME_READ = "me:read", _("read your profile, preferences and activity")
    ME_WRITE = "me:write", _("change your preferences")
    ACCOUNTS_READ = "accounts:read", _("read the broker accounts within your reach")
    ACCOUNTS_SYNC = "accounts:sync", _("have them synchronised now")
    DECISIONS_ASK = "decisions:ask", _("ask what you may do")


class ApiKeyQuerySet(FoundByPublicId, models.QuerySet["ApiKey"]):
    def for_user(self, user_id: object) -> Self:
        return self.filter(user_id=user_id)

    def working(self) -> Self:
        """Neither revoked nor run out."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def unrevoked(self) -> Self:
        return self.filter(revoked_at=None)


class ApiKey(IdentifiedModel):
    """A key as its SHA-256 (256 random bits need no slow hash); `hint` is its last characters.

    It changes only through `accounts.services.api_keys`. Revoked rows stay: the trail speaks of them.
    """

    PREFIX = "pat"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    digest = models.BinaryField(unique=True, editable=False)
    hint = models.CharField(_("ends with"), max_length=HINT_LENGTH, editable=False)
    scopes = ArrayField(models.CharField(max_length=32), verbose_name=_("scopes"))
    networks = ArrayField(
        models.CharField(max_length=43),
        verbose_name=_("networks"),
        default=list,
        blank=True,
        help_text=_("Where it may be used from; empty for anywhere."),
    )
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_used_ip = models.GenericIPAddressField(_("from"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revocation_reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="api_key_has_a_scope"),
            models.CheckConstraint(condition=~Q(name=""), name="api_key_has_a_name"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_key_expires_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=False) | Q(revocation_reason=""),
                name="api_key_reason_only_when_revoked",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["user", "-id"], condition=Q(revoked_at=None), name="api_key_of_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def allows_address(self, address: str | None) -> bool:
        """Whether its networks hold `address`. A peer without an address is in none."""
        if not self.networks:
            return True
        return address is not None and any(
            ip_address(address.partition("%")[0]) in ip_network(network)
            for network in self.networks
        )
