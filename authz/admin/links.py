"""Addresses of the pages about policies, with what they are to begin with."""

from django.urls import reverse
from django.utils.http import urlencode

from authz.models import Policy, PolicyDraft


def editor_of(policy: Policy | None, draft: PolicyDraft) -> str:
    """The editor with the draft in it."""
    page = (
        reverse("admin:authz_policy_change", args=[policy.pk])
        if policy
        else reverse("admin:authz_policy_add")
    )
    return f"{page}?{urlencode({'draft': draft.public_id})}"


def simulator_of(**question: str) -> str:
    """The simulator with a question, or a part of one, in it."""
    return f"{reverse('admin:authz_policy_simulate')}?{urlencode(question)}"


def simulator_with(draft: PolicyDraft) -> str:
    """The simulator with the draft, and the first action that it names."""
    action = draft.document["actions"][0]
    return simulator_of(draft=draft.public_id, **({} if "*" in action else {"action": action}))


def decisions_about(subject: str) -> str:
    """The list of what was decided about a person or a program."""
    return f"{reverse('admin:authz_decisionrecord_changelist')}?{urlencode({'q': subject})}"
