"""Many at once, where only one may win."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections, transaction

from accounts.models import User
from accounts.tests.factories import UserFactory
from config.http.problems import ProblemError
from events.tests.threads import threads
from tests.racing import at_once, sessions_that_wait
from tests.waiting import wait_until
from trading.brokers.base import BrokerCredentials
from trading.errors import AccountNotUsableError
from trading.models import (
    AccountStatus,
    BrokerSession,
    CredentialStatus,
    Membership,
    MembershipStatus,
    OwnershipTransfer,
    TradingAccount,
    TransferStatus,
)
from trading.services import (
    handover,
    invitations,
    login,
    ownership,
    rotation,
    transitions,
    unlinking,
)
from trading.tests.conftest import TraderFactory
from trading.tests.factories import MembershipFactory, active_account

pytestmark = pytest.mark.django_db(transaction=True)


def answers_to(*tasks: Callable[[], Any]) -> list[Any]:
    """What each task returned, or the slug of the problem that it raised; all begin together."""
    return [
        outcome.slug if isinstance(outcome, ProblemError) else outcome
        for outcome in at_once(*tasks)
    ]


def while_it_changes_hands(account: TradingAccount, heir: User, work: Callable[[], Any]) -> Any:
    """What `work` returns, which waits for the account until `heir` owns it."""
    with threads(1) as others:
        with transaction.atomic():
            held = transitions.locked(account.pk)
            waiting = others.run(work)
            wait_until(lambda: sessions_that_wait() == 1, "the other waits")
            held.owner = heir
            held.save()
        return waiting.result()


def parameters(someone: Any, login_url: str) -> dict[str, Any]:
    return {
        "broker_name": "kite",
        "state": someone.state_of(login_url),
        "request_token": someone.control.grant_request_token(
            api_key=someone.app.api_key, user_id=someone.broker_user.user_id
        ),
    }


@pytest.fixture(autouse=True)
def no_thread_keeps_a_connection() -> Iterator[None]:
    yield
    connections.close_all()


def test_one_of_many_callbacks_with_one_state_gets_through(trader: TraderFactory) -> None:
    someone = trader()
    brought = parameters(someone, someone.link().json()["login_url"])
    outcomes = answers_to(*[lambda: login.complete(**brought).status] * 8)
    assert sorted(outcomes) == ["active"] + ["broker-login-state-invalid"] * 7
    assert len(someone.control.journal(path="/session/token")) == 1
    assert BrokerSession.objects.count() == 1


def test_one_of_two_people_who_link_the_same_broker_user_wins(trader: TraderFactory) -> None:
    one = trader()
    other = trader(broker_user=one.broker_user)
    tasks = [parameters(who, who.link().json()["login_url"]) for who in (one, other)]
    outcomes = answers_to(*[lambda task=task: login.complete(**task).status for task in tasks])
    assert sorted(outcomes) == ["active", "broker-user-taken"]
    assert sorted(account.status for account in TradingAccount.objects.all()) == [
        AccountStatus.ACTIVE,
        AccountStatus.PENDING_LOGIN,
    ]
    assert [entry.method for entry in one.control.journal(path="/session/token")] == ["POST"] * 2


def test_two_logins_at_once_leave_one_session(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    url = f"/v1/trading-accounts/{account.public_id}/login"
    tasks = [parameters(someone, someone.api.post(url).json()["login_url"]) for _ in range(4)]
    outcomes = answers_to(*[lambda task=task: login.complete(**task).status for task in tasks])
    assert outcomes == ["active"] * 4
    assert BrokerSession.objects.live().filter(account=account).count() == 1


def test_a_login_and_an_unlinking_at_once_leave_nothing_behind(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    url = f"/v1/trading-accounts/{account.public_id}/login"
    brought = parameters(someone, someone.api.post(url).json()["login_url"])
    answers_to(
        lambda: login.complete(**brought),
        lambda: unlinking.unlink(account_id=account.pk, owner_id=account.owner_id),
    )
    account.refresh_from_db()
    assert account.status == AccountStatus.UNLINKED
    assert not BrokerSession.objects.live().filter(account=account).exists()


def test_many_unlinkings_at_once_are_one(trader: TraderFactory) -> None:
    account = trader().linked()
    outcomes = answers_to(
        *[lambda: unlinking.unlink(account_id=account.pk, owner_id=account.owner_id)] * 4
    )
    assert sorted(str(outcome) for outcome in outcomes) == [
        "None",
        *["trading-account-not-usable"] * 3,
    ]


def test_an_invitation_is_accepted_by_one_of_many_clicks(db: None) -> None:
    account, guest = active_account(), UserFactory.create()
    invitation = invitations.invite(
        account=account, granted_by=account.owner, email=guest.email, permissions=["read"]
    )
    outcomes = answers_to(
        *[
            lambda: invitations.accept(membership_id=invitation.pk, user=guest).status,
            lambda: invitations.decline(membership_id=invitation.pk, user=guest).status,
        ]
        * 3
    )
    assert outcomes.count("not-found") == 5
    assert Membership.objects.get().status in {MembershipStatus.ACTIVE, MembershipStatus.DECLINED}


def test_an_offer_is_accepted_by_one_of_many_clicks_or_taken_back(simulator: Any) -> None:
    member = MembershipFactory.create(account=active_account())
    account, owner = member.account, member.account.owner
    transfer = ownership.offer(account=account, offered_by=owner, membership_id=member.pk)
    outcomes = answers_to(
        *[lambda: handover.accept(transfer_id=transfer.pk, user=member.user).owner] * 3,
        *[lambda: ownership.withdraw(account=account).status] * 2,
        lambda: ownership.decline(transfer_id=transfer.pk, user=member.user).status,
    )
    assert outcomes.count("not-found") == 5
    account.refresh_from_db()
    transfer.refresh_from_db()
    assert (account.owner == member.user) == (transfer.status == TransferStatus.ACCEPTED)
    owners = {account.owner_id, *account.memberships.standing().values_list("user_id", flat=True)}
    assert len(owners) == (1 if account.owner == member.user else 2)


def test_an_unlinking_and_a_transfer_at_once_are_one_after_the_other(simulator: Any) -> None:
    member = MembershipFactory.create(account=active_account())
    account, owner = member.account, member.account.owner
    transfer = ownership.offer(account=account, offered_by=owner, membership_id=member.pk)
    _, unlinked = answers_to(
        lambda: handover.accept(transfer_id=transfer.pk, user=member.user).owner,
        lambda: unlinking.unlink(account_id=account.pk, owner_id=owner.pk),
    )
    account.refresh_from_db()
    assert (account.status, account.owner, unlinked) in (
        (AccountStatus.UNLINKED, owner, None),
        (AccountStatus.REAUTH_REQUIRED, member.user, "not-found"),
    )
    assert not BrokerSession.objects.live().exists()
    assert not OwnershipTransfer.objects.standing().exists()


@pytest.mark.parametrize("change", ["unlink", "credentials"])
def test_what_the_former_owner_asked_for_does_not_befall_the_new_one(
    trader: TraderFactory, change: str
) -> None:
    """They were let in as the owner, and waited for the account while it changed hands."""
    someone = trader()
    account, heir = someone.linked(), UserFactory.create()
    url = f"/v1/trading-accounts/{account.public_id}"
    new = {"credentials": someone.credentials()}

    def ask() -> int:
        if change == "unlink":
            return int(someone.api.delete(url).status_code)
        return int(someone.api.post(f"{url}/rotate-credentials", new, format="json").status_code)

    assert while_it_changes_hands(account, heir, ask) == 404
    account.refresh_from_db()
    assert (account.owner, account.status) == (heir, AccountStatus.ACTIVE)
    assert not account.credential_versions.pending().exists()


def test_whoever_waited_for_an_account_finds_it_under_its_new_owner() -> None:
    account, heir = active_account(), UserFactory.create()

    def owner() -> str:
        with transaction.atomic():
            return transitions.locked(account.pk).owner.public_id

    assert while_it_changes_hands(account, heir, owner) == heir.public_id


def test_many_offers_at_once_are_one(db: None) -> None:
    account = active_account()
    tasks = [
        lambda member=member: (
            ownership.offer(
                account=account, offered_by=account.owner, membership_id=member.pk
            ).status
        )
        for member in MembershipFactory.create_batch(4, account=account)
    ]
    assert sorted(answers_to(*tasks)) == ["offered"] + ["ownership-offered"] * 3


def test_a_login_of_the_former_owner_that_was_on_its_way_does_not_come_through(
    trader: TraderFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = trader()
    account = someone.linked()
    member = MembershipFactory.create(account=account)
    transfer = ownership.offer(
        account=account, offered_by=someone.user, membership_id=member.pk, keeps=["manage"]
    )
    begun = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()["login_url"]
    exchanged = login._exchanged

    def slowly(*args: Any) -> Any:
        answer = exchanged(*args)
        handover.accept(transfer_id=transfer.pk, user=member.user)
        return answer

    monkeypatch.setattr(login, "_exchanged", slowly)
    with pytest.raises(AccountNotUsableError, match="another owner"):
        login.complete(**parameters(someone, begun))
    account.refresh_from_db()
    assert account.status == AccountStatus.REAUTH_REQUIRED
    assert not BrokerSession.objects.live().exists()


def test_many_invitations_of_one_address_at_once_are_one(db: None) -> None:
    account = active_account()
    outcomes = answers_to(
        *[
            lambda: (
                invitations.invite(
                    account=account,
                    granted_by=account.owner,
                    email="guest@example.com",
                    permissions=["read"],
                ).status
            )
        ]
        * 5
    )
    assert sorted(outcomes) == ["invited"] + ["membership-exists"] * 4


def test_many_rotations_at_once_leave_one_to_be_proven(db: None) -> None:
    account = active_account()
    pair = BrokerCredentials(api_key="another-key", api_secret="another-secret")
    answers_to(
        *[lambda: rotation.begin(account=account, user=account.owner, credentials=pair).login_url]
        * 4
    )
    statuses = list(account.credential_versions.order_by("number").values_list("status", flat=True))
    assert statuses == [
        CredentialStatus.CURRENT,
        *[CredentialStatus.RETIRED] * 3,
        CredentialStatus.PENDING,
    ]
