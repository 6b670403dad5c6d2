"""Whose account is it? Every address with an id in it, tried by those who have no business there."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern

from accounts.tests.factories import UserFactory
from trading.api.urls import urlpatterns
from trading.models import AccountStatus
from trading.tests.factories import MembershipFactory, active_account

pytestmark = pytest.mark.django_db

FOR_SERVICES = {"trading-account-permission-check", "trading-account-credentials"}
METHODS = ("get", "post", "patch", "put", "delete")

BODIES: dict[str, dict[str, Any]] = {
    "trading-account": {"nickname": "Mine now"},
    "trading-account-rotate-credentials": {
        "credentials": {"api_key": "abcdef", "api_secret": "abcdef"}
    },
    "trading-account-memberships": {"email": "x@example.com", "permissions": ["read"]},
    "trading-account-membership": {"permissions": ["manage"]},
}


def doors() -> Iterator[tuple[URLPattern, str]]:
    """Each address with an id, and each method that it knows: a new endpoint is here by itself."""
    for pattern in urlpatterns:
        if "_id>" not in str(pattern.pattern):
            continue
        view = pattern.callback.view_class  # type: ignore[attr-defined]
        for method in METHODS:
            if hasattr(view, method):
                yield pattern, method


def knock(client: Any, pattern: URLPattern, method: str, **ids: str) -> Any:
    path = "/v1/" + str(pattern.pattern)
    for name, value in ids.items():
        path = path.replace(f"<str:{name}>", value)
    return getattr(client, method)(path, BODIES.get(str(pattern.name), {}), format="json")


@pytest.mark.parametrize(
    ("pattern", "method"), [pytest.param(p, m, id=f"{m} {p.pattern}") for p, m in doors()]
)
class TestEveryDoor:
    def test_a_stranger_learns_nothing(self, api: Any, pattern: URLPattern, method: str) -> None:
        guest = MembershipFactory.create(account=active_account())
        stranger = api(UserFactory.create(), acr="mfa")
        answer = knock(
            stranger,
            pattern,
            method,
            account_id=guest.account.public_id,
            membership_id=guest.public_id,
        )
        assert answer.status_code == (403 if pattern.name in FOR_SERVICES else 404)
        guest.account.refresh_from_db()
        guest.refresh_from_db()
        assert (guest.account.status, guest.status) == (AccountStatus.ACTIVE, "active")

    def test_nobody_at_all_is_asked_who_they_are(
        self, api: Any, pattern: URLPattern, method: str
    ) -> None:
        account = active_account()
        answer = knock(api(), pattern, method, account_id=account.public_id, membership_id="mem_x")
        assert answer.status_code == 401

    def test_a_service_without_the_scope_is_refused(
        self, api: Any, pattern: URLPattern, method: str
    ) -> None:
        account = active_account()
        answer = knock(
            api(service="ticker", scopes={"events:read"}),
            pattern,
            method,
            account_id=account.public_id,
            membership_id="mem_x",
        )
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        pytest.param(p, m, id=f"{m} {p.pattern}")
        for p, m in doors()
        if p.name not in FOR_SERVICES and m != "get" and "account_id" in str(p.pattern)
        if p.name != "trading-account-sync"  # whoever may read it may refresh it
    ],
)
def test_a_reading_member_changes_nothing(api: Any, pattern: URLPattern, method: str) -> None:
    guest = MembershipFactory.create(account=active_account())
    other = MembershipFactory.create(account=guest.account)
    answer = knock(
        api(guest.user, acr="mfa"),
        pattern,
        method,
        account_id=guest.account.public_id,
        membership_id=other.public_id,
    )
    assert answer.status_code == 403
