"""New credentials: proven before the old ones stop serving."""

from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from trading.models import AccountStatus, BrokerSession, CredentialStatus, TradingAccount
from trading.services.credentials import opened
from trading.tests.conftest import TraderFactory
from trading.tests.factories import MembershipFactory
from trading.tests.trader import Trader, account_of

pytestmark = pytest.mark.django_db


def rotate(someone: Trader, account: TradingAccount, **options: Any) -> Any:
    return someone.api.post(
        f"/v1/trading-accounts/{account.public_id}/rotate-credentials",
        {"credentials": someone.credentials(**options)},
        format="json",
    )


def statuses(account: TradingAccount) -> list[str]:
    versions = account.credential_versions.order_by("number")
    return [version.status for version in versions]


def test_the_old_credentials_serve_until_a_login_has_proven_the_new(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    someone.app = someone.control.change_secret(someone.app.api_key)
    answer = rotate(someone, account)
    body = answer.json()
    assert answer.status_code == 200
    assert body["status"] == "active"
    assert (body["credentials"]["version"], body["pending_credentials"]["version"]) == (1, 2)
    assert statuses(account) == [CredentialStatus.CURRENT, CredentialStatus.PENDING]

    assert someone.log_in(body["login_url"]).status_code == 200
    assert statuses(account) == [CredentialStatus.RETIRED, CredentialStatus.CURRENT]
    session = BrokerSession.objects.live().get(account=account)
    assert session.credential.number == 2
    assert opened(session.credential).api_secret == someone.app.api_secret


def test_a_retired_secret_is_forgotten(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    someone.log_in(rotate(someone, account).json()["login_url"])
    retired = account.credential_versions.get(number=1)
    assert retired.secret is None
    assert retired.retired_at is not None


def test_new_credentials_that_are_refused_leave_the_account_as_it_was(
    trader: TraderFactory,
) -> None:
    someone = trader()
    account = someone.linked()
    started = rotate(someone, account, api_secret="not-the-secret").json()
    assert someone.log_in(started["login_url"]).status_code == 422
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE
    assert statuses(account) == [CredentialStatus.CURRENT, CredentialStatus.RETIRED]
    assert BrokerSession.objects.live().filter(account=account).exists()


def test_rotating_again_drops_what_was_not_proven(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    first = rotate(someone, account, api_secret="mistyped").json()
    rotate(someone, account)
    assert statuses(account) == [
        CredentialStatus.CURRENT,
        CredentialStatus.RETIRED,
        CredentialStatus.PENDING,
    ]
    late = someone.log_in(first["login_url"])
    assert late.status_code == 409
    account.refresh_from_db()
    assert account.status == AccountStatus.ACTIVE


def cancel(someone: Trader, account: TradingAccount) -> Any:
    return someone.api.delete(f"/v1/trading-accounts/{account.public_id}/rotate-credentials")


def test_new_credentials_can_be_dropped_and_the_old_ones_go_on(
    trader: TraderFactory,
) -> None:
    someone = trader()
    account = someone.linked()
    started = rotate(someone, account, api_secret="mistyped").json()
    assert cancel(someone, account).status_code == 204
    assert statuses(account) == [CredentialStatus.CURRENT, CredentialStatus.RETIRED]
    assert account.credential_versions.get(number=2).secret is None
    assert AuthEvent.objects.filter(event_type="trading.account.rotation_cancelled").exists()
    shown = someone.api.get(f"/v1/trading-accounts/{account.public_id}").json()
    assert (shown["status"], shown["credentials"]["version"]) == ("active", 1)

    late = someone.log_in(started["login_url"])
    assert late.status_code == 409
    assert statuses(account) == [CredentialStatus.CURRENT, CredentialStatus.RETIRED]
    assert someone.log_in(rotate(someone, account).json()["login_url"]).status_code == 200


def test_there_is_nothing_to_drop_where_nothing_waits(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    assert cancel(someone, account).status_code == 404
    assert statuses(account) == [CredentialStatus.CURRENT]


def test_the_first_credentials_are_no_rotation(trader: TraderFactory) -> None:
    someone = trader()
    account = account_of(someone.link().json())
    assert cancel(someone, account).status_code == 404
    assert statuses(account) == [CredentialStatus.PENDING]


def test_only_the_owner_drops_them(trader: TraderFactory, api: Any) -> None:
    someone = trader()
    account = someone.linked()
    rotate(someone, account, api_secret="mistyped")
    manager = MembershipFactory.create(account=account, permissions=["read", "trade", "manage"])
    url = f"/v1/trading-accounts/{account.public_id}/rotate-credentials"
    assert api(manager.user).delete(url).status_code == 403
    assert api(UserFactory.create()).delete(url).status_code == 404
    assert statuses(account) == [CredentialStatus.CURRENT, CredentialStatus.PENDING]


def test_a_plain_login_uses_the_credentials_that_serve(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    rotate(someone, account, api_secret="mistyped")
    again = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()
    assert someone.log_in(again["login_url"]).status_code == 200
    assert statuses(account) == [CredentialStatus.CURRENT, CredentialStatus.PENDING]


def test_rotation_wants_a_fresh_second_factor(trader: TraderFactory, api: Any) -> None:
    someone = trader()
    account = someone.linked()
    someone.api = api(someone.user)
    assert rotate(someone, account).status_code == 401
    assert statuses(account) == [CredentialStatus.CURRENT]


def test_rotation_is_idempotent(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    someone.api.credentials(HTTP_IDEMPOTENCY_KEY="one")
    first, again = rotate(someone, account), rotate(someone, account)
    assert again.json() == first.json()
    assert statuses(account) == [CredentialStatus.CURRENT, CredentialStatus.PENDING]


def test_a_secret_that_was_changed_at_the_broker_invalidates_the_next_login(
    trader: TraderFactory,
) -> None:
    someone = trader()
    account = someone.linked()
    TradingAccount.objects.filter(pk=account.pk).update(
        status=AccountStatus.REAUTH_REQUIRED, reauth_by=None
    )
    someone.control.change_secret(someone.app.api_key)
    again = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()
    assert someone.log_in(again["login_url"]).status_code == 422
    account.refresh_from_db()
    assert account.status == AccountStatus.INVALID
