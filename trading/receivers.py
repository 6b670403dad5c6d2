"""What this floor does when a lower one tells of something."""

from typing import Any

from django.dispatch import receiver

from accounts.events.people import UserDeactivated, UserEvent, UserReactivated, UserSuspended
from accounts.models import User
from authz.freshness import stamps
from events.signals import domain_event
from trading.models import TradingAccount

UID = "the owner's status is an attribute of their accounts"


@receiver(domain_event, sender=UserSuspended, dispatch_uid=UID)
@receiver(domain_event, sender=UserReactivated, dispatch_uid=UID)
@receiver(domain_event, sender=UserDeactivated, dispatch_uid=UID)
def renew_stamps_of_accounts(event: UserEvent, **_: Any) -> None:
    """What is remembered of a person's accounts is out of date as soon as their own status has changed."""
    accounts = TradingAccount.objects.open().filter(owner_id=User.parse_id(event.user_id))
    if entities := {account.entity for account in accounts.only("pk")}:
        stamps.touch(entities)
