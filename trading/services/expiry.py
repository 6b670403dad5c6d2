"""What ends by the clock: the day's logins, memberships, and the memory of begun logins."""

from datetime import timedelta

from django.utils import timezone

from trading.models import (
    BrokerSession,
    LoginAttempt,
    Membership,
    OwnershipTransfer,
    SessionEnd,
)
from trading.services import memberships, ownership_offers, reauthentication

ATTEMPTS_KEPT = timedelta(days=1)  # long enough to look into a complaint


def mark_due() -> int:
    """Ask for a new login wherever the day's session has ended; returns how many accounts that were."""
    due = BrokerSession.objects.due(timezone.now()).values_list("account_id", "pk")
    return sum(
        reauthentication.require(
            account_id=account_id, session_id=session_id, because=SessionEnd.EXPIRED
        )
        for account_id, session_id in list(due)
    )


def end_overdue_memberships() -> int:
    """End memberships and invitations whose time has passed, and say so; returns how many.

    Decisions do not wait for this: they look at the time themselves.
    """
    overdue = list(Membership.objects.overdue(timezone.now()).values_list("pk", flat=True))
    return sum(memberships.expire(membership_id=membership_id) for membership_id in overdue)


def end_overdue_offers() -> int:
    """End offers of ownership that nobody answered in time; returns how many."""
    overdue = list(OwnershipTransfer.objects.overdue(timezone.now()).values_list("pk", flat=True))
    return sum(ownership_offers.expire(transfer_id=transfer_id) for transfer_id in overdue)


def forget_login_attempts() -> int:
    """Delete attempts that ended more than a day ago; returns how many."""
    deleted, _ = LoginAttempt.objects.filter(expires_at__lt=timezone.now() - ATTEMPTS_KEPT).delete()
    return deleted
