"""An invitation arrives, if there is anybody to read it."""

from typing import Any

import pytest
from django.core import mail

from accounts.tests.factories import UserFactory
from trading.models import Membership
from trading.tasks import send_invitation_mail
from trading.tests.factories import active_account

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
    for word in ("Pension", membership.account.owner.name, membership.public_id):
        assert word in message.body


def test_an_invitation_that_is_over_is_not_mailed(
    api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    guest = UserFactory.create()
    membership = invite(api, guest.email, django_capture_on_commit_callbacks)
    api(guest).post(f"/v1/memberships/{membership.public_id}/decline")
    mail.outbox.clear()
    send_invitation_mail.delay(membership.public_id)
    assert mail.outbox == []


def test_an_address_without_an_account_gets_no_mail(
    api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    invite(api, "nobody@example.com", django_capture_on_commit_callbacks)
    assert mail.outbox == []
