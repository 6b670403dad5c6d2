"""A password that staff took away: it opens nothing, and its person chooses another."""

import re
from typing import Any

import pytest
from django.core import mail

from accounts.errors import StatusTransitionError
from accounts.models import User
from accounts.models.user import UserStatus
from accounts.services import required_password
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD, UserFactory
from audit.models import AuthEvent
from config.telemetry import planted_secrets
from events.models import OutboxEvent

pytestmark = pytest.mark.django_db
NEW = "seven quiet rivers run"


def test_the_old_password_opens_nothing_and_a_new_one_does(
    sign_in: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    asha = sign_in()
    with django_capture_on_commit_callbacks(execute=True):
        assert required_password.require_new(user=asha.user, reason="found in a leak") == 1
    assert asha.client.get("/v1/users/me").status_code == 401
    login = {"email": asha.user.email, "password": PASSWORD}
    assert post(asha.client, "/v1/auth/login", login).status_code == 401
    assert mail.outbox[-1].subject == "Your account needs a new password"
    token = re.search(r"token=(\S+)", str(mail.outbox[-1].body))
    assert token
    planted_secrets.add(token[1], NEW)
    chosen = post(asha.client, "/v1/auth/password/reset", {"token": token[1], "new_password": NEW})
    assert chosen.status_code == 200, chosen.content
    assert post(asha.client, "/v1/auth/login", login | {"password": NEW}).status_code == 200


def test_the_trail_has_the_reason_and_receivers_hear_of_a_changed_password(sign_in: SignIn) -> None:
    asha = sign_in()
    required_password.require_new(user=asha.user, reason="found in a leak")
    row = AuthEvent.objects.get(event_type="account.password.change_required")
    assert (row.subject_user_id, row.metadata["reason"]) == (asha.user.public_id, "found in a leak")
    told = OutboxEvent.objects.get(event_type="user.credentials.changed.v1")
    assert told.data["credential"] == "password"
    assert "reason" not in told.data


@pytest.mark.parametrize("state", [UserStatus.SUSPENDED, UserStatus.DEACTIVATED])
def test_of_an_account_that_is_shut_nothing_is_taken(state: UserStatus) -> None:
    user: User = UserFactory.create(status=state, password="x")
    before = user.password
    with pytest.raises(StatusTransitionError):
        required_password.require_new(user=user, reason="late")
    user.refresh_from_db()
    assert user.password == before
    assert not AuthEvent.objects.filter(event_type="account.password.change_required").exists()
