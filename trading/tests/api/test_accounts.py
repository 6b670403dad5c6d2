"""Looking at accounts, and calling them something else."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from trading.models import AccountStatus, CredentialStatus, TradingAccount
from trading.tests.factories import (
    CredentialVersionFactory,
    MembershipFactory,
    TradingAccountFactory,
    active_account,
)

pytestmark = pytest.mark.django_db

ACCOUNTS = "/v1/trading-accounts"


def test_the_list_has_own_and_shared_accounts_newest_first(api: Any) -> None:
    person = UserFactory.create()
    own = active_account(owner=person)
    shared = active_account()
    active_account()  # somebody else's
    MembershipFactory.create(account=shared, user=person, permissions=["read", "trade"])
    unseen = MembershipFactory.create(account=active_account(), user=person, permissions=["trade"])
    shown = api(person).get(ACCOUNTS).json()
    assert [(one["id"], one["your_permissions"]) for one in shown["results"]] == [
        (shared.public_id, ["read", "trade"]),
        (own.public_id, ["read", "trade", "manage"]),
    ]
    assert shown["next_cursor"] is None
    url = f"{ACCOUNTS}/{unseen.account.public_id}"
    assert api(person).get(url).status_code == 403  # the list and the door say the same


def test_pages_follow_one_another(api: Any) -> None:
    person = UserFactory.create()
    ids = [active_account(owner=person).public_id for _ in range(3)]
    first = api(person).get(ACCOUNTS, {"limit": 2}).json()
    second = api(person).get(ACCOUNTS, {"limit": 2, "cursor": first["next_cursor"]}).json()
    shown = [one["id"] for one in first["results"] + second["results"]]
    assert shown == list(reversed(ids))


def test_a_longer_list_costs_no_more_queries(api: Any) -> None:
    costs = []
    for number in (1, 1, 6):  # the first one also loads the policies
        person = UserFactory.create()
        for _ in range(number):
            active_account(owner=person)
        with CaptureQueriesContext(connection) as queries:
            assert len(api(person).get(ACCOUNTS).json()["results"]) == number
        costs.append(len(queries))
    assert costs[1] == costs[2]


@pytest.mark.parametrize(
    ("status", "health"),
    [
        (AccountStatus.INVALID, "credentials_refused"),
        (AccountStatus.SUSPENDED, "suspended"),
        (AccountStatus.REAUTH_REQUIRED, "login_needed"),
    ],
)
def test_health_says_what_it_takes(api: Any, status: str, health: str) -> None:
    account = active_account()
    TradingAccount.objects.filter(pk=account.pk).update(status=status)
    assert api(account.owner).get(f"{ACCOUNTS}/{account.public_id}").json()["health"] == health


def test_an_account_shows_no_secret_and_no_broker_user(api: Any) -> None:
    account = active_account()
    CredentialVersionFactory.create(account=account, number=2, status=CredentialStatus.PENDING)
    text = api(account.owner).get(f"{ACCOUNTS}/{account.public_id}").content.decode()
    for secret in ("secret-of-the-app", "key-of-the-app", "token-of-the-day", "hash"):
        assert secret not in text


def test_a_nickname_can_be_changed(api: Any) -> None:
    account = active_account()
    answer = api(account.owner).patch(
        f"{ACCOUNTS}/{account.public_id}", {"nickname": "Pension"}, format="json"
    )
    assert answer.json()["nickname"] == "Pension"
    account.refresh_from_db()
    assert account.nickname == "Pension"


@pytest.mark.parametrize(
    "change",
    [{"status": "active"}, {"owner_id": "usr_x"}, {"broker": "kite"}, {"nickname": ""}, {}],
)
def test_nothing_else_can_be_changed(api: Any, change: dict[str, str]) -> None:
    account = TradingAccountFactory.create()
    CredentialVersionFactory.create(account=account, number=1)
    answer = api(account.owner).patch(f"{ACCOUNTS}/{account.public_id}", change, format="json")
    assert answer.status_code == 400
    account.refresh_from_db()
    assert account.status == AccountStatus.PENDING_LOGIN


def test_a_change_can_be_made_to_depend_on_what_was_read(api: Any) -> None:
    account = active_account()
    one, other = api(account.owner), api(account.owner)
    url = f"{ACCOUNTS}/{account.public_id}"
    read = one.get(url)["ETag"]
    assert other.patch(url, {"nickname": "First"}, format="json").status_code == 200
    late = one.patch(url, {"nickname": "Second"}, format="json", headers={"If-Match": read})
    assert late.status_code == 412
    account.refresh_from_db()
    assert account.nickname == "First"


def test_a_member_without_manage_cannot_change_it(api: Any) -> None:
    guest = MembershipFactory.create(account=active_account(), permissions=["read", "trade"])
    answer = api(guest.user).patch(
        f"{ACCOUNTS}/{guest.account.public_id}", {"nickname": "Mine"}, format="json"
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "nonsense", ["x", "acc_", "usr_01h455vb4pex5vsknk084sn02q", "%00", "a" * 300]
)
def test_what_is_no_id_is_not_found(api: Any, nonsense: str) -> None:
    assert api(UserFactory.create()).get(f"{ACCOUNTS}/{nonsense}").status_code == 404
