"""The key service is away: nobody gets in by less than was asked, nobody is blamed, and it passes by itself."""

from typing import Any
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from accounts.models import Session
from accounts.services import access_tokens
from accounts.services.service_clients import IssuedSecret, create
from accounts.tests.conftest import SignedIn, SignIn, post
from accounts.tests.factories import PASSWORD
from accounts.tests.second_factor import add_passkey, code_of, enrol
from config.vault import mac
from config.vault.tests.outage import KeyService, assert_vault_unavailable
from mfa.models import TotpDevice

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha(sign_in: SignIn) -> SignedIn:
    return sign_in()


@pytest.fixture
def ticker() -> IssuedSecret:
    return create(name="ticker", client_id="ticker", scopes=["authz:check"])


def challenge(asha: SignedIn) -> str:
    body = {"email": asha.user.email, "password": PASSWORD}
    return str(post(APIClient(), "/v1/auth/login", body).json()["mfa_token"])


def sign_in_again(asha: SignedIn) -> str:
    body = {"email": asha.user.email, "password": PASSWORD}
    return str(post(APIClient(), "/v1/auth/login", body).json()["refresh_token"])


def verify(mfa_token: str, code: str) -> Any:
    return post(APIClient(), "/v1/auth/mfa/verify", {"mfa_token": mfa_token, "code": code})


def ask_for_a_token(ticker: IssuedSecret) -> Any:
    body = {
        "grant_type": "client_credentials",
        "client_id": "ticker",
        "client_secret": ticker.secret,
    }
    form = "application/x-www-form-urlencoded"
    return APIClient().post("/v1/oauth/token", urlencode(body), content_type=form)


def test_a_code_waits_for_the_key_service_and_is_good_afterwards(
    asha: SignedIn, key_service: KeyService
) -> None:
    secret = enrol(asha)
    token, code = challenge(asha), code_of(secret, steps=1)
    key_service.leave()

    assert_vault_unavailable(verify(token, code))
    assert_vault_unavailable(verify(token, code))

    assert TotpDevice.objects.get(user=asha.user).failures == 0
    assert Session.objects.live().count() == 1
    key_service.come_back()
    assert verify(token, code).status_code == 200


def test_nobody_enrols_a_secret_that_could_not_be_sealed(
    asha: SignedIn, key_service: KeyService
) -> None:
    key_service.leave()

    assert_vault_unavailable(post(asha.client, "/v1/mfa/totp/enroll", {}))

    assert not TotpDevice.objects.exists()
    key_service.come_back()
    assert enrol(asha)


def test_a_passkey_signs_in_all_the_same(asha: SignedIn, key_service: KeyService) -> None:
    phone = add_passkey(asha)
    key_service.leave()

    options = post(APIClient(), "/v1/auth/passkey/options", {}).json()["public_key"]
    answer = post(APIClient(), "/v1/auth/passkey/login", {"credential": phone.get(options)})

    assert answer.status_code == 200, answer.content
    assert access_tokens.verify(answer.json()["access_token"]).acr == "mfa"


def test_a_key_that_was_opened_goes_on_signing(
    asha: SignedIn, ticker: IssuedSecret, key_service: KeyService
) -> None:
    key_service.leave()

    answer = ask_for_a_token(ticker)

    assert answer.status_code == 200, answer.content
    assert access_tokens.verify(answer.json()["access_token"]).sub == "ticker"


def test_a_process_that_has_opened_no_key_signs_nothing_until_it_can(
    asha: SignedIn, ticker: IssuedSecret, key_service: KeyService
) -> None:
    access_tokens._private_key.cache_clear()
    key_service.leave()

    assert_vault_unavailable(ask_for_a_token(ticker))

    key_service.come_back()
    assert ask_for_a_token(ticker).status_code == 200


def test_nobody_is_signed_in_without_a_token(asha: SignedIn, key_service: KeyService) -> None:
    access_tokens._private_key.cache_clear()
    key_service.leave()
    credentials = {"email": asha.user.email, "password": PASSWORD}

    assert_vault_unavailable(post(APIClient(), "/v1/auth/login", credentials))

    assert Session.objects.live().count() == 1
    key_service.come_back()
    assert post(APIClient(), "/v1/auth/login", credentials).status_code == 200


def test_people_sign_in_and_sessions_are_renewed_all_the_same(
    asha: SignedIn, key_service: KeyService
) -> None:
    post(asha.client, "/v1/auth/refresh", {"refresh_token": sign_in_again(asha)})
    key_service.leave()

    answer = post(APIClient(), "/v1/auth/refresh", {"refresh_token": sign_in_again(asha)})

    assert answer.status_code == 200, answer.content


def test_a_process_that_begins_meanwhile_renews_sessions_once_the_key_service_is_back(
    asha: SignedIn, key_service: KeyService
) -> None:
    body = {"refresh_token": asha.refresh_token}
    mac._root.cache_clear()
    key_service.leave()

    assert_vault_unavailable(post(APIClient(), "/v1/auth/refresh", body))

    key_service.come_back()
    assert post(APIClient(), "/v1/auth/refresh", body).status_code == 200
