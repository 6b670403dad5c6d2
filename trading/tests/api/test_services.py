"""What other services are told."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.services import status
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from authz.services import shipped
from trading.api.views.services import CredentialsView
from trading.models import AccountStatus, TradingAccount
from trading.tests.conftest import TraderFactory
from trading.tests.factories import (
    ACCESS_TOKEN,
    API_KEY,
    API_SECRET,
    MembershipFactory,
    active_account,
)

pytestmark = pytest.mark.django_db


def credentials_of(account: TradingAccount) -> str:
    return f"/v1/internal/trading-accounts/{account.public_id}/credentials"


def trail(account: TradingAccount) -> list[tuple[str, str]]:
    rows = AuthEvent.objects.filter(event_type="trading.credentials.read").order_by("occurred_at")
    return [
        (row.actor_id, row.outcome)
        for row in rows
        if row.metadata["trading_account_id"] == account.public_id
    ]


@pytest.fixture
def orders(api: Any) -> Any:
    return api(service="orders", scopes={"credentials:read"}, bound=True)


def test_the_plaintext_credentials_of_an_active_account(orders: Any) -> None:
    account = active_account()
    answer = orders.post(credentials_of(account))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert parse_datetime(body.pop("reauth_by")) == account.reauth_by
    assert body == {
        "trading_account_id": account.public_id,
        "broker": "kite",
        "api_key": API_KEY,
        "api_secret": API_SECRET,
        "access_token": ACCESS_TOKEN,
    }


def test_they_open_the_broker(trader: TraderFactory, orders: Any) -> None:
    someone = trader()
    body = orders.post(credentials_of(someone.linked())).json()
    assert body["api_secret"] == someone.app.api_secret
    assert [one.access_token for one in someone.control.sessions()] == [body["access_token"]]


def test_each_reading_is_in_the_trail_without_the_secrets(orders: Any) -> None:
    account = active_account()
    orders.post(credentials_of(account))
    row = AuthEvent.objects.get(event_type="trading.credentials.read")
    assert row.metadata["client_id"] == "orders"
    assert row.metadata["trading_account_id"] == account.public_id
    assert API_SECRET not in str(row.metadata)


@pytest.mark.parametrize(
    "status",
    [
        AccountStatus.PENDING_LOGIN,
        AccountStatus.REAUTH_REQUIRED,
        AccountStatus.INVALID,
        AccountStatus.SUSPENDED,
    ],
)
def test_an_account_that_is_not_active_is_refused_with_the_reason(
    orders: Any, status: AccountStatus
) -> None:
    account = active_account()
    TradingAccount.objects.filter(pk=account.pk).update(status=status)
    answer = orders.post(credentials_of(account))
    assert answer.status_code == 409
    assert answer.json()["account_status"] == status
    row = AuthEvent.objects.get(event_type="trading.credentials.read")
    assert row.outcome == "failure"
    assert API_SECRET not in answer.content.decode()


def test_after_the_day_is_over_nothing_is_given_out_whether_or_not_anybody_has_noted_it(
    orders: Any,
) -> None:
    account = active_account()
    with time_machine.travel(timezone.now() + timedelta(hours=12), tick=True):
        answer = orders.post(credentials_of(account))
    assert (answer.status_code, answer.json()["account_status"]) == (409, "reauth_required")


def test_nothing_is_given_out_that_cannot_be_written_into_the_trail(
    orders: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot_write(**_: Any) -> None:
        raise OperationalError("the disk is full")

    account = active_account()
    orders.raise_request_exception = False
    monkeypatch.setattr(AuthEvent.objects, "create", cannot_write)
    answer = orders.post(credentials_of(account))
    assert answer.status_code >= 500
    for secret in (API_SECRET, ACCESS_TOKEN):
        assert secret not in answer.content.decode()


@pytest.mark.parametrize("status", [AccountStatus.DISCONNECTING, AccountStatus.UNLINKED])
def test_an_unlinked_account_is_not_found(orders: Any, status: AccountStatus) -> None:
    account = active_account()
    TradingAccount.objects.filter(pk=account.pk).update(status=status)
    assert orders.post(credentials_of(account)).status_code == 404


def test_a_client_that_is_bound_to_nothing_gets_none_of_it(api: Any) -> None:
    anywhere = api(service="orders", scopes={"credentials:read"})
    answer = anywhere.post(credentials_of(active_account()))
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/errors/client-not-bound")
    assert API_SECRET not in answer.content.decode()


def test_people_get_none_of_it_whatever_their_scopes(api: Any) -> None:
    account = active_account()
    for person in (account.owner, UserFactory.create()):
        client = api(person, acr="mfa", scopes={"credentials:read"})
        assert client.post(credentials_of(account)).status_code == 403


def test_ten_a_second_for_one_account(orders: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = CredentialsView.account_limit
    assert (limit.limit, limit.period) == (10, 1)
    a_slow_second = dataclasses.replace(limit, name="credentials_read_slowly", period=3600)
    monkeypatch.setattr(CredentialsView, "account_limit", a_slow_second)
    account, other = active_account(), active_account()
    statuses = [orders.post(credentials_of(account)).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert orders.post(credentials_of(other)).status_code == 200


def test_an_id_of_nothing_has_no_bucket(orders: Any) -> None:
    nothing = "/v1/internal/trading-accounts/acc_01h455vb4pex5vsknk084sn02q/credentials"
    answer = orders.post(nothing)
    assert answer.status_code == 404
    assert "credentials_read" not in answer["RateLimit-Policy"]
    assert "credentials_read" in orders.post(credentials_of(active_account()))["RateLimit-Policy"]


@pytest.mark.parametrize("stop", [status.suspend, status.deactivate])
def test_an_owner_who_is_not_active_has_their_credentials_kept_back(orders: Any, stop: Any) -> None:
    account = active_account()
    stop(user=account.owner, reason="a court order")
    answer = orders.post(credentials_of(account))
    reason = f"owner_{account.owner.status}"
    assert (answer.status_code, answer.json()["account_status"]) == (409, reason)
    assert API_SECRET not in answer.content.decode()
    row = AuthEvent.objects.get(event_type="trading.credentials.read")
    assert (row.outcome, row.metadata["account_status"]) == ("failure", reason)


@pytest.mark.django_db(transaction=True)
def test_the_owners_suspension_stops_the_members_orders_at_once(api: Any) -> None:
    shipped.install()
    member = MembershipFactory.create(account=active_account(), permissions=["read", "trade"])
    owner, asking = member.account.owner, api(service="orders", scopes={"authz:check"})
    check = f"/v1/trading-accounts/{member.account.public_id}/permissions/check"

    def decided() -> tuple[str, str]:
        orders_and_reads = ("trade:place_order", "trading_account:read")
        questions = [{"user_id": member.user.public_id, "action": a} for a in orders_and_reads]
        order, read = (asking.get(check, question).json()["decision"] for question in questions)
        return order, read

    assert decided() == ("allow", "allow")
    status.suspend(user=owner, reason="a court order")
    assert decided() == ("deny", "allow")
    status.reactivate(user=owner, reason="lifted")
    assert decided() == ("allow", "allow")
    status.deactivate(user=owner, reason="left")
    assert decided() == ("deny", "allow")


def test_a_permission_check_is_the_engines_decision(api: Any) -> None:
    account, stranger = active_account(), UserFactory.create()
    asking = api(service="orders", scopes={"authz:check"})
    check = f"/v1/trading-accounts/{account.public_id}/permissions/check"
    owner = {"user_id": account.owner.public_id, "action": "trading_account:manage"}
    answer = asking.get(check, owner)
    assert answer.status_code == 200
    assert answer.json()["decision"] == "allow"
    assert set(answer.json()) == {"decision", "reason", "policy", "ttl", "evaluated_at"}
    denied = asking.get(check, owner | {"user_id": stranger.public_id})
    assert denied.json()["decision"] == "deny"


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"user_id": "usr_x"},
        {"action": "trade:place_order"},
        {"user_id": "usr_x", "action": "trade"},
        {"user_id": "usr_x", "action": "trade:*"},
        {"user_id": "usr_x", "action": "trade:place_order", "more": "1"},
        {"user_id": "u" * 65, "action": "trade:place_order"},
    ],
)
def test_a_malformed_permission_check_is_refused(api: Any, question: dict[str, str]) -> None:
    asking = api(service="orders", scopes={"authz:check"})
    check = f"/v1/trading-accounts/{active_account().public_id}/permissions/check"
    assert asking.get(check, question).status_code == 400


def test_a_permission_check_of_no_account_is_not_found(api: Any) -> None:
    asking = api(service="orders", scopes={"authz:check"})
    question = {"user_id": "usr_x", "action": "trade:place_order"}
    for unknown in ("acc_01h455vb4pex5vsknk084sn02q", "nonsense"):
        answer = asking.get(f"/v1/trading-accounts/{unknown}/permissions/check", question)
        assert answer.status_code == 404
