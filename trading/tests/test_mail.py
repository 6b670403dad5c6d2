"""An invitation arrives, if there is anybody to read it."""

from typing import Any

import pytest
from django.core import mail

from accounts.models.user import UserStatus
from accounts.tests.factories import UserFactory
from trading.models import Membership
from trading.services import handover, ownership
from trading.tasks import send_invitation_mail
from trading.tests.factories import (
    MembershipFactory,
    OwnershipTransferFactory,
    active_account,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_policies")]


def invite(api: Any, email: str, callbacks: Any) -> Membership:
    account = active_account(nickname="Pension")
    with callbacks(execute=True):
        answer = api(account.owner).post(
            f"/v1/trading-accounts/{account.public_id}/memberships",
            {"email": email, "permissions": ["read"]},
            format="json",
        )
    assert answer.status_code == 201
    return Membership.objects.get(account=account)


def test_the_invitee_is_told_who_shares_what(
    api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    guest = UserFactory.create()
    membership = invite(api, guest.email.upper(), django_capture_on_commit_callbacks)
    (message,) = mail.outbox
    assert message.to == [guest.email]
    for word in ("Pension", membership.account.owner.name, "/accounts/sharing"):
        assert word in message.body
    assert "Pension" in html_of(message)


def test_an_invitation_that_is_over_is_not_mailed(
    api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    guest = UserFactory.create()
    membership = invite(api, guest.email, django_capture_on_commit_callbacks)
    api(guest).post(f"/v1/memberships/{membership.public_id}/decline")
    mail.outbox.clear()
    send_invitation_mail.delay(membership.public_id)
    assert mail.outbox == []


def test_an_address_without_an_account_is_asked_to_open_one(
    api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    membership = invite(api, "nobody@example.com", django_capture_on_commit_callbacks)
    (message,) = mail.outbox
    assert message.to == ["nobody@example.com"]
    assert membership.account.owner.name in message.body
    assert "/accounts/sign-up" in message.body
    for text in (message.body, html_of(message)):
        assert "Pension" not in text  # what the inviter calls things is not mailed to strangers


@pytest.mark.parametrize(
    "state", [UserStatus.PENDING_VERIFICATION, UserStatus.SUSPENDED, UserStatus.DEACTIVATED]
)
def test_an_account_that_cannot_be_used_gets_no_mail(
    api: Any, django_capture_on_commit_callbacks: Any, state: UserStatus
) -> None:
    guest = UserFactory.create(status=state)
    invite(api, guest.email, django_capture_on_commit_callbacks)
    assert mail.outbox == []


def test_both_sides_are_told_of_an_offer_and_of_a_transfer(
    simulator: Any, django_capture_on_commit_callbacks: Any
) -> None:
    member = MembershipFactory.create(account=active_account(nickname="Pension"))
    owner = member.account.owner
    with django_capture_on_commit_callbacks(execute=True):
        transfer = ownership.offer(
            account=member.account, offered_by=owner, membership_id=member.pk
        )
    assert told() == {
        member.user.email: "A trading account is offered to you",
        owner.email: "You have offered your trading account",
    }
    with django_capture_on_commit_callbacks(execute=True):
        handover.accept(transfer_id=transfer.pk, user=member.user)
    assert told() == {
        member.user.email: "A trading account is yours now",
        owner.email: "Your trading account has another owner",
    }


def test_the_owner_is_told_of_a_declined_offer(django_capture_on_commit_callbacks: Any) -> None:
    transfer = OwnershipTransferFactory.create()
    with django_capture_on_commit_callbacks(execute=True):
        ownership.decline(transfer_id=transfer.pk, user=transfer.membership.user)
    assert told() == {transfer.account.owner.email: "Your trading account stays yours"}


def told() -> dict[str, str]:
    """The subjects of the mails since the last look, by whom they went to; each links the page."""
    subjects = {}
    for message in mail.outbox:
        assert "/accounts/sharing" in message.body
        subjects[message.to[0]] = str(message.subject)
    mail.outbox.clear()
    return subjects


def html_of(message: Any) -> str:
    """The mail's other half."""
    [(content, kind)] = message.alternatives
    assert kind == "text/html"
    return str(content)
