"""Whoever of the staff looks at a person, a broker account, a policy or the trail leaves a row there."""

from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from redis import ConnectionError as RedisIsAway

from accounts.models import User
from accounts.tests.conftest import SignIn
from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from audit.services import console_views
from audit.tests.factories import AuthEventFactory
from authz.models import Policy
from authz.tests import shipped_rules
from config import redis
from trading.tests.factories import TradingAccountFactory

pytestmark = pytest.mark.django_db
TRAIL = reverse("admin:audit_authevent_changelist")


def looks() -> list[tuple[str, str, str]]:
    rows = AuthEvent.objects.filter(event_type="console.viewed").order_by("occurred_at")
    return [(row.metadata["page"], row.metadata["object_id"], row.subject_user_id) for row in rows]


def claims() -> set[bytes]:
    return set(redis.client().scan_iter(redis.key("console-view", "*")))


def page_of(row: Any) -> str:
    options = row._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[row.pk])


def test_looks_at_people_accounts_policies_and_the_trail(at_console: AtConsole) -> None:
    shipped_rules.install()
    browser = at_console("support")
    asha: User = UserFactory.create()
    account = TradingAccountFactory.create(owner=asha)
    policy = Policy.objects.live()[0]
    event = AuthEventFactory.create(subject_user_id=asha.public_id)
    for row in (asha, account, policy, event):
        assert browser.get(page_of(row)).status_code == 200
    browser.get(TRAIL, {"q": asha.public_id})
    browser.get(TRAIL)
    assert looks() == [
        ("user", asha.public_id, asha.public_id),
        ("tradingaccount", account.public_id, asha.public_id),
        ("policy", policy.public_id, ""),
        ("authevent", event.public_id, asha.public_id),
        ("trail", asha.public_id, asha.public_id),
        ("trail", "all", ""),
    ]
    row = AuthEvent.objects.filter(event_type="console.viewed").latest("occurred_at")
    assert (row.actor_type, row.client_id, row.outcome) == ("user", "console", "success")
    assert row.actor_id.startswith("usr_")


def test_the_same_look_within_a_minute_is_one_row(at_console: AtConsole) -> None:
    asha: User = UserFactory.create()
    browser, other = at_console("support"), at_console("support")
    for _ in range(3):
        browser.get(page_of(asha))
    assert len(looks()) == 1
    other.get(page_of(asha))
    assert len(looks()) == 2
    browser.get(page_of(UserFactory.create()))
    assert len(looks()) == 3


def test_a_later_look_is_a_row_again(at_console: AtConsole) -> None:
    asha: User = UserFactory.create()
    browser = at_console("support")
    before = claims()
    browser.get(page_of(asha))
    (claim,) = claims() - before
    assert 0 < redis.client().ttl(claim) <= 60
    redis.client().delete(claim)  # its minute is over
    browser.get(page_of(asha))
    assert len(looks()) == 2


def test_what_is_not_there_or_not_shown_leaves_none(at_console: AtConsole) -> None:
    from uuid import uuid4

    asha: User = UserFactory.create()
    browser = at_console("support")
    browser.get(reverse("admin:accounts_user_change", args=[uuid4()]))
    at_console("trader").get(page_of(asha))
    Client().get(page_of(asha))
    assert looks() == []


def test_without_redis_every_look_is_a_row(
    at_console: AtConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha: User = UserFactory.create()
    browser = at_console("support")

    def away() -> Any:
        raise RedisIsAway

    with monkeypatch.context() as patch:
        patch.setattr(redis, "client", away)
        for _ in range(2):
            assert browser.get(page_of(asha)).status_code == 200
    assert len(looks()) == 2


def test_what_cannot_be_written_down_is_not_shown(
    at_console: AtConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha: User = UserFactory.create()
    browser = at_console("support")

    def full(_: Any) -> None:
        raise DatabaseError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(console_views, "emit", full)
        with pytest.raises(DatabaseError):
            browser.get(page_of(asha))
    assert looks() == []
    browser.get(page_of(asha))
    assert len(looks()) == 1


def test_a_person_is_not_told_who_looked(at_console: AtConsole, sign_in: SignIn) -> None:
    asha = sign_in()
    at_console("support").get(page_of(asha.user))
    assert len(looks()) == 1
    told = asha.client.get("/v1/users/me/activity").json()["results"]
    assert "auth.login.succeeded" in {row["event_type"] for row in told}
    assert "console.viewed" not in {row["event_type"] for row in told}
