"""What the database itself does not take."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from trading.models import (
    AccountStatus,
    BrokerSession,
    CredentialStatus,
    CredentialVersion,
    Membership,
    TradingAccount,
)
from trading.tests.factories import (
    BrokerSessionFactory,
    CredentialVersionFactory,
    MembershipFactory,
    TradingAccountFactory,
    active_account,
)

pytestmark = pytest.mark.django_db


def refused(constraint: str, change: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        change()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("account_status_known", {"status": "fine"}),
        ("account_broker_known", {"broker": "nobody"}),
        ("account_has_a_nickname", {"nickname": ""}),
        ("account_active_is_linked", {"linked_at": None}),
        ("account_active_is_linked", {"broker_user_hash": None}),
        ("account_active_is_linked", {"reauth_by": None}),
    ],
)
def test_an_account_holds_together(constraint: str, values: dict[str, Any]) -> None:
    account = TradingAccount.objects.filter(pk=active_account().pk)
    refused(constraint, lambda: account.update(**values))


def test_a_broker_user_is_linked_once_until_it_is_unlinked() -> None:
    first = active_account()
    second = TradingAccount.objects.filter(pk=TradingAccountFactory.create().pk)
    taken = {"broker_user_hash": first.broker_user_hash}
    refused("account_broker_user_linked_once", lambda: second.update(**taken))
    TradingAccount.objects.filter(pk=first.pk).update(status=AccountStatus.UNLINKED)
    assert second.update(**taken) == 1


@pytest.mark.parametrize("status", [CredentialStatus.CURRENT, CredentialStatus.PENDING])
def test_there_is_one_version_of_a_kind_at_a_time(status: CredentialStatus) -> None:
    account = TradingAccountFactory.create()
    proven = timezone.now() if status == CredentialStatus.CURRENT else None
    CredentialVersionFactory.create(account=account, number=1, status=status, proven_at=proven)
    refused(
        f"credential_one_{status.value}",
        lambda: CredentialVersionFactory.create(
            account=account, number=2, status=status, proven_at=proven
        ),
    )


@pytest.mark.parametrize(
    "values",
    [
        {"status": CredentialStatus.CURRENT},  # not proven
        {"secret": None},
        {"status": CredentialStatus.RETIRED, "retired_at": timezone.now()},  # keeps its secret
        {"status": "lost"},
    ],
)
def test_a_version_has_what_its_status_says(values: dict[str, Any]) -> None:
    version = CredentialVersion.objects.filter(pk=CredentialVersionFactory.create().pk)
    refused("credential_fields_fit_status", lambda: version.update(**values))


def test_an_account_has_one_live_session() -> None:
    account = active_account()
    refused("broker_session_one_live", lambda: BrokerSessionFactory.create(account=account))


@pytest.mark.parametrize(
    "values",
    [{"ended_at": timezone.now()}, {"access_token": None}, {"end_reason": "expired"}],
)
def test_an_ended_session_has_no_token_and_a_live_one_has(values: dict[str, Any]) -> None:
    session = BrokerSession.objects.filter(account=active_account())
    refused("broker_session_fields_fit", lambda: session.update(**values))


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("membership_permissions_known", {"permissions": ["own"]}),
        ("membership_permissions_known", {"permissions": []}),
        ("membership_status_known", {"status": "perhaps", "ended_at": timezone.now()}),
        ("membership_fields_fit_status", {"user": None}),
        ("membership_fields_fit_status", {"ended_at": timezone.now()}),
        ("membership_fields_fit_status", {"status": "revoked"}),
        ("membership_fields_fit_status", {"status": "invited"}),
    ],
)
def test_a_membership_holds_together(constraint: str, values: dict[str, Any]) -> None:
    membership = Membership.objects.filter(pk=MembershipFactory.create().pk)
    refused(constraint, lambda: membership.update(**values))


def test_somebody_is_a_member_of_an_account_once() -> None:
    guest = MembershipFactory.create()
    refused(
        "membership_once_per_member",
        lambda: MembershipFactory.create(account=guest.account, user=guest.user),
    )
