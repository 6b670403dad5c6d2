"""What this app does by the clock."""

from datetime import timedelta

from config.jobs.schedule import periodic


def register_periodic_tasks() -> None:
    """Called once the app is ready."""
    periodic(
        "Forget expired sign-in tokens and throttles",
        "accounts.tasks.forget_expired",
        every=timedelta(hours=1),
        description="Deletes tokens, throttles, used assertions and stopped sign-ins whose time is over.",
    )
    periodic(
        "End sessions that ran out",
        "accounts.tasks.end_run_out_sessions",
        every=timedelta(minutes=1),
        description="Writes the end of sessions that were idle for too long or reached their last day, in batches.",
    )
    periodic(
        "Tend the signing keys",
        "accounts.tasks.tend_signing_keys",
        every=timedelta(minutes=1),
        description="Publishes the next signing key, rotates an old one and retires those whose tokens have expired.",
    )
    periodic(
        "Erase people whose grace is over",
        "accounts.tasks.erase_due",
        every=timedelta(hours=1),
        description="Erases what is held of people who closed their accounts CLOSING_GRACE ago, but not under a hold.",
        by_hand=False,
    )
