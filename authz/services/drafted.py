"""The policies in force with a draft among them: what a change would come to, before anybody makes it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from authz.engine import document as language
from authz.engine.errors import PolicyError
from authz.engine.policyset import PolicySet
from authz.errors import (
    InvalidPolicyError,
    PolicyNameTakenError,
    PolicyNotFoundError,
    PolicySetBrokenError,
)
from authz.models import Policy
from authz.models.policy import PolicyInForce
from authz.services import policy_sets
from config.http.problems import FieldError, InvalidRequestError
from config.ids import new_uuid


def now_and_then(*, document: Any, policy_id: UUID | None) -> tuple[PolicySet, PolicySet]:
    """The policies in force, and those with `document` as a new policy or, with `policy_id`, in the place of that one;
    without a document, those without that one.

    Raises InvalidRequestError, InvalidPolicyError, PolicyNotFoundError, PolicyNameTakenError, PolicySetBrokenError.
    """
    if document is None and policy_id is None:
        detail = "Send a document, the policy that it replaces or that is removed, or both."
        raise InvalidRequestError(errors=[FieldError("document", "required", detail)])
    _check(document)
    in_force = list(Policy.objects.in_force())
    drafted = _with_draft(in_force, document, policy_id)
    try:
        now = policy_sets.build(in_force)
    except PolicyError as error:
        raise PolicySetBrokenError from error
    return now, policy_sets.build(drafted)


def _with_draft(
    in_force: Sequence[PolicyInForce], document: Any, policy_id: UUID | None
) -> list[PolicyInForce]:
    others = [policy for policy in in_force if policy.id != policy_id]
    if policy_id is not None and len(others) == len(in_force):
        raise PolicyNotFoundError
    if document is None:
        return others
    if any(policy.document["name"] == document["name"] for policy in others):
        raise PolicyNameTakenError("Another policy has this name.")
    return [*others, PolicyInForce(policy_id or new_uuid(), 0, document)]


def _check(document: Any) -> None:
    """Raises InvalidPolicyError for a draft that does not compile."""
    try:
        if document is not None:
            language.parse(document)
    except PolicyError as error:
        raise InvalidPolicyError.of(error) from None
