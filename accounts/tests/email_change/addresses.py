"""The address that Asha has, and the one that she wants; and what the trail tells of them."""

from audit.models import AuthEvent

OLD, NEW = "asha@example.com", "asha.rao@example.net"


def trail() -> list[str]:
    rows = AuthEvent.objects.filter(event_type__startswith="account.email").newest_first()
    return [row.event_type.removeprefix("account.email.") for row in reversed(rows)]
