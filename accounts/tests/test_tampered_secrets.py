"""A TOTP secret or a signing key that was altered or moved: nobody gets in by it, and it is told."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import SigningKey
from accounts.services import access_tokens
from accounts.tests.conftest import SignIn, post
from accounts.tests.factories import PASSWORD
from accounts.tests.second_factor import code_of, enrol
from audit.models import AuthEvent
from mfa.models import TotpDevice

pytestmark = pytest.mark.django_db


def told() -> list[str]:
    rows = AuthEvent.objects.filter(event_type="vault.open_failed")
    return [row.metadata["reason"] for row in rows]


def verify(asha: Any, code: str) -> Any:
    body = {"email": asha.user.email, "password": PASSWORD}
    challenge = post(APIClient(), "/v1/auth/login", body).json()
    return post(
        APIClient(), "/v1/auth/mfa/verify", {"mfa_token": challenge["mfa_token"], "code": code}
    )


def test_another_person_s_totp_secret_in_one_s_own_row_lets_nobody_in(sign_in: SignIn) -> None:
    mallory, asha = sign_in(), sign_in()
    secret = enrol(mallory)
    enrol(asha)
    sealed = TotpDevice.objects.get(user=mallory.user).secret
    TotpDevice.objects.filter(user=asha.user).update(secret=sealed)

    answer = verify(asha, code_of(secret, steps=1))

    assert answer.status_code == 500
    assert answer.json()["type"].endswith("/errors/secret-unreadable")
    assert told() == ["other_subject"]


def test_an_altered_totp_secret_lets_nobody_in(sign_in: SignIn) -> None:
    asha = sign_in()
    secret = enrol(asha)
    device = TotpDevice.objects.get(user=asha.user)
    sealed = bytearray(device.secret)
    sealed[-1] ^= 1
    TotpDevice.objects.filter(pk=device.pk).update(secret=bytes(sealed))

    answer = verify(asha, code_of(secret, steps=1))

    assert answer.status_code == 500
    assert secret not in answer.content.decode()
    assert told() == ["refused"]


def test_an_altered_signing_key_signs_nothing(sign_in: SignIn) -> None:
    asha = sign_in()
    key = SigningKey.objects.get(state="active")
    sealed = bytearray(key.sealed_private_key)
    sealed[40] ^= 1
    SigningKey.objects.filter(pk=key.pk).update(sealed_private_key=bytes(sealed))
    access_tokens._private_key.cache_clear()

    answer = post(APIClient(), "/v1/auth/login", {"email": asha.user.email, "password": PASSWORD})

    assert answer.status_code == 500
    assert answer.json()["type"].endswith("/errors/secret-unreadable")
    assert told() == ["refused"]
