"""Policies and their versions. A policy is never edited: it gets another version."""

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple, Self
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel


class PolicyInForce(NamedTuple):
    """A policy as decisions see it."""

    id: UUID
    number: int
    document: dict[str, Any]


class PolicyQuerySet(models.QuerySet["Policy"]):
    def live(self) -> Self:
        """Not deleted."""
        return self.filter(deleted_at=None)

    def with_current(self) -> Self:
        """Together with the version in force, in the same query."""
        return self.select_related("current")

    def documents(self) -> Iterator[dict[str, Any]]:
        """The documents in force."""
        yield from self.live().values_list("current__document", flat=True)

    def in_force(self) -> Iterator[PolicyInForce]:
        """The same, each with the policy's key and the number of its version."""
        rows = self.live().values_list("pk", "current__number", "current__document")
        yield from (PolicyInForce(*row) for row in rows)


class Policy(IdentifiedModel):
    """What keeps its identity while its versions follow one another. `name` repeats the current document's."""

    PREFIX = "pol"

    name = models.CharField(_("name"), max_length=100)
    current = models.OneToOneField(
        "authz.PolicyVersion",
        verbose_name=_("version in force"),
        on_delete=models.PROTECT,
        related_name="in_force_for",
    )
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    objects: ClassVar[models.Manager["Policy"]] = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(deleted_at=None), name="policy_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(IdentifiedModel):
    """One document, with who wrote it, when and why. A trigger refuses to change or delete a row."""

    PREFIX = "pov"

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    document = models.JSONField(_("document"))
    created_by = models.CharField(
        _("by"), max_length=200, help_text=_("user:usr_…, service:…, system or shipped")
    )
    reason = models.CharField(_("reason"), max_length=500)

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["policy", "number"], name="policyversion_number_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(number__gte=1), name="policyversion_number_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} version {self.number}"
