"""What a policy is meant to bring about, as questions with the expected answer."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from authz.models.policy import Policy
from config.models import IdentifiedModel


class Expectation(models.TextChoices):
    ALLOW = "allow", _("allow")
    DENY = "deny", _("deny")


class PolicyCaseQuerySet(models.QuerySet["PolicyCase"]):
    def in_force(self) -> Self:
        """Those of policies that are not deleted, by policy and name."""
        rows = self.filter(policy__deleted_at=None).select_related("policy")
        return rows.order_by("policy__name", "name")


class PolicyCase(IdentifiedModel):
    """`given` is a question with all that is to be known about it; the policies together must answer `expect`."""

    PREFIX = "cas"

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="cases")
    name = models.CharField(_("name"), max_length=100)
    given = models.JSONField(_("given"))
    expect = models.CharField(_("expected"), max_length=5, choices=Expectation.choices)
    created_by = models.CharField(
        _("by"), max_length=200, help_text=_("user:usr_…, service:… or system")
    )
    reason = models.CharField(_("reason"), max_length=500)

    objects: ClassVar[models.Manager["PolicyCase"]] = PolicyCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy case")
        verbose_name_plural = _("policy cases")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["policy", "name"], name="policycase_name_unique"),
            models.CheckConstraint(
                condition=models.Q(expect__in=Expectation.values), name="policycase_expect_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy.name}/{self.name}"
