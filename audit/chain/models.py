"""The chains beside the trail: which rows wait for their place, and which place each has."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.chain.hashes import SHARDS
from config.models import IdentifiedModel


class UnchainedEvent(models.Model):
    """A row of the trail that has no place in a chain yet. A trigger writes it with the row."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(_("event"))
    occurred_at = models.DateTimeField(_("time"))
    shard = models.SmallIntegerField(_("shard"))

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["shard", "id"], name="unchained_by_shard")
        ]

    def __str__(self) -> str:
        return str(self.event_id)


class ChainLink(models.Model):
    """The place of one row in the chain of its day and shard. Written once; only the salt can go, when the person whose
    row it is is erased."""

    event_id = models.UUIDField(_("event"), primary_key=True)
    occurred_at = models.DateTimeField(_("time"))
    day = models.DateField(_("day"))
    shard = models.SmallIntegerField(_("shard"))
    position = models.BigIntegerField(_("position"))
    salt = models.BinaryField(_("salt"), null=True)
    commitment = models.BinaryField(_("commitment"))
    row_hash = models.BinaryField(_("hash of the row"))
    chain_hash = models.BinaryField(_("hash of the chain"))

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["day", "shard", "position"], name="chain_link_one_per_place"
            ),
            models.CheckConstraint(
                condition=Q(shard__range=(0, SHARDS - 1)) & Q(position__gte=1),
                name="chain_link_place_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.shard}/{self.position}"


class AuditVerification(IdentifiedModel):
    """One look at the chains, and what it found."""

    PREFIX = "avr"

    since = models.DateField(_("from"), null=True)
    until = models.DateField(_("to"), null=True)
    rows = models.BigIntegerField(_("rows"))
    findings = models.BigIntegerField(_("findings"))
    finished_at = models.DateTimeField(_("finished"))

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        ordering: ClassVar[list[str]] = ["-finished_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(since__lte=F("until")),
                name="audit_verification_span_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.public_id
