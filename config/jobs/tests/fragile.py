"""A task that kills the process that first runs it, for `celery -A config worker --include` this module.

`FRAGILE_PREFIX` is the prefix of the test's own queue in the broker.
"""

import os
import signal
from collections.abc import Mapping
from typing import Any

from config.celery import app
from config.jobs.running import JobRun, job_task

if prefix := os.environ.get("FRAGILE_PREFIX"):
    app.conf["broker_transport_options"] = {"global_keyprefix": prefix, "visibility_timeout": 60}


@job_task(name="jobs.tests.die_once")
def die_once(run: JobRun, *, steps: int) -> Mapping[str, Any]:
    """Dies half way the first time, as if the machine had."""
    started_at = run.done
    for step in range(started_at, steps):
        run.report_progress(step + 1, steps)
        if run.attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)
    return {"attempt": run.attempt, "started_at": started_at}
