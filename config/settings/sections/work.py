"""Settings: background work."""

from pathlib import Path

from pydantic import Field

from config.settings.sections.section import Minute, Section


class Work(Section):
    """Background work"""

    task_time_limit: int = Field(
        10 * Minute, ge=10, description="A background task is asked to stop after this."
    )
    task_cleanup_time: int = Field(
        30, ge=1, description="How much later it is killed if it has not."
    )
    job_max_attempts: int = Field(
        5, ge=1, le=100, description="Workers that may die over one job before it counts as failed."
    )
    bulk_change_at_once: int = Field(
        20,
        ge=1,
        le=200,
        description="A change to more people than this at the console is made by a worker, as a job.",
    )
    bulk_change_most: int = Field(
        5_000, ge=1, le=50_000, description="People that one change at the console may concern."
    )
    job_resend_after: int = Field(
        1 * Minute,
        ge=1,
        description="A job that could not be sent to the workers is sent again after this long.",
    )
    beat_lease: int = Field(
        6,
        ge=1,
        le=60,
        description="Seconds after which another beat goes on where one has died.",
    )
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Where workers, beat, relays and dispatchers of webhooks answer `GET /metrics`, each on a machine "
        "of its own; 0 for any free port. Unset: nowhere, as the web on the same machine tells their numbers.",
    )
    heartbeat_file: Path | None = Field(
        None,
        description="A file that such a process touches while it works, at least once a minute.",
    )
