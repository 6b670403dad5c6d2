"""What workers and the clock do."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from config.celery import app
from config.jobs.schedule import sync_schedule
from trading import tasks
from trading.models import AccountStatus, Membership, MembershipStatus
from trading.services import unlinking
from trading.tests.factories import MembershipFactory, active_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulator")]


def test_the_clock_knows_them_all() -> None:
    sync_schedule()
    scheduled = set(
        PeriodicTask.objects.filter(task__startswith="trading.").values_list("task", flat=True)
    )
    assert scheduled == {
        "trading.tasks.mark_due_accounts",
        "trading.tasks.finish_unlinking",
        "trading.tasks.warn_of_ending_logins",
        "trading.tasks.end_overdue_memberships",
        "trading.tasks.end_overdue_offers",
        "trading.tasks.forget_login_attempts",
        "trading.tasks.forget_paper_sessions",
        "trading.tasks.relieve_syncs",
        "trading.tasks.forget_sync_runs",
        "trading.tasks.sync_accounts_by_the_clock",
    }
    assert scheduled <= set(app.tasks)


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("trading.tasks.sync_account", "broker"),
        ("trading.tasks.sync_accounts", "broker"),
        ("trading.tasks.help_sync", "broker"),
        ("trading.tasks.mark_due_accounts", "broker"),
        ("trading.tasks.send_invitation_mail", "mail"),
        ("trading.tasks.send_login_needed_mail", "mail"),
    ],
)
def test_each_has_its_queue(task: str, queue: str) -> None:
    assert app.amqp.router.route({}, task)["queue"].name == queue


def test_they_do_what_their_names_say() -> None:
    due, leaving = active_account(), active_account()
    MembershipFactory.create(account=due, expires_at=timezone.now() + timedelta(hours=1))
    unlinking._deny(leaving.pk, leaving.owner_id)
    with time_machine.travel(timezone.now() + timedelta(hours=12), tick=True):
        assert tasks.mark_due_accounts.delay().get() == 1
        assert tasks.finish_unlinking.delay().get() == 1
        assert tasks.end_overdue_memberships.delay().get() == 1
        assert tasks.forget_login_attempts.delay().get() == 0
        assert tasks.forget_paper_sessions.delay().get() == 0
    due.refresh_from_db()
    leaving.refresh_from_db()
    assert (due.status, leaving.status) == (AccountStatus.REAUTH_REQUIRED, AccountStatus.UNLINKED)
    assert Membership.objects.get().status == MembershipStatus.EXPIRED
