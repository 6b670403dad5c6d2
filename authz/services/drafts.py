"""Keeping what somebody has typed, to be tried before it is saved."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from authz.engine import document as language
from authz.engine.errors import PolicyError
from authz.errors import InvalidPolicyError
from authz.models import Policy, PolicyDraft
from config.bulk import delete_in_batches


def keep(
    *, document: Any, policy: Policy | None, based_on: int | None, by: str, reason: str = ""
) -> PolicyDraft:
    """Keep a draft of a new policy, or of the next version of `policy`. Nothing is in force by it, so nothing has
    happened that anybody must hear of. Raises InvalidPolicyError.
    """
    try:
        language.parse(document)
    except PolicyError as error:
        raise InvalidPolicyError.of(error) from None
    return PolicyDraft.objects.create(
        policy=policy, document=document, based_on=based_on, created_by=by, reason=reason
    )


def forget_old() -> int:
    """Delete the drafts that are older than `policy_draft_lifetime`; returns how many rows."""
    limit = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.policy_draft_lifetime)
    return delete_in_batches(PolicyDraft.objects.older_than(limit).order_by("created_at"))
