"""What staff do to a person's account, by name: the same from the person's page, from the list and in a job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from accounts.models import User
from accounts.services import (
    email_change,
    erasure,
    factor_reset,
    required_password,
    sessions,
    status,
)
from audit.privacy.services import exports, holds
from config.http.principal import Principal
from config.http.problems import ForbiddenError

Service = Callable[[User, str, Principal], object]


@dataclass(frozen=True)
class Change:
    """What it takes to do it, and how it is done: `service(user, reason, by)`."""

    scope: str
    service: Service


CHANGES: Mapping[str, Change] = {
    "suspend": Change(
        "users:write", lambda user, reason, by: status.suspend(user=user, reason=reason)
    ),
    "reactivate": Change(
        "users:write", lambda user, reason, by: status.reactivate(user=user, reason=reason)
    ),
    "deactivate": Change(
        "users:write", lambda user, reason, by: status.deactivate(user=user, reason=reason)
    ),
    "require_password": Change(
        "users:write",
        lambda user, reason, by: required_password.require_new(user=user, reason=reason),
    ),
    "end_sessions": Change(
        "sessions:write", lambda user, reason, by: sessions.end_all_by_staff(user=user, note=reason)
    ),
    "reset_factors": Change(
        "factors:reset",
        lambda user, reason, by: factor_reset.request(
            user=user, by=_of(by), scopes=by.scopes, reason=reason
        ),
    ),
    "export": Change(
        "privacy:write", lambda user, reason, by: exports.ask(subject=user, by=by, reason=reason)
    ),
    "erase": Change(
        "privacy:write",
        lambda user, reason, by: erasure.ask(user=user, by=by.subject, reason=reason),
    ),
    "hold": Change(
        "privacy:write",
        lambda user, reason, by: holds.place(subject=user, by=by.subject, reason=reason),
    ),
}


def carry_out(*, change: str, user: User, reason: str, by: Principal) -> None:
    """Do it to one person, for whoever holds the right and may do no less than they.

    Raises ForbiddenError, and what the service raises.
    """
    chosen = CHANGES[change]
    _require(chosen.scope, user, by)
    chosen.service(user, reason, by)


def change_email(*, user: User, email: str, reason: str, by: Principal) -> None:
    """Have somebody confirm another address, in the name of staff who may do no less than they.

    Raises ForbiddenError, and what `accounts.services.email_change.ask` raises.
    """
    _require("users:write", user, by)
    email_change.ask(user=user, email=email, reason=reason)


def _require(scope: str, user: User, by: Principal) -> None:
    if scope not in by.scopes:
        raise ForbiddenError
    status.require_reach(user, scopes=by.scopes)


def _of(by: Principal) -> User:
    """Raises ForbiddenError for somebody who is not there any more."""
    staff = User.objects.with_public_id(by.id).first()
    if staff is None:
        raise ForbiddenError
    return staff
