"""What was decided: all denials and a share of the allows, for a while."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from authz.engine.verdict import Reason
from config.models import IdentifiedModel


class DecisionRecordQuerySet(models.QuerySet["DecisionRecord"]):
    def about(self, subject: str) -> Self:
        return self.filter(subject=subject)

    def with_resource(self, resource: str) -> Self:
        return self.filter(resource=resource)

    def with_action(self, action: str) -> Self:
        return self.filter(action=action)

    def decided_by(self, policy: str) -> Self:
        return self.filter(policy=policy)

    def with_decision(self, decision: str) -> Self:
        return self.filter(allowed=decision == "allow")

    def with_reason(self, reason: str) -> Self:
        return self.filter(reason=reason)

    def since(self, moment: datetime) -> Self:
        return self.filter(decided_at__gte=moment)

    def until(self, moment: datetime) -> Self:
        """Before that moment."""
        return self.filter(decided_at__lt=moment)


class DecisionRecord(IdentifiedModel):
    """One decision, with what is needed to decide it again.

    `left_out` names what is not whole of that (`context.token`, `subject.memberships`): a secret, or too large.
    `fingerprint` is of all the policies that were in force.
    """

    PREFIX = "dec"

    decided_at = models.DateTimeField(_("decided"), default=timezone.now)
    subject = models.CharField(_("subject"), max_length=256)
    subject_type = models.CharField(_("type of the subject"), max_length=64)
    action = models.CharField(_("action"), max_length=256)
    resource = models.CharField(_("resource"), max_length=256)
    resource_type = models.CharField(_("type of the resource"), max_length=64)
    allowed = models.BooleanField(_("allowed"))
    reason = models.CharField(
        _("reason"), max_length=16, choices=[(reason.value, reason.value) for reason in Reason]
    )
    policy = models.CharField(_("policy"), max_length=100, blank=True)
    policy_version = models.PositiveIntegerField(_("version of the policy"), null=True, blank=True)
    fingerprint = models.CharField(_("fingerprint of the policies"), max_length=64)
    source = models.CharField(_("asked by way of"), max_length=16)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    context = models.JSONField(_("context"), default=dict)
    subject_attributes = models.JSONField(_("known of the subject"), default=dict)
    resource_attributes = models.JSONField(_("known of the resource"), default=dict)
    left_out = models.JSONField(_("left out"), default=list)

    objects: ClassVar[models.Manager["DecisionRecord"]] = DecisionRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            # The dashboard counts weeks of them by what came out, from the index alone.
            models.Index(fields=["decided_at"], include=["allowed"], name="decision_by_time"),
            models.Index(fields=["subject", "-id"], name="decision_subject"),
            models.Index(fields=["resource", "-id"], name="decision_resource"),
            models.Index(fields=["action", "-id"], name="decision_action"),
            models.Index(fields=["policy", "-id"], name="decision_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.action} {self.resource}"
