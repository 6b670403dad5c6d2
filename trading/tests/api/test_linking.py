"""From a key and a secret to an active account."""

import pytest

from config.vault.sealing import open_field
from trading.models import AccountStatus, BrokerSession, CredentialStatus, LoginAttempt
from trading.tests.conftest import TraderFactory
from trading.tests.trader import account_of

pytestmark = pytest.mark.django_db


def test_a_new_account_waits_for_its_first_login(trader: TraderFactory) -> None:
    someone = trader()
    answer = someone.link()
    body = answer.json()
    assert answer.status_code == 201
    assert body["status"] == "pending_login"
    assert body["your_permissions"] == ["read", "trade", "manage"]
    assert body["owner_id"] == someone.user.public_id
    assert body["health"] == "login_needed"
    assert body["profile"] == {}
    assert body["login_url"].startswith(f"{someone.control.url}/connect/login?")


def test_the_login_makes_the_account_active_and_brings_the_profile(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link().json()
    finished = someone.log_in(started["login_url"])
    assert finished.status_code == 200
    assert finished.json()["status"] == "active"

    shown = someone.api.get(f"/v1/trading-accounts/{started['id']}").json()
    assert shown["status"] == "active"
    assert shown["health"] == "ok"
    assert shown["linked_at"] is not None
    assert shown["reauth_by"] == finished.json()["reauth_by"]
    assert shown["profile"]["name"] == someone.broker_user.name
    assert shown["profile"]["email"] == "a••••@example.com"
    assert shown["profile"]["broker_user_id"] == f"••••{someone.broker_user.user_id[-4:]}"


def test_answers_show_the_last_characters_of_the_key_and_nothing_of_the_secret(
    trader: TraderFactory,
) -> None:
    someone = trader()
    answer = someone.link()
    assert answer.json()["credentials"] == {
        "version": 1,
        "api_key": f"••••{someone.app.api_key[-4:]}",
        "proven_at": None,
    }
    assert someone.app.api_secret not in answer.content.decode()
    shown = someone.api.get(f"/v1/trading-accounts/{answer.json()['id']}").content.decode()
    assert someone.app.api_secret not in shown
    assert someone.app.api_key not in shown


def test_the_session_that_is_kept_is_the_one_that_the_broker_gave(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    session = BrokerSession.objects.live().get(account=account)
    alive = someone.control.sessions()
    assert [one.access_token for one in alive] == [open_field(session, "access_token").decode()]
    assert session.expires_at == account.reauth_by == alive[0].expires_at
    assert session.credential.status == CredentialStatus.CURRENT
    assert session.credential.proven_at is not None


def test_linking_wants_a_fresh_second_factor(trader: TraderFactory, api: object) -> None:
    someone = trader()
    someone.api = api(someone.user)  # type: ignore[operator]
    answer = someone.link()
    assert answer.status_code == 401
    assert "insufficient_user_authentication" in answer["WWW-Authenticate"]
    assert someone.user.trading_accounts.count() == 0


def test_services_cannot_link(trader: TraderFactory, api: object) -> None:
    someone = trader()
    someone.api = api(service="ticker", scopes={"trading:read"})  # type: ignore[operator]
    assert someone.link().status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"broker": "nobody"}, "broker"),
        ({"nickname": ""}, "nickname"),
        ({"nickname": "x" * 65}, "nickname"),
        ({"surprise": 1}, "surprise"),
        ({"credentials": {"api_key": "abcdef"}}, "credentials.api_secret"),
        ({"credentials": {"api_key": "a b c", "api_secret": "abcdef"}}, "credentials.api_key"),
        ({"credentials": {"api_key": "abcd\n", "api_secret": "abcdef"}}, "credentials.api_key"),
        ({"credentials": {"api_key": "a" * 129, "api_secret": "abcd"}}, "credentials.api_key"),
        ({"credentials": "both"}, "credentials"),
        (
            {"credentials": {"api_key": "abcdef", "api_secret": "abcdef", "pin": "1"}},
            "credentials.pin",
        ),
    ],
)
def test_a_body_that_is_not_right_is_refused_by_field(
    trader: TraderFactory, change: dict[str, object], field: str
) -> None:
    someone = trader()
    body = {"broker": "kite", "nickname": "Mine", "credentials": someone.credentials()} | change
    answer = someone.api.post("/v1/trading-accounts/link", body, format="json")
    assert answer.status_code == 400
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert someone.app.api_secret not in answer.content.decode()


def test_a_replayed_link_is_answered_as_the_first_and_made_once(trader: TraderFactory) -> None:
    someone = trader()
    first = someone.link(**{"Idempotency-Key": "one"})
    again = someone.link(**{"Idempotency-Key": "one"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert someone.user.trading_accounts.count() == 1
    assert LoginAttempt.objects.count() == 1


def test_the_same_idempotency_key_with_another_secret_is_refused(trader: TraderFactory) -> None:
    someone = trader()
    someone.link(**{"Idempotency-Key": "one"})
    other = someone.link(api_secret="another-secret", **{"Idempotency-Key": "one"})
    assert other.status_code == 422
    assert someone.user.trading_accounts.count() == 1


def test_a_wrong_secret_makes_the_account_invalid(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link(api_secret="not-the-secret").json()
    finished = someone.log_in(started["login_url"])
    assert finished.status_code == 422
    assert finished.json()["type"].endswith("/errors/broker-login-refused")
    account = account_of(started)
    assert account.status == AccountStatus.INVALID
    assert account.credential_versions.get().status == CredentialStatus.PENDING


def test_an_invalid_account_is_mended_by_new_credentials(trader: TraderFactory) -> None:
    someone = trader()
    started = someone.link(api_secret="not-the-secret").json()
    someone.log_in(started["login_url"])
    rotated = someone.api.post(
        f"/v1/trading-accounts/{started['id']}/rotate-credentials",
        {"credentials": someone.credentials()},
        format="json",
    )
    assert rotated.status_code == 200
    assert someone.log_in(rotated.json()["login_url"]).status_code == 200
    account = account_of(started)
    assert account.status == AccountStatus.ACTIVE
    assert [version.status for version in account.credential_versions.order_by("number")] == [
        CredentialStatus.RETIRED,
        CredentialStatus.CURRENT,
    ]
