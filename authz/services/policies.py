"""Writing policies: every change is another version, and nothing that does not compile is stored."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from authz.engine import document as language
from authz.engine.errors import PolicyError
from authz.errors import InvalidPolicyError, PolicyNameTakenError, PolicyNotFoundError
from authz.events import (
    PolicyCasesBroken,
    PolicyCreated,
    PolicyDeleted,
    PolicyEvent,
    PolicyRolledBack,
    PolicyUpdated,
)
from authz.models import Policy, PolicyVersion
from authz.services import case_runs
from authz.services.authorship import stated
from authz.services.case_runs import Watched
from config.violations import violated
from events.domain import emit

Precondition = Callable[[Policy], None]


def unconditional(policy: Policy) -> None:
    """The precondition of those who change a policy whatever it says now."""


def create(
    *,
    document: Any,
    by: str,
    reason: str,
    break_cases: bool = False,
    within: Watched | None = None,
) -> Policy:
    """Store a new policy, in force when this returns. `by` is its author (`authorship.author`).

    A change that breaks cases is refused unless `break_cases`, and then the trail names them; a change `within` a
    larger one leaves that to it. So in all of these.
    Raises InvalidPolicyError, PolicyNameTakenError, PolicyCasesBrokenError, TooManyPoliciesError, InvalidRequestError.
    """
    name, why = _compiled(document), stated(reason)
    policy = Policy(name=name)
    version = PolicyVersion(policy=policy, number=1, document=document, created_by=by, reason=why)
    policy.current = version
    with _change(within, break_cases=break_cases) as tell:
        policy.save(force_insert=True)
        version.save(force_insert=True)
        tell(PolicyCreated, policy, by=by, reason=why)
    return policy


def update(
    *,
    policy_id: UUID,
    document: Any,
    by: str,
    reason: str,
    precondition: Precondition = unconditional,
    break_cases: bool = False,
    within: Watched | None = None,
) -> Policy:
    """Put another document in force. `precondition` sees the policy as it is, locked, and raises to stop the change.

    Raises InvalidPolicyError, PolicyNameTakenError, PolicyNotFoundError, PolicyCasesBrokenError, InvalidRequestError.
    """
    name, why = _compiled(document), stated(reason)
    with _change(within, break_cases=break_cases) as tell:
        policy = _locked(policy_id, precondition=precondition)
        _put_in_force(policy, name=name, document=document, by=by, reason=why)
        tell(PolicyUpdated, policy, by=by, reason=why)
    return policy


def rollback(
    *,
    policy_id: UUID,
    to: int,
    by: str,
    reason: str,
    precondition: Precondition = unconditional,
    break_cases: bool = False,
    within: Watched | None = None,
) -> Policy:
    """Put the document of version `to` in force again, as a new version. Raises as `update` does."""
    why = stated(reason)
    with _change(within, break_cases=break_cases) as tell:
        policy = _locked(policy_id, precondition=precondition)
        former = policy.versions.filter(number=to).first()
        if former is None:
            raise PolicyNotFoundError(f"The policy has no version {to}.")
        name = _compiled(former.document)
        _put_in_force(policy, name=name, document=former.document, by=by, reason=why)
        tell(PolicyRolledBack, policy, by=by, reason=why)
    return policy


def delete(
    *,
    policy_id: UUID,
    by: str,
    reason: str,
    precondition: Precondition = unconditional,
    break_cases: bool = False,
    within: Watched | None = None,
) -> None:
    """Take a policy out of force for good; its versions stay. Its cases are asked no more.

    Raises PolicyNotFoundError, PolicyCasesBrokenError, InvalidRequestError.
    """
    why = stated(reason)
    with _change(within, break_cases=break_cases) as tell:
        policy = _locked(policy_id, precondition=precondition)
        policy.deleted_at = timezone.now()
        policy.save(update_fields=["deleted_at", "updated_at"])
        tell(PolicyDeleted, policy, by=by, reason=why)


def _compiled(document: Any) -> str:
    """The name in a document that compiles."""
    try:
        return language.parse(document).name
    except PolicyError as error:
        raise InvalidPolicyError.of(error) from None


def _locked(policy_id: UUID, *, precondition: Precondition) -> Policy:
    # Without the version in force: a join that does not hold once somebody else's change is through finds no row.
    policy = Policy.objects.live().select_for_update().filter(pk=policy_id).first()
    if policy is None:
        raise PolicyNotFoundError
    precondition(policy)
    return policy


def _put_in_force(policy: Policy, *, name: str, document: Any, by: str, reason: str) -> None:
    latest = policy.versions.order_by("-number").values_list("number", flat=True)[0]
    version = policy.versions.create(
        number=latest + 1, document=document, created_by=by, reason=reason
    )
    policy.name, policy.current = name, version
    policy.save(update_fields=["name", "current", "updated_at"])


Tell = Callable[..., None]


@contextmanager
def _change(within: Watched | None, *, break_cases: bool) -> Iterator[Tell]:
    """One transaction around a change; yields what tells of it. What it breaks is told at its end."""
    told: list[tuple[Policy, str, str]] = []

    def tell(kind: Callable[..., PolicyEvent], policy: Policy, *, by: str, reason: str) -> None:
        told.append((policy, by, reason))
        emit(
            kind(
                policy=policy.name,
                policy_id=policy.public_id,
                policy_version=policy.current.number,
                by=by,
                reason=reason,
            )
        )

    with _name_is_free(), transaction.atomic():
        watching = nullcontext(within) if within else case_runs.watched(break_cases=break_cases)
        with watching as watch:
            yield tell
        for policy, by, reason in told if watch.broken and not within else ():
            emit(
                PolicyCasesBroken(
                    policy=policy.name,
                    policy_id=policy.public_id,
                    cases=watch.broken,
                    by=by,
                    reason=reason,
                )
            )


@contextmanager
def _name_is_free() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if violated(error) != "policy_name_unique":
            raise
        raise PolicyNameTakenError("Another policy has this name.") from None
