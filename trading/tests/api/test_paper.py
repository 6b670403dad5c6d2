"""Paper trading, from linking to unlinking: nobody brings a key, and nobody leaves our pages."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tests.browsers import sign_in_browser
from accounts.tests.factories import UserFactory
from config.http.ratelimit import RateLimit
from config.telemetry import planted_secrets
from trading.brokers.base import BrokerThrottledError
from trading.brokers.paper import PaperBroker
from trading.models import (
    AccountStatus,
    CredentialStatus,
    PaperProfile,
    PaperSession,
    TradingAccount,
)
from trading.paper import back_office
from trading.services import expiry, sync
from trading.tests.trader import account_of

pytestmark = pytest.mark.django_db
ACCOUNTS = "/v1/trading-accounts"


def link(api: Any, person: User, **body: Any) -> Any:
    sent = {"broker": "paper", "nickname": "Practice", **body}
    return api(person, acr="mfa").post(f"{ACCOUNTS}/link", sent, format="json")


def confirm(login_url: str, browser: Client) -> Any:
    """Say yes on the page, and go where it sends the browser."""
    parts = urlsplit(login_url)
    page = browser.get(f"{parts.path}?{parts.query}")
    assert page.status_code == 200
    sent = {name: values[0] for name, values in parse_qs(parts.query).items()}
    planted_secrets.add(sent["state"])
    yes = browser.post(parts.path, sent)
    planted_secrets.add(parse_qs(urlsplit(yes["Location"]).query)["request_token"][0])
    return browser.get(yes["Location"])


@pytest.fixture
def asha() -> User:
    person: User = UserFactory.create(name="Asha Rao", email="asha@example.com")
    return person


def linked(api: Any, person: User) -> TradingAccount:
    started = link(api, person).json()
    finished = confirm(started["login_url"], sign_in_browser(person))
    assert finished.status_code == 200, finished.content
    return account_of(started)


def test_it_is_linked_synced_and_unlinked_as_any_other(api: Any, asha: User) -> None:
    answer = link(api, asha)
    started = answer.json()
    assert (answer.status_code, started["status"]) == (201, "pending_login")
    browser = sign_in_browser(asha)
    assert confirm(started["login_url"], browser).json()["status"] == "active"

    sync.refresh(account_id=account_of(started).pk)
    shown = api(asha).get(f"{ACCOUNTS}/{started['id']}").json()
    assert shown["profile"]["name"] == "Asha Rao"
    assert shown["margins"][0] == {
        "segment": "equity",
        "enabled": True,
        "net": "1000000.00",
        "available_cash": "1000000.00",
        "utilised": "0.00",
    }
    assert PaperProfile.objects.get().client_id not in str(shown)

    gone = api(asha, acr="mfa").delete(f"{ACCOUNTS}/{started['id']}")
    assert gone.status_code == 204
    assert account_of(started).status == AccountStatus.UNLINKED
    assert not PaperSession.objects.live(timezone.now()).exists()
    assert linked(api, asha).status == AccountStatus.ACTIVE  # the same profile, free again
    assert PaperProfile.objects.count() == 1


def test_credentials_are_asked_for_where_the_broker_wants_them_and_nowhere_else(
    api: Any, asha: User
) -> None:
    for broker, body in (
        ("paper", {"credentials": {"api_key": "abcdef", "api_secret": "abcdef"}}),
        ("kite", {}),
    ):
        answer = link(api, asha, broker=broker, **body)
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == ["credentials"]
    assert not asha.trading_accounts.exists()


def test_its_day_ends_at_six_in_the_morning_in_india(api: Any, asha: User) -> None:
    with time_machine.travel(datetime(2026, 3, 10, 12, 0, tzinfo=UTC), tick=True):
        account = linked(api, asha)
        assert account.reauth_by == datetime(2026, 3, 11, 0, 30, tzinfo=UTC)
    with time_machine.travel(datetime(2026, 3, 11, 0, 30, tzinfo=UTC), tick=True):
        assert expiry.mark_due() == 1
        again = api(asha).post(f"{ACCOUNTS}/{account.public_id}/login").json()
        assert confirm(again["login_url"], sign_in_browser(asha)).json()["status"] == "active"
    account.refresh_from_db()
    assert account.reauth_by == datetime(2026, 3, 12, 0, 30, tzinfo=UTC)


def test_new_credentials_are_issued_and_proven_by_a_login(api: Any, asha: User) -> None:
    account = linked(api, asha)
    url = f"{ACCOUNTS}/{account.public_id}/rotate-credentials"
    rotated = api(asha, acr="mfa").post(url, {}, format="json")
    assert rotated.status_code == 200
    assert confirm(rotated.json()["login_url"], sign_in_browser(asha)).status_code == 200
    statuses = account.credential_versions.order_by("number").values_list("status", flat=True)
    assert list(statuses) == [CredentialStatus.RETIRED, CredentialStatus.CURRENT]


def test_a_yes_to_somebody_elses_login_gives_them_nothing(api: Any, asha: User) -> None:
    """A link that a stranger sends: whoever confirms it must be who began it."""
    mallory = UserFactory.create()
    started = link(api, mallory).json()
    answer = confirm(started["login_url"], sign_in_browser(asha))
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/broker-login-state-invalid")
    assert account_of(started).status == AccountStatus.PENDING_LOGIN
    assert not PaperSession.objects.live(timezone.now()).exists()


def test_a_profile_is_linked_once(api: Any, asha: User) -> None:
    linked(api, asha)
    second = link(api, asha).json()
    answer = confirm(second["login_url"], sign_in_browser(asha))
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (
        409,
        "broker-user-taken",
    )


def test_the_page_is_for_people_who_are_signed_in(asha: User) -> None:
    path = f"/accounts/brokers/paper/login?api_key={back_office.new_key()}&state=x"
    away = Client().get(path)
    assert away["Location"].startswith("/accounts/sign-in?next=%2Faccounts%2Fbrokers%2Fpaper")
    assert Client().post(path).status_code == 302
    assert not PaperSession.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"api_key": "paper_" + "0" * 24},
        {"api_key": "other", "state": "x"},
        {"api_key": "paper_" + "0" * 24, "state": "x&request_token=y"},
        {"api_key": "paper_" + "0" * 24, "state": "x" * 129},
    ],
)
def test_what_no_login_of_ours_sends_is_refused(asha: User, sent: dict[str, str]) -> None:
    browser = sign_in_browser(asha)
    path = "/accounts/brokers/paper/login"
    assert browser.get(path, sent).status_code == 400
    assert browser.post(path, sent).status_code == 400
    assert not PaperSession.objects.exists()


def test_a_person_who_may_not_use_the_platform_has_no_paper_account(api: Any, asha: User) -> None:
    account = linked(api, asha)
    User.objects.filter(pk=asha.pk).update(status="suspended")
    with pytest.raises(Exception, match="refused") as refusal:
        sync.refresh(account_id=account.pk)
    assert refusal.value.slug == "broker-request-refused"  # type: ignore[attr-defined]


def test_only_hashes_of_its_tokens_are_kept(asha: User) -> None:
    key = back_office.new_key()
    token = back_office.confirm(person=asha, api_key=key)
    redeemed = back_office.BackOffice().redeem(
        api_key=key, api_secret=back_office.secret_of(key), request_token=token
    )
    assert redeemed.access_token not in repr(redeemed)
    (row,) = PaperSession.objects.values()
    for secret in (token, redeemed.access_token, back_office.secret_of(key)):
        assert secret not in str(row)


def test_more_calls_than_a_key_may_make_are_held_back(
    asha: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_office, "BUCKET", RateLimit(name="paper_test", limit=2, period=3600))
    broker = PaperBroker()
    credentials = broker.issue_credentials()
    for _ in range(2):
        broker.end_session(credentials, access_token="never-was")
    with pytest.raises(BrokerThrottledError) as refusal:
        broker.end_session(credentials, access_token="never-was")
    assert (refusal.value.retry_after or 0) > 1


def test_logins_that_are_over_are_forgotten(asha: User) -> None:
    back_office.confirm(person=asha, api_key=back_office.new_key())
    assert back_office.forget_old_sessions() == 0
    PaperSession.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert back_office.forget_old_sessions() == 1
