"""Whatever a person's keys are limited to, they are limited to it when everything comes at once."""

from typing import Any

import pytest

from accounts.errors import TooManyApiKeysError
from accounts.models import ApiKey
from accounts.services import api_keys
from accounts.tests.factories import UserFactory
from audit.models import AuthEvent
from tests.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ready")]


def test_twenty_keys_at_once_are_no_more_than_may_be(environment: Any) -> None:
    environment(api_keys_per_person=3)
    user = UserFactory.create()

    outcomes = at_once(*[lambda: api_keys.create(user=user, name="robot", scopes=["me:read"])] * 20)

    assert sum(isinstance(outcome, api_keys.IssuedKey) for outcome in outcomes) == 3
    assert sum(isinstance(outcome, TooManyApiKeysError) for outcome in outcomes) == 17
    assert ApiKey.objects.for_user(user.pk).working().count() == 3


def test_a_key_is_revoked_once_however_often_it_is_asked_for() -> None:
    user = UserFactory.create()
    key = api_keys.create(user=user, name="robot", scopes=["me:read"]).key

    assert sum(at_once(*[lambda: api_keys.revoke(key=key)] * 20)) == 1
    assert AuthEvent.objects.filter(event_type="account.api_key.revoked").count() == 1
