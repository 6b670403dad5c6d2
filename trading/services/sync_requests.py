"""Somebody wants one account synced now."""

from celery import current_app
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.http.principal import Principal
from config.jobs import kinds
from config.jobs.models import Job
from config.jobs.services import enqueue
from events.domain import emit
from trading.errors import SyncUnderWayError
from trading.events import SyncRequested
from trading.models import SyncRun, SyncTrigger, TradingAccount
from trading.services import transitions
from trading.services.transitions import Cause

KIND = kinds.named("trading.sync", _("sync of one account"))
TASK = "trading.tasks.sync_account"


@transaction.atomic
def request(*, account: TradingAccount, owner: Principal, trigger: SyncTrigger) -> Job:
    """A job of `owner` that syncs the account. Raises AccountNotUsableError where no sync could succeed, and
    SyncUnderWayError while one is running."""
    transitions.require(account, Cause.SESSION_ENDED)
    if SyncRun.objects.held(timezone.now()).filter(account=account).exists():
        raise SyncUnderWayError
    job = enqueue(
        kind=KIND,
        task=current_app.tasks[TASK],
        owner=owner,
        arguments={"account_id": str(account.pk), "trigger": trigger.value},
    )
    emit(
        SyncRequested(
            trading_account_id=account.public_id,
            owner_id=account.owner.public_id,
            job_id=job.public_id,
        )
    )
    return job
