"""How long sign-ins take is measured, by method, those that fail as well."""

import pytest
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

from accounts.tests.conftest import SignIn, post

pytestmark = pytest.mark.django_db


def measured(method: str) -> float:
    name = "gatehouse_sign_in_duration_seconds_count"
    return REGISTRY.get_sample_value(name, {"method": method}) or 0


def test_a_right_and_a_wrong_password_are_measured(sign_in: SignIn) -> None:
    before = measured("password")
    asha = sign_in()
    assert measured("password") == before + 1
    wrong = {"email": asha.user.email, "password": "not the password"}
    assert post(APIClient(), "/v1/auth/login", wrong).status_code == 401
    assert measured("password") == before + 2


def test_a_passkey_that_nobody_has_is_measured(ready: None) -> None:
    from accounts.errors import PasskeyRefusedError
    from accounts.services import passkey_sign_in
    from accounts.services.sessions import Device

    before = measured("passkey")
    credential = {"id": "bm9uZQ", "rawId": "bm9uZQ", "type": "public-key", "response": {}}
    with pytest.raises(PasskeyRefusedError):
        passkey_sign_in.log_in(credential=credential, device=Device(), answer=lambda _: None)
    assert measured("passkey") == before + 1
