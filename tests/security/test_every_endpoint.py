"""Every endpoint, tried by those who have no business there. What is open to all is listed here."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.models.session import SignInMethod
from accounts.services import api_keys, sessions, signing_keys, tokens
from accounts.services.sessions import Device
from accounts.tests.factories import UserFactory
from audit.tests.factories import AuthEventFactory, an_export
from authz.models import Policy
from authz.tests import shipped_rules
from config.jobs.tests.factories import JobFactory
from events.tests.webhooks.making import a_delivery
from mfa.models import Passkey
from mfa.tests.factories import a_passkey
from tests.security.addresses import Address, addresses
from trading.tests.factories import (
    MembershipFactory,
    OwnershipTransferFactory,
    active_account,
)

pytestmark = pytest.mark.django_db

# Whom these are for is in the body, in a cookie, or nobody in particular.
OPEN = {
    "/v1/schema",
    "/v1/docs",
    "/v1/.well-known/jwks.json",
    "/v1/audit/keys",
    "/v1/events/asyncapi",
    "/v1/events/schemas",
    "/v1/events/schemas/<str:full_type>",
    "/v1/auth/register",
    "/v1/auth/email/verify",
    "/v1/auth/email/verify/resend",
    "/v1/auth/email/change/confirm",
    "/v1/auth/login",
    "/v1/auth/reopen",
    "/v1/auth/mfa/options",
    "/v1/auth/google",
    "/v1/auth/google/callback",
    "/v1/auth/mfa/verify",
    "/v1/auth/passkey/options",
    "/v1/auth/passkey/login",
    "/v1/auth/refresh",
    "/v1/auth/password/reset-request",
    "/v1/auth/password/reset",
    "/v1/oauth/token",
    "/v1/oauth/introspect",
    "/v1/oauth/revoke",
    "/v1/trading-accounts/<str:broker>/callback",
}
REFUSED = {401, 405}


def send(address: Address, path: str, **headers: str) -> Any:
    request = getattr(Client(headers=headers), address.method)
    return request(path) if address.method == "get" else request(path, "{}", "application/json")


def bearer_of(user: User) -> str:
    """The header of somebody who has just proven a second factor."""
    session = sessions.begin(
        user=user, method=SignInMethod.PASSWORD, amr=("pwd", "otp"), device=Device()
    )
    return f"Bearer {tokens.first_pair(session).access_token}"


@pytest.fixture
def ready(db: None) -> None:
    shipped_rules.install()
    signing_keys.ensure_first()


@pytest.fixture
def of_somebody_else(ready: None) -> dict[str, str]:
    """An id for each parameter of an address, all of one person's things."""
    account = active_account()
    owner = account.owner
    a_passkey(owner)
    passkey = Passkey.objects.of(owner.pk).get()
    session = sessions.begin(
        user=owner, method=SignInMethod.PASSWORD, amr=("pwd",), device=Device()
    )
    return {
        "user_id": owner.public_id,
        "session_id": session.public_id,
        "passkey_id": passkey.public_id,
        "account_id": account.public_id,
        "membership_id": (member := MembershipFactory.create(account=account)).public_id,
        "transfer_id": OwnershipTransferFactory.create(membership=member).public_id,
        "job_id": JobFactory.create(owner_id=owner.public_id).public_id,
        "key_id": api_keys.create(user=owner, name="robot", scopes=["me:read"]).key.public_id,
        "policy_id": Policy.objects.live()[0].public_id,
        "number": "1",
        "name": "a-case",
        "entity_type": "record",
        "identifier": "record-1",
        "export_id": an_export(owner.public_id).public_id,
        "event_id": AuthEventFactory.create(subject_user_id=owner.public_id).public_id,
        "role": "admin",
        "webhook_id": (delivery := a_delivery()).webhook.public_id,
        "delivery_id": delivery.public_id,
    }


def those(wanted: Callable[[Address], bool]) -> Any:
    chosen = [address for address in addresses() if wanted(address)]
    return pytest.mark.parametrize("address", chosen, ids=str)


@those(lambda address: address.path not in OPEN)
def test_nobody_at_all_is_asked_who_they_are(address: Address) -> None:
    path = address.filled(dict.fromkeys(address.parameters, "some-id"))

    answer = send(address, path)

    assert answer.status_code in REFUSED, answer.content
    if answer.status_code == 401:
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer["Content-Type"] == "application/problem+json"


@those(lambda address: bool(address.parameters) and address.path not in OPEN)
def test_a_stranger_gets_nothing_of_somebody_elses(
    of_somebody_else: dict[str, str], address: Address
) -> None:
    stranger = bearer_of(UserFactory.create())

    answer = send(address, address.filled(of_somebody_else), Authorization=stranger)

    assert answer.status_code in {403, 404, 405}, answer.content
    for value in of_somebody_else.values():
        assert value not in answer.json().get("detail", "")


def test_what_is_said_to_be_open_exists() -> None:
    assert {address.path for address in addresses()} >= OPEN
