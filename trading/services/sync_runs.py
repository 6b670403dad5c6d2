"""The runs of syncs: who may begin one, and how it ended.

A running run is the account's lease: the database lets no second one be. Whoever ends it shows that it is still theirs,
so that a worker that was taken for dead and is not keeps nothing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from config.bulk import delete_in_batches
from config.jobs.models import JobState
from config.violations import violated
from trading.errors import SyncUnderWayError
from trading.metrics import SYNC_DURATION, SYNC_RUNS
from trading.models import SyncOutcome, SyncRun, SyncTrigger, TradingAccount

ONE_RUNNING = "sync_run_one_running"
GRACE = 10  # seconds for all that a sync does besides asking and waiting


@transaction.atomic
def begin(*, account_id: UUID, trigger: SyncTrigger) -> SyncRun:
    """A running sync of the account. Raises SyncUnderWayError when there is one."""
    run = SyncRun(account_id=account_id, trigger=trigger, due_at=timezone.now())
    _start(run)
    return run


@transaction.atomic
def claim(job_id: UUID, *, except_at: Collection[str] = ()) -> SyncRun | None:
    """The next queued run of the job that is due, begun; None when there is none. Of many who ask at once, each gets
    another. Accounts at the brokers `except_at` wait. One whose account is being synced by somebody else is over at
    once."""
    due = SyncRun.objects.due(timezone.now(), except_at=except_at).of_job(job_id)
    queue = due.order_by("due_at", "id")
    while run := queue.select_for_update(of=("self",), skip_locked=True).first():
        try:
            _start(run)
        except SyncUnderWayError:
            run.ended_at, run.outcome = timezone.now(), SyncOutcome.SKIPPED
            run.started_at = run.lease_expires_at = None
            run.save()
            _count(run.account_id, SyncOutcome.SKIPPED)
        else:
            return run
    return None


def hold(run: SyncRun) -> bool:
    """Whether the run is still the caller's; if so it stays so until the transaction ends."""
    return SyncRun.objects.running().select_for_update().filter(pk=run.pk).exists()


@transaction.atomic
def end(
    run: SyncRun, outcome: SyncOutcome, *, reason: str = "", changed: Sequence[str] = ()
) -> bool:
    """End a running run. False when it is not the caller's any more."""
    now = timezone.now()
    ended = (
        SyncRun.objects.running()
        .filter(pk=run.pk)
        .update(
            ended_at=now,
            lease_expires_at=None,
            outcome=outcome,
            reason=reason[:200],
            changed=list(changed),
            updated_at=now,
        )
    )
    if ended:
        _count(run.account_id, outcome, began=run.started_at, ended=now)
    return ended == 1


def put_back(run: SyncRun, *, seconds: float) -> None:
    """Let the run wait in its job's queue for a while; nothing has been asked yet."""
    now = timezone.now()
    SyncRun.objects.running().filter(pk=run.pk).update(
        started_at=None,
        lease_expires_at=None,
        due_at=now + timedelta(seconds=seconds),
        updated_at=now,
    )


@transaction.atomic
def end_lapsed(*, account_id: UUID | None = None) -> int:
    """End what workers have begun and did not live to end, of one account or of all; returns how many. What was part
    of a job that goes on is queued in it again."""
    now = timezone.now()
    lapsed = SyncRun.objects.lapsed(now).select_related("job")
    if account_id is not None:
        lapsed = lapsed.filter(account_id=account_id)
    runs = list(lapsed.select_for_update(of=("self",), skip_locked=True))
    for run in runs:
        end(run, SyncOutcome.ABANDONED)
        if run.job is not None and run.job.state == JobState.RUNNING:
            SyncRun.objects.create(
                account_id=run.account_id, job=run.job, trigger=run.trigger, due_at=now
            )
    return len(runs)


def forget_old() -> int:
    """Delete runs past `sync_runs_retention`, some thousands at a time; returns how many."""
    oldest = timezone.now() - timedelta(seconds=settings.ENVIRONMENT.sync_runs_retention)
    old = SyncRun.objects.filter(created_at__lt=oldest).order_by("created_at")
    return delete_in_batches(old)


def lease() -> timedelta:
    """Longer than any sync takes: its patience, and one call that begins when that is used up."""
    environment = settings.ENVIRONMENT
    call = environment.broker_connect_timeout + 2 * environment.broker_read_timeout
    return timedelta(seconds=environment.sync_patience + 2 * call + GRACE)


def _start(run: SyncRun) -> None:
    end_lapsed(account_id=run.account_id)
    run.started_at = timezone.now()
    run.lease_expires_at = run.started_at + lease()
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError as error:
        if violated(error) != ONE_RUNNING:
            raise
        raise SyncUnderWayError from None


def _count(
    account_id: UUID,
    outcome: SyncOutcome,
    *,
    began: datetime | None = None,
    ended: datetime | None = None,
) -> None:
    broker = TradingAccount.objects.values_list("broker", flat=True).get(pk=account_id)
    transaction.on_commit(SYNC_RUNS.labels(broker, outcome.value).inc)
    if began is not None and ended is not None:
        seconds = (ended - began).total_seconds()
        transaction.on_commit(partial(SYNC_DURATION.labels(broker, outcome.value).observe, seconds))
