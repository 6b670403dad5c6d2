"""Syncs as workers do them, and what is known of them afterwards."""

from typing import Any

from config.jobs.models import Job
from trading.models import SyncRun, TradingAccount
from trading.tasks import sync_account
from trading.tests.trader import Trader


def sync_now(someone: Trader, account: TradingAccount) -> Job:
    """Ask for a sync and do what a worker does."""
    answer = someone.api.post(f"/v1/trading-accounts/{account.public_id}/sync")
    assert answer.status_code == 202, answer.content
    job = Job.objects.get(pk=str(Job.parse_id(answer.json()["id"])))
    sync_account(job_id=job.public_id, **job.arguments)
    job.refresh_from_db()
    account.refresh_from_db()
    return job


def last_run(someone: Trader, account: TradingAccount) -> dict[str, Any]:
    """The newest, as the API tells it."""
    url = f"/v1/trading-accounts/{account.public_id}/sync-runs"
    newest: dict[str, Any] = someone.api.get(url).json()["results"][0]
    return newest


def no_run_is_left_open() -> bool:
    return not SyncRun.objects.filter(ended_at=None).exists()
