"""What this app does by the clock: a line each, into the services."""

from celery import shared_task

from mfa.services import passkey_challenges, resets


@shared_task
def forget_expired_challenges() -> int:
    return passkey_challenges.forget_expired()


@shared_task
def close_expired_resets() -> int:
    return resets.close_expired()
