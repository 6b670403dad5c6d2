"""People are found by part of what one knows, and by whole identifiers of theirs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session, User
from accounts.models.session import SignInMethod
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.console.conftest import AtConsole
from accounts.tests.factories import UserFactory
from authz.services.roles import grant_role
from mfa.tests.factories import a_passkey
from trading.models import AccountStatus
from trading.services.activation import broker_user_hash
from trading.tests.factories import TradingAccountFactory, active_account

pytestmark = pytest.mark.django_db
PEOPLE = reverse("admin:accounts_user_changelist")


@pytest.fixture
def asha() -> User:
    user: User = UserFactory.create(
        name="Asha Rao", email="asha.rao@example.com", phone="+919876543210"
    )
    UserFactory.create(name="Ravi Iyer", email="ravi@example.com", phone="+919811122233")
    return user


def found(text: str) -> list[str]:
    return sorted(User.objects.search(text).values_list("name", flat=True))


@pytest.mark.parametrize(
    "text",
    [
        "98765",
        "43210",
        "765 43",
        "98765-43210",
        "+91 98765",
        "asha",
        "ASHA",
        "a Rao",
        "rao@ex",
        " Rao ",
    ],
)
def test_by_a_part(asha: User, text: str) -> None:
    assert found(text) == ["Asha Rao"]


@pytest.mark.parametrize(
    ("text", "names"), [("As", ["Asha Rao"]), ("ao", []), ("91", []), ("43210x", [])]
)
def test_short_parts_are_beginnings_and_letters_are_no_phone(
    asha: User, text: str, names: list[str]
) -> None:
    assert found(text) == names


def test_by_whole_ids_of_what_is_theirs(asha: User) -> None:
    session = sessions.begin(user=asha, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device())
    account = active_account(owner=asha)
    account.broker_user_hash = broker_user_hash("kite", "AB1234")
    account.save()
    for text in (asha.public_id, session.public_id, account.public_id, "AB1234", "ab1234"):
        assert found(text) == ["Asha Rao"], text
    for text in ("AB123", "B1234", TradingAccountFactory.build().public_id):
        assert found(text) == [], text


def test_a_broker_user_of_an_account_that_is_unlinked_is_nobodys(asha: User) -> None:
    account = active_account(owner=asha)
    account.broker_user_hash = broker_user_hash("kite", "AB1234")
    account.status = AccountStatus.UNLINKED
    account.save()
    assert found("AB1234") == []


def test_a_part_is_looked_up_in_the_index(asha: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for text in ("543210", "sha R", "As"):
            plan = User.objects.search(text).order_by().explain()
            assert "user_by_parts" in plan, plan
            assert "Seq Scan" not in plan, plan


def listed(browser: Client, **filters: str) -> str:
    return browser.get(PEOPLE, filters).content.decode()


def test_the_list_is_narrowed_by_role_factor_and_when_they_were_seen(
    at_console: AtConsole, asha: User
) -> None:
    now = timezone.now()
    grant_role(user=asha, role="trader", granted_by=None, reason="test")
    a_passkey(asha)
    sessions.begin(user=asha, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device())
    User.objects.filter(name="Ravi Iyer").update(last_login=now - timedelta(days=100))
    browser = at_console("support")
    for filters, names in (
        ({"role": "trader"}, {"Asha Rao"}),
        ({"factor": "passkey"}, {"Asha Rao"}),
        ({"factor": "app"}, set()),
        ({"factor": "none"}, {"Ravi Iyer"}),
        ({"seen": "7"}, {"Asha Rao"}),
        ({"seen": "not-90"}, {"Ravi Iyer"}),
        ({"seen": "never"}, set()),
        ({"seen": "nonsense"}, {"Asha Rao", "Ravi Iyer"}),
    ):
        page = listed(browser, **filters)
        assert {name for name in ("Asha Rao", "Ravi Iyer") if name in page} == names, filters


def test_whoever_uses_an_old_session_was_seen(asha: User) -> None:
    long_ago = timezone.now() - timedelta(days=60)
    sessions.begin(user=asha, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device())
    User.objects.filter(pk=asha.pk).update(last_login=long_ago)
    yesterday = timezone.now() - timedelta(days=2)
    known: Any = User.objects.filter(pk=asha.pk).with_last_seen().get()
    assert known.last_seen > yesterday
    assert User.objects.seen_since(yesterday).filter(pk=asha.pk).exists()
    assert not User.objects.unseen_since(yesterday).filter(pk=asha.pk).exists()
    Session.objects.update(last_active_at=long_ago)
    assert User.objects.unseen_since(yesterday).filter(pk=asha.pk).exists()
