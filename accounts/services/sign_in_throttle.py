"""Slowing down guesses at one account's password.

After `login_free_failures` within the window each further try has to wait twice as long as the one before, up to the
length of the window. The count is kept for an address, whether or not somebody has it.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import SignInThrottle
from config.compiled_queries import CompiledQuery, parameter
from config.vault.mac import keyed_hash

FIRST_DELAY = timedelta(seconds=15)

_of_address = CompiledQuery(lambda: SignInThrottle.objects.filter(pk=parameter("address_hash")))


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How it stands with an address: whether failures are counted, how many there are in the window, and whether
    sign-ins have to wait.
    """

    counted: bool = False
    failures: int = 0
    delayed: bool = False


NO_TRIES = Standing()


def standing_of(email: str) -> Standing:
    """As it is at this moment."""
    row = _of_address.first(address_hash=key_of(email))
    if row is None:
        return NO_TRIES
    now = timezone.now()
    return Standing(
        counted=True,
        failures=row.failures if row.window_ends_at > now else 0,
        delayed=row.blocked_until is not None and row.blocked_until > now,
    )


def record_failure(email: str) -> int:
    """Count a wrong password; the row is locked, so that racing tries are all counted. Returns how many there are."""
    now = timezone.now()
    window = timedelta(seconds=settings.ENVIRONMENT.login_failure_window)
    with transaction.atomic():
        row, _ = SignInThrottle.objects.select_for_update().get_or_create(
            address_hash=key_of(email), defaults={"window_ends_at": now + window}
        )
        if row.window_ends_at <= now:
            row.failures = 0
            row.blocked_until = None
        row.failures += 1
        excess = row.failures - settings.ENVIRONMENT.login_free_failures
        delay = min(FIRST_DELAY * 2 ** min(excess, 10), window) if excess >= 0 else timedelta()
        row.blocked_until = now + delay if delay else None
        row.window_ends_at = max(now + window, row.blocked_until or now)
        row.save()
    return row.failures


def forget(email: str) -> None:
    """The person proved who they are: start counting anew."""
    SignInThrottle.objects.filter(pk=key_of(email)).delete()


def forget_expired() -> int:
    """Delete windows that are over; returns how many."""
    deleted, _ = SignInThrottle.objects.filter(window_ends_at__lte=timezone.now()).delete()
    return deleted


def key_of(email: str) -> bytes:
    return keyed_hash("sign-in-throttle", email.strip().lower().encode())
