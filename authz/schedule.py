"""What this app does by the clock."""

from datetime import timedelta

from config.jobs.schedule import periodic


def register_periodic_tasks() -> None:
    """Called once the app is ready."""
    periodic(
        "Write down the role grants that have run out",
        "authz.tasks.close_expired_grants",
        every=timedelta(minutes=5),
        description="Closes grants past their time, for the trail; they have counted for nothing since that moment.",
    )
    periodic(
        "Forget old decisions",
        "authz.tasks.prune_decision_records",
        every=timedelta(hours=1),
        description="Deletes decision records that are older than DECISION_RETENTION.",
    )
    periodic(
        "Forget old policy drafts",
        "authz.tasks.forget_policy_drafts",
        every=timedelta(hours=1),
        description="Deletes drafts of policies that are older than POLICY_DRAFT_LIFETIME.",
    )
