"""A sync of every account: one job, whose accounts are queued in the database and shared by many workers.

`start` makes the job, `begin` plans it, and hands do it: each a task of a few seconds that claims one account after the
other and sends a successor while there is more. `relieve`, by the clock, sends hands where some have died. The last
one to finish ends the job.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from random import uniform
from uuid import UUID

import structlog
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError

from config.http.principal import Principal
from config.http.problems import ProblemError
from config.jobs import kinds
from config.jobs import services as jobs
from config.jobs.errors import JobNotFoundError
from config.jobs.models import Job, JobState
from config.locking import alone
from events.domain import emit
from trading.brokers import circuit
from trading.brokers.registry import broker_names
from trading.events import BulkSyncRequested
from trading.models import SyncRun, SyncTrigger, TradingAccount
from trading.services import sync, sync_runs

log = structlog.get_logger(__name__)

KIND = kinds.named("trading.sync_all", _("sync of all accounts"))
BEGIN, HELP = "trading.tasks.sync_accounts", "trading.tasks.help_sync"
BATCH = 1_000
REPORT_EVERY = 1.0  # seconds between two reports of one hand


@dataclass(frozen=True, kw_only=True)
class BulkSync:
    """The job; `joined` when it had been started before, by whomever."""

    job: Job
    joined: bool


@transaction.atomic
def start(*, owner: Principal | None, trigger: SyncTrigger, spread: int = 0) -> BulkSync:
    """Have every account synced that has a session at its broker, over `spread` seconds. While such a job is
    unfinished there is no second one: it is the answer, and what it had put off for later is done now if `spread` is 0.
    """
    alone("trading.bulk_sync")
    job = Job.objects.filter(kind=KIND, state__in=[JobState.QUEUED, JobState.RUNNING]).first()
    joined = job is not None
    if job is None:
        job = jobs.enqueue(
            kind=KIND,
            task=current_app.tasks[BEGIN],
            owner=owner,
            arguments={"trigger": trigger.value, "spread": spread},
        )
    elif not spread:
        SyncRun.objects.queued().of_job(job.pk).update(due_at=timezone.now())
    if trigger is not SyncTrigger.SCHEDULE:
        emit(BulkSyncRequested(job_id=job.public_id, joined=joined))
    return BulkSync(job=job, joined=joined)


def begin(*, job_id: str, trigger: SyncTrigger, spread: int) -> None:
    """What the worker does that got the job: plan it and send the first hands."""
    if jobs.start(job_id) is not None:
        _plan(job_id, trigger, spread)
        _advance(job_id)


def help_out(*, job_id: str) -> None:
    """One hand's shift: sync one account of the job after the other for `bulk_sync_shift` seconds, while there are
    any. A hand too many goes away at once."""
    key = _running(job_id)
    if key is None or _hands_at_work(key) >= settings.ENVIRONMENT.bulk_sync_hands:
        return
    over = time.monotonic() + settings.ENVIRONMENT.bulk_sync_shift
    reported = time.monotonic()
    while time.monotonic() < over and (run := sync_runs.claim(key, except_at=_resting())):
        _sync_one(run)
        if time.monotonic() > reported + REPORT_EVERY:
            _report(job_id)
            reported = time.monotonic()
    _report(job_id)
    if SyncRun.objects.due(timezone.now(), except_at=_resting()).of_job(key).exists():
        _send_hands(job_id, 1)


def relieve() -> int:
    """Go on with what died: runs of dead workers are queued again and jobs without enough hands get some. Returns how
    many jobs are running."""
    sync_runs.end_lapsed()
    running = Job.objects.filter(kind=KIND, state=JobState.RUNNING)
    for job in running:
        _plan(job.public_id, SyncTrigger(job.arguments["trigger"]), job.arguments["spread"])
        _advance(job.public_id)
    return len(running)


@transaction.atomic
def _plan(job_id: str, trigger: SyncTrigger, spread: int) -> None:
    """Queue every account once, whoever comes first."""
    job = _locked(job_id)
    if job.state != JobState.RUNNING or SyncRun.objects.of_job(job.pk).exists():
        return
    now = timezone.now()
    accounts = TradingAccount.objects.syncable(now).order_by("id").values_list("pk", flat=True)
    runs = [
        SyncRun(
            account_id=account_id,
            job=job,
            trigger=trigger,
            due_at=now + timedelta(seconds=uniform(0, spread)),  # noqa: S311 - spreads the load, hides nothing
        )
        for account_id in accounts
    ]
    SyncRun.objects.bulk_create(runs, batch_size=BATCH)
    jobs.report_progress(job_id, 0, len(runs))


def _advance(job_id: str) -> None:
    _report(job_id)
    key = _running(job_id)
    if key is None:
        return
    due = SyncRun.objects.due(timezone.now(), except_at=_resting()).of_job(key).count()
    missing = settings.ENVIRONMENT.bulk_sync_hands - _hands_at_work(key)
    _send_hands(job_id, min(due, missing))


@transaction.atomic
def _report(job_id: str) -> None:
    """Say how far the job is, counted while nobody else can say, so that it never goes back; end it after the last."""
    job = _locked(job_id)
    if job.state != JobState.RUNNING:
        return
    ended = SyncRun.objects.of_job(job.pk).settled().order_by().values_list("outcome")
    outcomes: dict[str, int] = dict(ended.annotate(Count("pk")))
    done = sum(outcomes.values())
    jobs.report_progress(job_id, done)
    if done == job.total:
        jobs.succeed(job_id, {"accounts": done, "outcomes": outcomes})


def _sync_one(run: SyncRun) -> None:
    """How it went is in the run; trouble with one account keeps no other waiting."""
    try:
        sync.perform(run)
    except ProblemError as problem:
        log.info("trading.sync_failed", sync_run_id=run.public_id, problem=problem.slug)
    except SoftTimeLimitExceeded:
        raise
    except Exception:
        log.exception("trading.sync_broke", sync_run_id=run.public_id)


def _resting() -> list[str]:
    """Brokers that nobody may ask just now; `relieve` sends hands when they may be asked again."""
    return [name for name in broker_names() if circuit.is_resting(name)]


def _hands_at_work(job_key: UUID) -> int:
    return SyncRun.objects.held(timezone.now()).of_job(job_key).count()


def _send_hands(job_id: str, number: int) -> None:
    """When the broker of tasks is away, `relieve` sends them later."""
    try:
        for _ in range(number):
            current_app.tasks[HELP].apply_async(kwargs={"job_id": job_id}, retry=False)
    except OperationalError:
        log.warning("trading.sync_hands_not_sent", job_id=job_id)


def _running(job_id: str) -> UUID | None:
    running = Job.objects.filter(state=JobState.RUNNING).with_public_id(job_id)
    return running.values_list("pk", flat=True).first()


def _locked(job_id: str) -> Job:
    job = Job.objects.select_for_update().with_public_id(job_id).first()
    if job is None:
        raise JobNotFoundError
    return job
