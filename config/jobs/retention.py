"""What the ground floor keeps for a while: forgotten when its time is over."""

from datetime import timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.utils import timezone

from config.http import idempotency
from config.jobs.models import ENDED, Job
from config.jobs.scheduled import ScheduledRun


def forget_run_out() -> int:
    """Delete answers for repeated requests, browsers' sessions, ended jobs and the console's log that are past their
    time; returns how many rows.
    """
    now, environment = timezone.now(), settings.ENVIRONMENT
    old_jobs = now - timedelta(seconds=environment.job_retention)
    old_changes = now - timedelta(seconds=environment.console_log_retention)
    old_runs = now - timedelta(seconds=environment.scheduled_run_retention)
    past = (
        Session.objects.filter(expire_date__lt=now),
        Job.objects.filter(state__in=ENDED, finished_at__lt=old_jobs),
        ScheduledRun.objects.filter(started_at__lt=old_runs),
        LogEntry.objects.filter(action_time__lt=old_changes),
    )
    return idempotency.forget_expired() + sum(rows.delete()[0] for rows in past)
