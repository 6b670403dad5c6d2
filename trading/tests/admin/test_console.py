"""Trading accounts in the console."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from authz.services.roles import grant_role
from config.jobs.models import Job
from events.domain import DomainEvent
from trading.events import AccountReactivated, AccountSuspended, SyncRequested
from trading.models import AccountStatus, CredentialStatus, SyncOutcome, SyncTrigger
from trading.services import sync_runs
from trading.tests.factories import (
    CredentialVersionFactory,
    MembershipFactory,
    TradingAccountFactory,
    active_account,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_policies", "simulator")]

ACCOUNTS = "/console/trading/tradingaccount/"

SYNCS = "/console/trading/syncrun/"

Staff = Callable[[str], Client]


def a_membership_and_a_sync() -> None:
    guest = MembershipFactory.create(account=active_account())
    sync_runs.begin(account_id=guest.account.pk, trigger=SyncTrigger.SCHEDULE)


@pytest.fixture
def staff() -> Staff:
    def sign_in(role: str) -> Client:
        person = UserFactory.create()
        grant_role(user=person, role=role, granted_by=None, reason="test")
        return sign_in_browser(person)

    return sign_in


def act(client: Client, action: str, *accounts: Any, **form: str) -> Any:
    chosen = {"_selected_action": [str(account.pk) for account in accounts]}
    return client.post(ACCOUNTS, {"action": action, **chosen, **form})


def test_staff_see_accounts_and_no_secret(staff: Staff) -> None:
    account = active_account(nickname="Pension fund")
    CredentialVersionFactory.create(account=account, number=2, status=CredentialStatus.PENDING)
    client = staff("support")
    listed = client.get(ACCOUNTS).content.decode()
    page = client.get(f"{ACCOUNTS}{account.pk}/change/").content.decode()
    for shown in (listed, page):
        assert "Pension fund" in shown
        assert "secret-of-the-app" not in shown
        assert "token-of-the-day" not in shown
    assert "2: ••••-app (not proven yet), 1: ••••-app (current)" in page


def test_an_account_is_found_by_nickname_owner_and_id(staff: Staff) -> None:
    wanted = active_account(nickname="Wanted")
    active_account(nickname="Other")
    client = staff("compliance")
    for term in ("wanted", wanted.owner.email, wanted.public_id):
        page = client.get(ACCOUNTS, {"q": term}).content.decode()
        assert "Wanted" in page
        assert "Other" not in page


def test_nothing_can_be_typed_over(staff: Staff) -> None:
    account = active_account(nickname="Mine")
    client = staff("admin")
    client.post(f"{ACCOUNTS}{account.pk}/change/", {"nickname": "Yours", "status": "suspended"})
    account.refresh_from_db()
    assert (account.nickname, account.status) == ("Mine", AccountStatus.ACTIVE)
    assert client.get(f"{ACCOUNTS}add/").status_code == 403
    assert client.post(f"{ACCOUNTS}{account.pk}/delete/", {"post": "yes"}).status_code == 403


def test_suspending_asks_for_a_reason_first(staff: Staff) -> None:
    account = active_account()
    client = staff("admin")
    assert b"Reason" in act(client, "suspend", account).content
    assert b"A reason is needed" in act(client, "suspend", account, reason=" ").content
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE


def test_suspending_and_giving_back_go_through_the_services(
    staff: Staff, heard: list[DomainEvent]
) -> None:
    account = active_account()
    client = staff("admin")
    act(client, "suspend", account, reason="court order")
    account.refresh_from_db()
    assert (account.status, account.status_reason) == (AccountStatus.SUSPENDED, "court order")
    act(client, "reactivate", account, reason="order lifted")
    account.refresh_from_db()
    assert account.status == AccountStatus.REAUTH_REQUIRED
    told = [e for e in heard if isinstance(e, AccountSuspended | AccountReactivated)]
    assert [event.reason for event in told] == ["court order", "order lifted"]


def test_what_cannot_be_done_is_said(staff: Staff) -> None:
    account = TradingAccountFactory.create()
    answer = act(staff("admin"), "reactivate", account, reason="because")
    page = Client().get("/console/login/")  # messages wait in the session of the one who acted
    assert answer.status_code == 302
    assert page.status_code == 200
    account.refresh_from_db()
    assert account.status == AccountStatus.PENDING_LOGIN


def test_who_only_reads_cannot_suspend(staff: Staff) -> None:
    account = active_account()
    act(staff("compliance"), "suspend", account, reason="no")
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE


def test_people_without_a_role_see_nothing() -> None:
    client = sign_in_browser(UserFactory.create())
    assert client.get(ACCOUNTS).status_code == 302
    assert client.get("/console/trading/membership/").status_code == 302


def test_memberships_are_seen(staff: Staff) -> None:
    guest = MembershipFactory.create(permissions=["read", "trade"])
    client = staff("support")
    url = "/console/trading/membership/"
    assert guest.user.email in client.get(url).content.decode()
    assert "trade" in client.get(f"{url}{guest.pk}/change/").content.decode()


def test_support_syncs_accounts_now(staff: Staff, heard: list[DomainEvent]) -> None:
    accounts = [active_account(), TradingAccountFactory.create()]
    act(staff("support"), "sync_now", *accounts)
    job = Job.objects.get()
    assert job.arguments == {"account_id": str(accounts[0].pk), "trigger": "staff"}
    assert [event.job_id for event in heard if isinstance(event, SyncRequested)] == [job.public_id]


def test_who_only_reads_syncs_nothing(staff: Staff) -> None:
    act(staff("compliance"), "sync_now", active_account())
    assert not Job.objects.exists()


def test_syncs_are_seen(staff: Staff) -> None:
    account = active_account(nickname="Pension fund")
    run = sync_runs.begin(account_id=account.pk, trigger=SyncTrigger.SCHEDULE)
    client = staff("support")
    assert "running" in client.get(SYNCS).content.decode()
    sync_runs.end(run, SyncOutcome.SESSION_ENDED, reason="TokenException, HTTP 403")
    listed = client.get(SYNCS, {"q": account.public_id}).content.decode()
    page = client.get(f"{SYNCS}{run.pk}/change/").content.decode()
    assert "Pension fund" in listed
    assert "TokenException, HTTP 403" in listed
    assert "Log in at the broker again." in page
    assert "Pension fund" not in client.get(SYNCS, {"q": "other"}).content.decode()


@pytest.mark.parametrize("url", [ACCOUNTS, "/console/trading/membership/", SYNCS])
def test_a_longer_list_costs_no_more_queries(
    staff: Staff, url: str, django_assert_max_num_queries: Any
) -> None:
    client = staff("support")
    a_membership_and_a_sync()
    client.get(url)
    with django_assert_max_num_queries(100) as few:
        client.get(url)
    for _ in range(5):
        a_membership_and_a_sync()
    with django_assert_max_num_queries(len(few)):
        client.get(url)


def test_logins_that_end_soon_or_are_over_are_marked_and_found(staff: Staff) -> None:
    soon, over, later = (active_account(nickname=name) for name in ("Soon", "Over", "Later"))
    now = timezone.now()
    for account, ends in ((soon, timedelta(minutes=20)), (over, -timedelta(minutes=1))):
        type(account).objects.filter(pk=account.pk).update(reauth_by=now + ends)
    client = staff("support")
    for asked, found in (("soon", {"Soon"}), ("over", {"Over"}), ("", {"Soon", "Over", "Later"})):
        page = client.get(ACCOUNTS, {"login": asked} if asked else {}).content.decode()
        assert {name for name in ("Soon", "Over", "Later") if f">{name}<" in page} == found
    assert "active, login ends soon" in client.get(ACCOUNTS).content.decode()
    assert later.status == AccountStatus.ACTIVE
