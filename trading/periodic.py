"""What happens to trading accounts by the clock."""

from datetime import timedelta

from django.conf import settings

from config.jobs.schedule import periodic


def register() -> None:
    """Called once, when the app is ready."""
    periodic(
        "trading: ask for new logins",
        "trading.tasks.mark_due_accounts",
        every=timedelta(minutes=1),
        description="Accounts whose day at the broker is over want a login again.",
    )
    periodic(
        "trading: tell of logins that end",
        "trading.tasks.warn_of_ending_logins",
        every=timedelta(minutes=5),
        description="Mails owners whose day at the broker ends soon, once an account and day.",
    )
    periodic(
        "trading: finish unlinking",
        "trading.tasks.finish_unlinking",
        every=timedelta(minutes=1),
        description="Completes what a process began and did not live to finish.",
    )
    periodic(
        "trading: end overdue memberships",
        "trading.tasks.end_overdue_memberships",
        every=timedelta(minutes=5),
        description="Tells of memberships and invitations whose time has passed. Decisions do not wait for it.",
    )
    periodic(
        "trading: end overdue offers",
        "trading.tasks.end_overdue_offers",
        every=timedelta(minutes=5),
        description="Tells of offers of ownership that nobody answered in time. Accepting does not wait for it.",
    )
    periodic(
        "trading: forget login attempts",
        "trading.tasks.forget_login_attempts",
        every=timedelta(hours=1),
        description="Deletes logins at the broker that were begun more than a day ago.",
    )
    periodic(
        "trading: forget paper logins",
        "trading.tasks.forget_paper_sessions",
        every=timedelta(hours=6),
        description="Deletes logins at the paper broker that were begun more than two days ago.",
    )
    periodic(
        "trading: go on with syncs",
        "trading.tasks.relieve_syncs",
        every=timedelta(minutes=1),
        description="Gives the accounts of workers that died to others, and a sync of all accounts the tasks it lacks.",
    )
    periodic(
        "trading: forget syncs",
        "trading.tasks.forget_sync_runs",
        every=timedelta(hours=6),
        description="Deletes what is told of syncs after SYNC_RUNS_RETENTION.",
    )
    if settings.ENVIRONMENT.sync_interval:
        periodic(
            "trading: sync all accounts",
            "trading.tasks.sync_accounts_by_the_clock",
            every=timedelta(seconds=settings.ENVIRONMENT.sync_interval),
            description="Every account that has a session at its broker, spread over SYNC_SPREAD.",
        )
