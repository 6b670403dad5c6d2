"""What workers do for trading accounts, on the queue `broker`; mail goes to its own."""

from datetime import datetime
from typing import Any
from uuid import UUID

from celery import shared_task
from django.conf import settings

from accounts.tasks import mail_task
from config.jobs.running import JobRun, job_task
from trading import mail
from trading.models import SyncTrigger
from trading.paper import back_office
from trading.services import bulk_sync, expiry, sync, sync_runs, unlinking


@job_task()
def sync_account(
    run: JobRun, account_id: str, trigger: str = SyncTrigger.REQUEST
) -> dict[str, Any]:
    account = sync.refresh(account_id=UUID(account_id), trigger=SyncTrigger(trigger))
    synced_at = account.last_synced_at
    return {
        "trading_account_id": account.public_id,
        "last_synced_at": synced_at and synced_at.isoformat(),
    }


@shared_task
def sync_accounts(job_id: str, trigger: str, spread: int) -> None:
    bulk_sync.begin(job_id=job_id, trigger=SyncTrigger(trigger), spread=spread)


@shared_task
def help_sync(job_id: str) -> None:
    bulk_sync.help_out(job_id=job_id)


@shared_task
def relieve_syncs() -> int:
    return bulk_sync.relieve()


@shared_task
def sync_accounts_by_the_clock() -> str:
    spread = settings.ENVIRONMENT.sync_spread
    started = bulk_sync.start(owner=None, trigger=SyncTrigger.SCHEDULE, spread=spread)
    return started.job.public_id


@shared_task
def forget_sync_runs() -> int:
    return sync_runs.forget_old()


@shared_task
def mark_due_accounts() -> int:
    return expiry.mark_due()


@shared_task
def warn_of_ending_logins() -> int:
    from trading.services import login_warnings  # noqa: PLC0415 - it sends these tasks

    return login_warnings.warn_ahead()


@mail_task
def send_login_needed_mail(account_id: str, ends: str) -> None:
    from trading.services import login_warnings  # noqa: PLC0415 - as above

    login_warnings.send(account_id=account_id, ends=datetime.fromisoformat(ends))


@shared_task
def finish_unlinking() -> int:
    return unlinking.finish_all()


@mail_task
def send_invitation_mail(membership_id: str) -> None:
    mail.send_invitation(membership_id)


@mail_task
def send_ownership_mail(transfer_id: str, about: str) -> None:
    mail.send_about_ownership(transfer_id, about)


@shared_task
def end_overdue_memberships() -> int:
    return expiry.end_overdue_memberships()


@shared_task
def end_overdue_offers() -> int:
    return expiry.end_overdue_offers()


@shared_task
def forget_login_attempts() -> int:
    return expiry.forget_login_attempts()


@shared_task
def forget_paper_sessions() -> int:
    return back_office.forget_old_sessions()
