"""Keeping cases with a policy, and giving them up."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from authz.engine import case as language
from authz.engine.errors import PolicyError
from authz.errors import (
    InvalidPolicyError,
    PolicyCaseDoesNotHoldError,
    PolicyCaseNameTakenError,
    PolicyCaseNotFoundError,
    PolicyNotFoundError,
    TooManyPoliciesError,
)
from authz.events import PolicyCaseAdded, PolicyCaseRemoved
from authz.models import Policy, PolicyCase
from authz.services import case_runs
from authz.services.authorship import stated
from events.domain import emit


def add(*, policy_id: UUID, case: Any, by: str, reason: str, must_hold: bool = True) -> PolicyCase:
    """Keep `case`, `{name, given, expect}`, with a policy. It must hold, or nothing would tell when it stops.

    Raises InvalidPolicyError, PolicyNotFoundError, PolicyCaseNameTakenError, PolicyCaseDoesNotHoldError,
    TooManyPoliciesError, InvalidRequestError.
    """
    why = stated(reason)
    try:
        wanted = language.parse(case)
    except PolicyError as error:
        raise InvalidPolicyError.of(error, member="case") from None
    with transaction.atomic():
        case_runs.one_at_a_time()
        policy = _policy(policy_id)
        if policy.cases.filter(name=wanted.name).exists():
            raise PolicyCaseNameTakenError
        if policy.cases.count() >= settings.ENVIRONMENT.policy_case_limit:
            raise TooManyPoliciesError("The policy has as many cases as one may have.")
        if must_hold:
            answer = case_runs.run(wanted, policy=policy.name)
            if not answer.holds:
                raise PolicyCaseDoesNotHoldError(answer.sentence)
        row = PolicyCase.objects.create(
            policy=policy,
            name=wanted.name,
            given=case["given"],
            expect=wanted.expect,
            created_by=by,
            reason=why,
        )
        emit(
            PolicyCaseAdded(
                policy=policy.name,
                policy_id=policy.public_id,
                cases=(str(row),),
                by=by,
                reason=why,
            )
        )
    return row


def remove(*, policy_id: UUID, name: str, by: str, reason: str) -> None:
    """Give up the case. Raises PolicyNotFoundError, PolicyCaseNotFoundError, InvalidRequestError."""
    why = stated(reason)
    with transaction.atomic():
        case_runs.one_at_a_time()
        policy = _policy(policy_id)
        row = policy.cases.filter(name=name).first()
        if row is None:
            raise PolicyCaseNotFoundError
        row.delete()
        emit(
            PolicyCaseRemoved(
                policy=policy.name,
                policy_id=policy.public_id,
                cases=(f"{policy.name}/{name}",),
                by=by,
                reason=why,
            )
        )


def _policy(policy_id: UUID) -> Policy:
    policy = Policy.objects.live().filter(pk=policy_id).first()
    if policy is None:
        raise PolicyNotFoundError
    return policy
