"""The keys that sign access tokens, and the states they go through."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel
from config.vault.fields import SealedField
from config.vault.subjects import KeySubject


class KeyState(models.TextChoices):
    NEXT = "next", _("next")
    ACTIVE = "active", _("active")
    RETIRING = "retiring", _("retiring")
    RETIRED = "retired", _("retired")
    REVOKED = "revoked", _("revoked")


class SigningAlgorithm(models.TextChoices):
    RS256 = "RS256", "RS256"
    ES256 = "ES256", "ES256"
    EDDSA = "EdDSA", "EdDSA"


PUBLISHED = (KeyState.NEXT, KeyState.ACTIVE, KeyState.RETIRING)
SIGNING = (KeyState.NEXT, KeyState.ACTIVE)


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    def published(self) -> Self:
        """Those of the JWKS: others may verify with them."""
        return self.filter(state__in=PUBLISHED)

    def in_state(self, state: KeyState) -> Self:
        return self.filter(state=state)

    def outlived(self, moment: datetime) -> Self:
        """Retiring keys whose last token had expired by `moment`."""
        return self.in_state(KeyState.RETIRING).filter(tokens_expire_at__lte=moment)


class SigningKey(IdentifiedModel):
    """One key pair: next → active → retiring → retired, or revoked from any of the first three. A next key that is not
    wanted any more is retired without having signed.

    `kid` is the RFC 7638 thumbprint of the public half. The private half is there only while the key signs or is
    about to: it is erased with the change to `retiring`. `state` changes only in `accounts.services.signing_keys`.
    """

    PREFIX = "key"

    kid = models.CharField(_("key id"), max_length=43, unique=True, editable=False)
    algorithm = models.CharField(
        _("algorithm"), max_length=8, choices=SigningAlgorithm.choices, editable=False
    )
    state = models.CharField(_("state"), max_length=8, choices=KeyState.choices, editable=False)
    public_jwk = models.JSONField(_("public key"), editable=False)
    sealed_private_key = SealedField(null=True)
    longest_token_lifetime = models.PositiveIntegerField(
        _("longest token life"),
        default=0,
        editable=False,
        help_text=_("In seconds: the longest life that tokens signed with it may have."),
    )
    published_at = models.DateTimeField(_("published"), editable=False)
    activated_at = models.DateTimeField(_("active since"), null=True, editable=False)
    retiring_at = models.DateTimeField(_("retiring since"), null=True, editable=False)
    tokens_expire_at = models.DateTimeField(_("last token expires"), null=True, editable=False)
    retired_at = models.DateTimeField(_("retired"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    revocation_reason = models.CharField(
        _("reason for the revocation"), max_length=500, blank=True, editable=False
    )

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=KeyState.ACTIVE), name="signing_key_one_active"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=KeyState.NEXT), name="signing_key_one_next"
            ),
            models.CheckConstraint(
                condition=Q(state__in=KeyState.values), name="signing_key_state_known"
            ),
            models.CheckConstraint(
                condition=Q(algorithm__in=SigningAlgorithm.values),
                name="signing_key_algorithm_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=SIGNING, sealed_private_key__isnull=False)
                | (~Q(state__in=SIGNING) & Q(sealed_private_key__isnull=True)),
                name="signing_key_private_half_while_it_signs",
            ),
            models.CheckConstraint(
                condition=~Q(state=KeyState.ACTIVE) | Q(activated_at__isnull=False),
                name="signing_key_active_has_stamp",
            ),
            models.CheckConstraint(
                condition=~Q(state=KeyState.RETIRING)
                | Q(retiring_at__isnull=False, tokens_expire_at__isnull=False),
                name="signing_key_retiring_has_stamps",
            ),
            models.CheckConstraint(
                condition=Q(state=KeyState.RETIRED, retired_at__isnull=False)
                | (~Q(state=KeyState.RETIRED) & Q(retired_at__isnull=True)),
                name="signing_key_retired_has_stamp",
            ),
            models.CheckConstraint(
                condition=Q(state=KeyState.REVOKED, revoked_at__isnull=False)
                | (~Q(state=KeyState.REVOKED) & Q(revoked_at__isnull=True, revocation_reason="")),
                name="signing_key_revoked_has_stamp",
            ),
        ]

    def __str__(self) -> str:
        return self.kid

    @property
    def key_subject(self) -> KeySubject:
        """All signing keys are sealed under one data key of the platform."""
        return KeySubject("platform", "signing-keys")

    @property
    def state_since(self) -> datetime:
        """When it entered its present state."""
        stamps = {
            KeyState.NEXT: self.published_at,
            KeyState.ACTIVE: self.activated_at,
            KeyState.RETIRING: self.retiring_at,
            KeyState.RETIRED: self.retired_at,
            KeyState.REVOKED: self.revoked_at,
        }
        return stamps[KeyState(self.state)] or self.published_at
