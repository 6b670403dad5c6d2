"""Checkpoints: what the chains were at a moment, signed."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel
from config.vault.fields import SealedField
from config.vault.subjects import KeySubject


class ChainHeadQuerySet(models.QuerySet["ChainHead"]):
    def untold(self) -> Self:
        """Those that go further than checkpoints have told."""
        return self.filter(told__lt=F("position"))


class ChainHead(models.Model):
    """How far the chain of a day and shard goes, and how far checkpoints have told of it."""

    day = models.DateField(_("day"))
    shard = models.SmallIntegerField(_("shard"))
    position = models.BigIntegerField(_("position"))
    chain_hash = models.BinaryField(_("hash of the chain"))
    told = models.BigIntegerField(_("told up to"), default=0)

    objects = ChainHeadQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "shard"], name="chain_head_one_per_chain"),
            models.CheckConstraint(
                condition=Q(told__lte=F("position")), name="chain_head_tells_what_there_is"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["day", "shard"],
                condition=Q(told__lt=F("position")),
                name="chain_head_untold",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.shard}/{self.position}"


class CheckpointKeyQuerySet(models.QuerySet["CheckpointKey"]):
    def active(self) -> Self:
        return self.filter(retired_at=None)


class CheckpointKey(IdentifiedModel):
    """An Ed25519 pair that signs checkpoints and nothing else. Its public half is published for ever."""

    PREFIX = "ack"

    kid = models.CharField(_("key id"), max_length=43, unique=True, editable=False)
    public_jwk = models.JSONField(_("public key"), editable=False)
    sealed_private_key = SealedField(null=True)
    retired_at = models.DateTimeField(_("retired"), null=True, editable=False)

    objects = CheckpointKeyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(retired_at=None), name="checkpoint_key_one_active"
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True, sealed_private_key__isnull=False)
                | Q(retired_at__isnull=False, sealed_private_key__isnull=True),
                name="checkpoint_key_private_half_while_it_signs",
            ),
        ]

    def __str__(self) -> str:
        return self.kid

    @property
    def key_subject(self) -> KeySubject:
        return KeySubject("platform", "audit-checkpoints")


class AuditCheckpoint(IdentifiedModel):
    """`statement` is what was signed, to the letter; the other columns are for finding it."""

    PREFIX = "acp"

    number = models.PositiveBigIntegerField(_("number"), unique=True)
    kid = models.CharField(_("key id"), max_length=43)
    rows = models.BigIntegerField(_("rows"))
    statement = models.TextField(_("statement"))
    signature = models.BinaryField(_("signature"))

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering: ClassVar[list[str]] = ["-number"]

    def __str__(self) -> str:
        return str(self.number)


class CheckpointSpan(models.Model):
    """Which checkpoint tells of which places."""

    checkpoint = models.ForeignKey(AuditCheckpoint, models.PROTECT, related_name="spans")
    day = models.DateField(_("day"))
    shard = models.SmallIntegerField(_("shard"))
    first = models.BigIntegerField(_("first place"))
    last = models.BigIntegerField(_("last place"))

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["day", "shard", "first"], name="checkpoint_span_one_per_place"
            ),
            models.CheckConstraint(
                condition=Q(last__gte=F("first")), name="checkpoint_span_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.shard}/{self.first}-{self.last}"
