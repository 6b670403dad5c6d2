"""Programs that call us in their own name, and the secrets that prove it."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel

# Never an underscore: no client id can pass for the public id of a person or of anything else of ours.
CLIENT_ID = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
CLIENT_ID_LENGTH = 64
NAME_LENGTH = 100
HINT_LENGTH = 4
URL_LENGTH = 500
NETWORK_LENGTH = 43  # of the longest IPv6 network
THUMBPRINT_LENGTH = 43


class ServiceScope(models.TextChoices):
    """What a service client may be given. People get their scopes from roles."""

    AUTHZ_CHECK = "authz:check", _("ask for decisions")
    AUTHZ_ASSERT = "authz:assert", _("assert properties with a question")
    AUTHZ_WRITE = "authz:write", _("store entities that policies ask about")
    CREDENTIALS_READ = "credentials:read", _("read broker credentials")
    EVENTS_READ = "events:read", _("read events and subscribe to them")
    INTROSPECT = "introspect", _("introspect tokens")
    TRADING_READ = "trading:read", _("read trading accounts")
    AUDIT_READ = "audit:read", _("read the audit trail")


class ServiceClientQuerySet(models.QuerySet["ServiceClient"]):
    def enabled(self) -> Self:
        return self.filter(enabled=True)


class ServiceClient(IdentifiedModel):
    """One program. Policies name it `service:<client_id>`; it is disabled and never deleted, so that no later
    client inherits its name. It changes only through `accounts.services.service_clients`.

    It proves itself with a secret, or with the keys in `jwks` or at `jwks_url`. `networks` (CIDR) and `certificates`
    (`x5t#S256` thumbprints) say from where alone it may do so and use its tokens; empty means from anywhere.
    """

    PREFIX = "cli"

    client_id = models.CharField(
        _("client id"),
        max_length=CLIENT_ID_LENGTH,
        unique=True,
        validators=[RegexValidator(CLIENT_ID)],
    )
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    scopes = ArrayField(models.CharField(max_length=64), verbose_name=_("scopes"))
    enabled = models.BooleanField(_("enabled"), default=True, editable=False)
    jwks = models.JSONField(_("keys"), null=True, blank=True)
    jwks_url = models.CharField(
        _("address of its keys"), max_length=URL_LENGTH, blank=True, default="", db_default=""
    )
    networks = ArrayField(
        models.CharField(max_length=NETWORK_LENGTH),
        verbose_name=_("networks"),
        blank=True,
        default=list,
        db_default=[],
    )
    certificates = ArrayField(
        models.CharField(max_length=THUMBPRINT_LENGTH),
        verbose_name=_("certificates"),
        blank=True,
        default=list,
        db_default=[],
    )

    objects = ServiceClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("service client")
        verbose_name_plural = _("service clients")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(client_id__regex=CLIENT_ID), name="service_client_id_wellformed"
            ),
            models.CheckConstraint(
                condition=Q(scopes__len__gt=0), name="service_client_has_a_scope"
            ),
            models.CheckConstraint(
                condition=Q(jwks__isnull=True) | Q(jwks_url=""),
                name="service_client_keys_in_one_place",
            ),
            models.CheckConstraint(
                condition=Q(jwks_url="") | Q(jwks_url__startswith="https://"),
                name="service_client_jwks_url_https",
            ),
        ]

    def __str__(self) -> str:
        return self.client_id

    @property
    def has_keys(self) -> bool:
        """Whether it may prove itself with `private_key_jwt`."""
        return self.jwks is not None or bool(self.jwks_url)


class SecretState(models.TextChoices):
    CURRENT = "current", _("current")
    OUTGOING = "outgoing", _("being replaced")
    ENDED = "ended", _("ended")


class ClientSecretQuerySet(models.QuerySet["ClientSecret"]):
    def live(self, moment: datetime) -> Self:
        """Those that still prove their client at `moment`: at most two of one client."""
        return self.filter(
            Q(state=SecretState.CURRENT) | Q(state=SecretState.OUTGOING, expires_at__gt=moment)
        )


class ClientSecret(IdentifiedModel):
    """A secret as its SHA-256 (256 random bits need no slow hash); `hint` is its last characters.

    A replaced secret is `outgoing` until `expires_at`. The constraints hold that a client has at most one current
    and one outgoing secret.
    """

    PREFIX = "sec"

    client = models.ForeignKey(ServiceClient, on_delete=models.CASCADE, related_name="secrets")
    digest = models.BinaryField(unique=True, editable=False)
    hint = models.CharField(_("ends with"), max_length=HINT_LENGTH, editable=False)
    state = models.CharField(
        _("state"), max_length=8, choices=SecretState.choices, default=SecretState.CURRENT
    )
    expires_at = models.DateTimeField(_("good until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = ClientSecretQuerySet.as_manager()

    class Meta:
        verbose_name = _("client secret")
        verbose_name_plural = _("client secrets")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(state=SecretState.CURRENT),
                name="client_secret_one_current",
            ),
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(state=SecretState.OUTGOING),
                name="client_secret_one_outgoing",
            ),
            models.CheckConstraint(
                condition=Q(state=SecretState.CURRENT, expires_at=None, ended_at=None)
                | Q(state=SecretState.OUTGOING, expires_at__isnull=False, ended_at=None)
                | Q(state=SecretState.ENDED, ended_at__isnull=False),
                name="client_secret_stamps_match_state",
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"
