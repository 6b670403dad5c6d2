"""What workers do for the vault."""

from typing import Any

from django.conf import settings

from config.jobs.running import JobRun, job_task
from config.vault import rewrapping
from config.vault.rewrapping import Progress


@job_task()
def rewrap_data_keys(run: JobRun) -> dict[str, Any]:
    """Progress counts on from what an earlier attempt got through, for its rows are not looked at again. What does not
    fit into the time of a task is another job's.
    """

    def report(progress: Progress) -> None:
        done = run.done + progress.looked_at
        run.report_progress(done, done + progress.left)

    progress = rewrapping.rewrap_all(
        report=report, seconds=settings.ENVIRONMENT.task_time_limit / 2
    )
    if progress.left:
        rewrapping.enqueue(owner=None)
    return rewrapping.as_result(progress)
