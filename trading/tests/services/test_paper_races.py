"""One request token, many who bring it."""

import pytest

from accounts.tests.factories import UserFactory
from tests.racing import at_once
from trading.models import PaperProfile, PaperSession
from trading.paper import back_office
from trading.paper.back_office import BackOffice, Redeemed, TokenUnknownError

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_request_token_is_redeemed_by_one_of_many() -> None:
    person, key = UserFactory.create(), back_office.new_key()
    secret = back_office.secret_of(key)
    token = back_office.confirm(person=person, api_key=key)

    def redeem() -> Redeemed:
        return BackOffice().redeem(api_key=key, api_secret=secret, request_token=token)

    outcomes = at_once(*[redeem] * 6)
    assert sum(isinstance(outcome, Redeemed) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, TokenUnknownError) for outcome in outcomes) == 5


def test_a_person_has_one_profile_however_many_ask_at_once() -> None:
    person = UserFactory.create()
    at_once(*[lambda: back_office.confirm(person=person, api_key=back_office.new_key())] * 6)
    assert PaperProfile.objects.count() == 1
    assert PaperSession.objects.count() == 6
